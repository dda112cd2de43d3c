package work

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ret/server/httpapi/chain"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/tablefile/download"
)

// The fields of a page's form that are options, by how they are read. A test holds
// them against what there is.
var (
	switchFields = []string{"merge", "by_local_name", "flat", "xml", "trim", "windows_1252", "repair", "keep_partial", "bom", "crlf", "excel_safe"}
	textFields   = []string{"format", "delimiter"}
	listFields   = []string{"pivot", "include", "exclude"} // an item a line
)

// OptionsOfForm reads a page's fields into a job's options: what is left out is as
// in the recipe that comes with them, or stays out, so that it means the default.
func OptionsOfForm(fields map[string]string) (json.RawMessage, error) {
	options, err := optionsOfRecipe(fields)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"record", "record_path"} { // who writes a path means it
		if record := strings.TrimSpace(fields[name]); record != "" {
			options["record"] = record
		}
	}
	if text := strings.TrimSpace(fields["max_repeat"]); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fault.New(fault.Invalid, "The largest number of repeats must be a number.")
		}
		options["max_repeat"] = n
	}
	for _, name := range switchFields {
		if download.IsSet(fields[name]) {
			options[name] = true
		}
	}
	for _, name := range textFields {
		if text := fields[name]; text != "" {
			options[name] = text
		}
	}
	for _, name := range listFields {
		if items := linesOf(fields[name]); len(items) > 0 {
			options[name] = items
		}
	}
	return json.Marshal(options)
}

// optionsOfRecipe begins with the recipe of a form, or with the layouts that a page
// has taken out of one; with nothing if there is neither.
func optionsOfRecipe(fields map[string]string) (map[string]any, error) {
	options := map[string]any{}
	if recipe := fields["recipe"]; strings.TrimSpace(recipe) != "" {
		if _, err := convert.ParseOptions([]byte(recipe)); err != nil {
			return nil, err
		}
		var said map[string]json.RawMessage
		if err := json.Unmarshal([]byte(recipe), &said); err != nil {
			return nil, err
		}
		for name, value := range said {
			options[name] = value
		}
	}
	if layouts := fields["layouts"]; layouts != "" {
		if !json.Valid([]byte(layouts)) {
			return nil, fault.New(fault.Invalid, "The recipe's layouts are damaged; use the recipe again.")
		}
		options["layouts"] = json.RawMessage(layouts)
	}
	return options, nil
}

// linesOf are the items of a list, one a line.
func linesOf(text string) (items []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			items = append(items, line)
		}
	}
	return items
}

// OneOfEach are a form's or query's fields, in which a list may stand as one field
// that repeats.
func OneOfEach(v url.Values) map[string]string {
	fields := make(map[string]string, len(v))
	for name, values := range v {
		fields[name] = values[0]
		if slices.Contains(listFields, name) {
			fields[name] = strings.Join(values, "\n")
		}
	}
	return fields
}

// OptionsOfFields are the options that a form, a page's address or an API's query
// names.
func OptionsOfFields(v url.Values) (convert.Options, error) {
	text, err := OptionsOfForm(OneOfEach(v))
	if err != nil {
		return convert.Options{}, err
	}
	return convert.ParseOptions(text)
}

// MaxRecipeBytes bounds a recipe that comes in. A file of one is indented, so it is
// several times as long as the options of a job may be: see jobs.MaxOptionsBytes.
const MaxRecipeBytes = 4 << 20

// ReceiveRecipe reads a recipe from a page's form.
func ReceiveRecipe(w http.ResponseWriter, r *http.Request) (convert.Options, error) {
	r.Body = http.MaxBytesReader(w, r.Body, MaxRecipeBytes+chain.MaxFormBytes)
	if err := r.ParseMultipartForm(MaxRecipeBytes); err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			return convert.Options{}, errRecipeTooLong()
		}
		return convert.Options{}, fault.Wrap(fault.Invalid, err, "A recipe is a small JSON file, and this is none.")
	}
	defer r.MultipartForm.RemoveAll()
	files := r.MultipartForm.File["recipe"]
	if len(files) != 1 {
		return convert.Options{}, fault.New(fault.Invalid, "Choose one recipe.")
	}
	f, err := files[0].Open()
	if err != nil {
		return convert.Options{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return convert.Options{}, err
	}
	return convert.ParseOptions(text)
}

func errRecipeTooLong() error {
	return fault.New(fault.Invalid, "A recipe may have %d MiB here. A longer one is for ret convert --recipe.", MaxRecipeBytes>>20)
}
