package httpapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/tablefile/download"
)

// optionsOfForm reads a page's fields into a job's options. What is left out
// stays out, so that it means the default.
func optionsOfForm(fields map[string]string) (json.RawMessage, error) {
	options := map[string]any{}
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
	for _, name := range []string{"merge", "by_local_name", "flat", "xml", "trim", "repair", "keep_partial", "bom", "crlf", "excel_safe"} {
		if download.IsSet(fields[name]) {
			options[name] = true
		}
	}
	for _, name := range []string{"format", "delimiter"} {
		if text := fields[name]; text != "" {
			options[name] = text
		}
	}
	for _, name := range []string{"include", "exclude"} {
		if globs := strings.Fields(fields[name]); len(globs) > 0 {
			options[name] = globs
		}
	}
	if pivots := strings.Fields(fields["pivot"]); len(pivots) > 0 {
		options["pivot"] = pivots
	}
	return json.Marshal(options)
}

// firstValues are a form's or query's fields, of which none repeats.
func firstValues(v url.Values) map[string]string {
	fields := make(map[string]string, len(v))
	for name := range v {
		fields[name] = v.Get(name)
	}
	return fields
}

// optionsOfQuery are the options that a page's address or an API's query names.
func optionsOfQuery(v url.Values) (convert.Options, error) {
	text, err := optionsOfForm(firstValues(v))
	if err != nil {
		return convert.Options{}, err
	}
	return convert.ParseOptions(text)
}

// defaultMaxRepeat is what a recipe says where nobody chose.
const defaultMaxRepeat = 8

// recipe gives the options of a query out as a file for `ret convert --recipe`
// and for the pages.
func (s *Server) recipe(c *call) error {
	options, err := optionsOfQuery(c.r.URL.Query())
	if err != nil {
		return err
	}
	if options.MaxRepeat == 0 {
		options.MaxRepeat = defaultMaxRepeat
	}
	if options.Format == "" {
		options.Format = convert.CSV
	}
	attach(c.w, "application/json", "recipe.json")
	e := json.NewEncoder(c.w)
	e.SetIndent("", "  ")
	return e.Encode(options)
}

// maxRecipeBytes bounds a recipe that comes in.
const maxRecipeBytes = 64 << 10

// receiveRecipe reads a recipe from a page's form.
func receiveRecipe(w http.ResponseWriter, r *http.Request) (convert.Options, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRecipeBytes)
	if err := r.ParseMultipartForm(maxRecipeBytes); err != nil {
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
