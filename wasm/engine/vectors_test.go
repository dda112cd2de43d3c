package engine_test

import (
	"testing"

	"ret/build/vectors"
	"ret/wasm/engine"
)

func TestMessagesAreWhatTheVectorsSay(t *testing.T) {
	vectors.Check(t, "testdata/messages.json", map[string]any{
		"Ask": engine.Ask{}, "Draw": engine.Draw{}, "Download": engine.Download{}, "Read": engine.Read{},
		"Standing": engine.Standing{}, "Taken": engine.Taken{}, "Refused": engine.Refused{}, "KeptRows": engine.KeptRows{},
	})
}
