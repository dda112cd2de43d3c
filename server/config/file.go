package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// parseFile reads KEY=value lines. Empty lines and lines that start with # are
// passed over, "export " before a key too, and a pair of quotes around a value
// is taken off. Nothing else is special, so that a password may hold anything.
// Its error starts with the line's number.
func parseFile(lines string) (map[string]string, error) {
	values := map[string]string{}
	number := 0
	for line := range strings.Lines(lines) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Errorf("%d: expected a line like RET_ADDR=127.0.0.1:8080", number)
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("%d: %s is set a second time", number, name)
		}
		values[name] = unquote(strings.TrimSpace(value))
	}
	return values, nil
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// parseEnviron reads what os.Environ gives.
func parseEnviron(environ []string) map[string]string {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return values
}

func sortedNames(values map[string]string) []string {
	return slices.Sorted(maps.Keys(values))
}
