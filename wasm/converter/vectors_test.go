package converter_test

import (
	"testing"

	"ret/build/vectors"
	"ret/shared/convert"
	"ret/wasm/converter"
)

func TestMessagesAreWhatTheVectorsSay(t *testing.T) {
	vectors.Check(t, "testdata/messages.json", map[string]any{
		"Order": converter.Order{}, "Progress": convert.Progress{}, "DroppedFile": converter.DroppedFile{}, "Header": converter.Header{},
	})
}
