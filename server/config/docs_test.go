package config

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of settings into the documentation and example files")

const docs = "../../docs/configuration.md"

// TestDocumentation keeps docs/configuration.md true: the part between its
// marks is the table.
func TestDocumentation(t *testing.T) {
	const begin, end = "<!-- settings: written by go test ./server/config -update -->\n", "<!-- end of settings -->"
	page := read(t, docs)
	before, rest, ok := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost its marks %q and %q", docs, begin, end)
	}
	same(t, docs, page, before+begin+markdown()+end+after)
}

// TestExamples keeps the example files true: every setting with its meaning
// and the profile's value.
func TestExamples(t *testing.T) {
	for _, env := range []string{Development, Production} {
		name := "../../build/deploy/" + env + ".env"
		content := example(env)
		if *update {
			writeFile(t, name, content)
		}
		same(t, name, read(t, name), content)
	}
}

// TestExamplesLoad starts from each example file as it stands.
func TestExamplesLoad(t *testing.T) {
	for _, env := range []string{Development, Production} {
		l := mustLoad(t, []string{"--config", "../../build/deploy/" + env + ".env"}, nil)
		c, err := l.Config()
		if err != nil || c.Env != env || len(l.Warnings()) > 0 {
			t.Errorf("%s: %v, environment %q, warnings %q", env, err, c.Env, l.Warnings())
		}
	}
}

// TestTableCoversConfig proves that each field of Config belongs to exactly one
// setting: none is unreachable and none is set twice.
func TestTableCoversConfig(t *testing.T) {
	sample := map[string]string{
		"RET_ENV": Production, "RET_ADDR": ":1", "RET_PUBLIC_URL": "https://a.example", "RET_METRICS_ADDR": ":2",
		"RET_TRUSTED_PROXIES": "10.0.0.0/8", "RET_LOG_LEVEL": "warn", "RET_LOG_FORMAT": "json", "RET_EMBED_URL": "https://b.example", "RET_CHAT_URL": "https://c.example",
	}
	owner := map[string]string{}
	for _, s := range settings {
		var c Config
		text := sample[s.Name]
		if text == "" {
			text = "77"
		}
		if err := s.bind(&c).set(text); err != nil {
			t.Fatalf("%s=%s: %v", s.Name, text, err)
		}
		for _, field := range changedFields(c) {
			if owner[field] != "" {
				t.Errorf("%s is set by %s and %s", field, owner[field], s.Name)
			}
			owner[field] = s.Name
		}
	}
	for f := range reflect.TypeFor[Config]().Fields() {
		if owner[f.Name] == "" {
			t.Errorf("no setting sets %s", f.Name)
		}
	}
}

func changedFields(c Config) []string {
	var names []string
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			names = append(names, v.Type().Field(i).Name)
		}
	}
	return names
}

func markdown() string {
	var b strings.Builder
	group := ""
	for _, s := range settings {
		if s.Group != group {
			group = s.Group
			fmt.Fprintf(&b, "\n### %s\n\n| name | flag | default | production | meaning |\n|---|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.Name, flagCell(s), defaultCell(s), or(s.Production, "the same"), s.Meaning)
	}
	return b.String() + "\n"
}

func flagCell(s Setting) string {
	if s.Flag() == "" {
		return "no: a secret"
	}
	return "`--" + s.Flag() + "`"
}

func defaultCell(s Setting) string {
	if strings.Contains(s.Default, " ") {
		return s.Default // in words
	}
	return or(s.Default, "none")
}

// example lists every setting. Those that a profile decides or that have a
// default stand as comments; an operator takes the mark away to change one.
func example(env string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Settings of RET for %s: ret serve --config build/deploy/%s.env\n# A line without # is set; the others show the default.\n", env, env)
	group := ""
	for _, s := range settings {
		if s.Group != group {
			group = s.Group
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		fmt.Fprintf(&b, "\n# %s\n%s\n", strings.ReplaceAll(s.Meaning, "`", ""), exampleLine(s, env))
	}
	return b.String()
}

func exampleLine(s Setting, env string) string {
	switch {
	case s.Name == "RET_ENV":
		return "RET_ENV=" + env
	case s.Name == "RET_PUBLIC_URL" && env == Production:
		return "RET_PUBLIC_URL=https://ret.example.org"
	case env == Production && s.Production != "":
		return "#" + s.Name + "=" + s.Production
	case s.compute != nil:
		return "#" + s.Name + "=  (" + s.Default + ")"
	default:
		return "#" + s.Name + "=" + s.Default
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return "`" + s + "`"
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// same compares, or with -update writes.
func same(t *testing.T, name, have, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have != want {
		t.Errorf("%s is not what the table says; run: go test ./server/config -update", name)
	}
}
