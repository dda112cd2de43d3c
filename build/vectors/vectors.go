// Package vectors proves that Go's types of messages are what a file of examples says.
// The browser's scripts prove theirs by the same files (web/asset/js/test/vectors.test.js),
// so that neither side can change alone.
package vectors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Vector is one message as it is sent.
type Vector struct {
	Name  string
	Go    string // the name of Go's type, as Check is told it
	JS    string // the name of the scripts' type
	Value json.RawMessage
}

// Check proves for every vector of a file that its Go type takes all of its fields and
// gives them back as they were, and that the vectors have each field of these types.
// Where a type has a method Type, its message has that word as its "type".
func Check(t *testing.T, file string, types map[string]any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []Vector
	if err := strictly(text, &list); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	seen := make(map[string]map[string]bool)
	for _, v := range list {
		example, known := types[v.Go]
		if !known {
			t.Errorf("%s: no type %q", v.Name, v.Go)
			continue
		}
		value, err := untyped(v.Value, example)
		if err == nil {
			err = goesThrough(value, example)
		}
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
		if seen[v.Go] == nil {
			seen[v.Go] = make(map[string]bool)
		}
		note(value, "", seen[v.Go])
	}
	for name, example := range types {
		for _, path := range fields(reflect.TypeOf(example), "") {
			if !seen[name][path] {
				t.Errorf("no vector of %s has the field %s", name, path)
			}
		}
	}
}

func strictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// untyped is a message without its type, which must be the word of the example's.
func untyped(text json.RawMessage, example any) (any, error) {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("no JSON: %w", err)
	}
	word, isFrame := example.(interface{ Type() string })
	if !isFrame {
		return value, nil
	}
	frame, _ := value.(map[string]any)
	if frame["type"] != word.Type() {
		return nil, fmt.Errorf("its type is %v, in Go %q", frame["type"], word.Type())
	}
	delete(frame, "type")
	return frame, nil
}

// goesThrough says what Go's type makes another of.
func goesThrough(value, example any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	into := reflect.New(reflect.TypeOf(example))
	if err := strictly(text, into.Interface()); err != nil {
		return fmt.Errorf("not taken: %w", err)
	}
	again, err := json.Marshal(into.Interface())
	if err != nil {
		return err
	}
	var back any
	if err := json.Unmarshal(again, &back); err != nil {
		return err
	}
	if !reflect.DeepEqual(back, value) {
		return fmt.Errorf("given back as %s", again)
	}
	return nil
}

// note adds the fields that a value has.
func note(value any, path string, seen map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			seen[path+"."+name] = true
			note(inner, path+"."+name, seen)
		}
	case []any:
		for _, inner := range v {
			note(inner, path, seen)
		}
	}
}

// fields are those that a type has in JSON, by their paths. What writes itself has none,
// nor have the values of maps.
func fields(t reflect.Type, path string) (list []string) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice}, t.Kind()) {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.Implements(marshaler) {
		return nil
	}
	for field := range fieldsOf(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			list = append(list, fields(field.Type, path)...)
		case name == "-":
		default:
			if name == "" {
				name = field.Name
			}
			list = append(list, path+"."+name)
			list = append(list, fields(field.Type, path+"."+name)...)
		}
	}
	return list
}

var marshaler = reflect.TypeFor[json.Marshaler]()

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && !yield(f) {
				return
			}
		}
	}
}
