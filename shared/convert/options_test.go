package convert_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"ret/shared/convert"
	"ret/shared/fault"
)

func TestOptionsSurviveTheirJSON(t *testing.T) {
	o := convert.Options{Record: "rows/row", MaxRepeat: 3, Merge: true, KeepPartial: true, Format: convert.XLSX, BOM: true, CRLF: true, ExcelSafe: true}
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := convert.ParseOptions(data); err != nil || !reflect.DeepEqual(again, o) {
		t.Errorf("%s comes back as %+v, %v", data, again, err)
	}
	if none, err := convert.ParseOptions(nil); err != nil || !reflect.DeepEqual(none, convert.Options{}) {
		t.Errorf("no options are %+v, %v", none, err)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	for _, bad := range []string{
		`{"max_repeats":3}`, `{"max_repeat":-1}`, `{"max_repeat":"3"}`, `{"format":"pdf"}`, `{"record":"a//b"}`, `{"record":"//a/b"}`,
		`{"record":"/a"}`, `{} {}`, `[]`, `{`,
	} {
		if _, err := convert.ParseOptions([]byte(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s gives %v", bad, err)
		}
	}
}
