package work

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"ret/shared/convert"
	"ret/web/page"
	"ret/web/view"
)

// everyOption has every option, and none as it usually is.
func everyOption(t *testing.T) (o convert.Options, names []string) {
	t.Helper()
	text := map[string]string{"Record": "//row", "Format": "xlsx", "Delimiter": "tab"}
	v := reflect.ValueOf(&o).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "layouts" {
			continue
		}
		names = append(names, name)
		switch field := v.Field(i); field.Kind() {
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Int:
			field.SetInt(3)
		case reflect.String:
			field.SetString(text[v.Type().Field(i).Name])
		default:
			field.Set(reflect.ValueOf([]string{"tag@k=@v", "a b@k=#text"}))
		}
	}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	return o, names
}

// Every option has a field in both forms, and comes back from them as it was.
func TestFormsHaveEveryOption(t *testing.T) {
	options, names := everyOption(t)
	shown := view.Options(options)
	back, err := OptionsOfFields(shown.LookFields())
	if err != nil || !reflect.DeepEqual(back, options) {
		t.Errorf("through the form's fields %+v becomes %+v, %v", options, back, err)
	}
	forms := map[string]string{
		"the upload":     rendered(t, page.Workbench(page.Frame{}, page.WorkbenchView{Options: shown})),
		"the look first": rendered(t, page.Look(page.Frame{}, page.LookView{Options: shown, Looked: &page.Inspection{}})),
	}
	for form, html := range forms {
		for _, name := range names {
			if !strings.Contains(html, `name="`+name+`"`) {
				t.Errorf("%s has no field %s", form, name)
			}
		}
	}
}

func rendered(t *testing.T, c templ.Component) string {
	t.Helper()
	var html strings.Builder
	if err := c.Render(t.Context(), &html); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

// What a recipe says holds where the form says nothing.
func TestFormsGoBeforeRecipes(t *testing.T) {
	got, err := OptionsOfForm(map[string]string{
		"recipe": `{"record":"row","max_repeat":2,"flat":true,"pivot":["tag@k=@v"]}`, "record": "//item", "trim": "1", "pivot": "",
	})
	var o convert.Options
	if err == nil {
		err = json.Unmarshal(got, &o)
	}
	if err != nil || o.Record != "//item" || o.MaxRepeat != 2 || !o.Flat || !o.Trim || len(o.Pivot) != 1 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, wrong := range []map[string]string{{"recipe": "no JSON"}, {"recipe": `{"rekord":"x"}`}, {"layouts": "["}, {"max_repeat": "many"}} {
		if got, err := OptionsOfForm(wrong); err == nil {
			t.Errorf("%v gives %s", wrong, got)
		}
	}
}
