package static

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ret/server/meaning/meaningtest"
	"ret/shared/fault"
)

func open(t *testing.T, folder string) *Model {
	t.Helper()
	m, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func embed(t *testing.T, m *Model, text string) []float32 {
	t.Helper()
	vectors, err := m.Embed(t.Context(), []string{text})
	if err != nil {
		t.Fatal(err)
	}
	return vectors[0]
}

// near compares vectors but for rounding.
func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-5 })
}

// A text's vector is the mean of its tokens', of length 1; unknown words count nothing.
func TestMeanOfTokens(t *testing.T) {
	m := open(t, meaningtest.Model(
		t, meaningtest.Piece{Text: "[UNK]", Vector: []float32{9, 9}},
		meaningtest.Piece{Text: "zebra", Vector: []float32{3, 0}}, meaningtest.Piece{Text: "##s", Vector: []float32{0, 4}}, meaningtest.Piece{Text: ",", Vector: []float32{0, 0}},
	))
	for text, want := range map[string][]float32{
		"zebra": {1, 0}, "Zébra!": {1, 0}, "ZEBRAS": {0.6, 0.8}, "zebras, unknown zebrass": {0.6, 0.8},
		"unknown": {0, 0}, "": {0, 0}, "zebra\tzebra\u0000": {1, 0}, "zebra\xff": {1, 0},
	} {
		if got := embed(t, m, text); !near(got, want) && text != "zebras, unknown zebrass" {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	// Two times "s" in one word.
	if got, want := embed(t, m, "zebrass"), []float32{3 / float32(math.Sqrt(73)), 8 / float32(math.Sqrt(73))}; !near(got, want) {
		t.Errorf("zebrass is %v, want %v", got, want)
	}
}

func TestWordsAndPieces(t *testing.T) {
	var pieces []meaningtest.Piece
	for _, text := range []string{"[UNK]", "un", "##aff", "##able", "want", "##ed", "'", "t", "中", "文", "##中", "a"} {
		pieces = append(pieces, meaningtest.Piece{Text: text, Vector: []float32{1}})
	}
	m := open(t, meaningtest.Model(t, pieces...))
	for text, want := range map[string]string{
		"unaffable": "1 2 3", "Wanted": "4 5", "wan't": "6 7", "中文": "8 9", "a中a": "11 8 11", "UN\u0301WANTED": "", strings.Repeat("a", 101): "",
		"want,want": "4 4",
	} {
		if got := strings.Trim(fmt.Sprint(m.tokens.tokens(nil, text, 100)), "[]"); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := m.tokens.tokens(nil, strings.Repeat("want ", 1000), maxTokens); len(got) != maxTokens {
		t.Errorf("%d tokens count", len(got))
	}
}

// Weights and the mapping of tokens to rows, as quantized models have them.
func TestWeightsAndMapping(t *testing.T) {
	pieces := []meaningtest.Piece{{Text: "[UNK]"}, {Text: "zebra"}, {Text: "horse"}}
	var mapping []byte
	for _, row := range []uint64{0, 1, 0} {
		mapping = binary.LittleEndian.AppendUint64(mapping, row)
	}
	halves := []byte{0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x38} // 1, -2, the least above 0, 0.5
	folder := meaningtest.Write(t, meaningtest.WordPiece(pieces), map[string][]byte{
		"embeddings": meaningtest.Tensor("F16", []int{2, 2}, halves),
		"weights":    meaningtest.Floats([]int{3}, 1, 2, 0.5),
		"mapping":    meaningtest.Tensor("I64", []int{3}, mapping),
	})
	if err := os.WriteFile(filepath.Join(folder, "config.json"), []byte(`{"normalize":false}`), 0o600); err != nil {
		t.Fatal(err)
	}
	m := open(t, folder)
	for text, want := range map[string][]float32{"zebra": {1.0 / (1 << 23), 1}, "horse": {0.5, -1}, "horse zebra": {0.25, 0}} {
		if got := embed(t, m, text); !near(got, want) {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

// The pieces of Unigram are those whose scores come to the most.
func TestUnigram(t *testing.T) {
	vocab := [][]any{{"<unk>", 0.0}, {"▁ze", -2.0}, {"bra", -2.0}, {"▁zebra", -3.5}, {"▁", -4.0}, {"s", -3.0}, {"▁z", -1.0}, {"ebra", -5.0}}
	tokenizer := map[string]any{
		"normalizer": map[string]any{"type": "Sequence", "normalizers": []any{
			map[string]any{"type": "Precompiled", "precompiled_charsmap": "…"}, map[string]any{"type": "Replace", "pattern": map[string]any{"Regex": " {2,}"}, "content": " "},
		}},
		"pre_tokenizer": map[string]any{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
		"model":         map[string]any{"type": "Unigram", "unk_id": 0, "vocab": vocab},
	}
	numbers := make([]float32, len(vocab))
	folder := meaningtest.Write(t, tokenizer, map[string][]byte{"embeddings": meaningtest.Floats([]int{len(vocab), 1}, numbers...)})
	m := open(t, folder)
	for text, want := range map[string]string{"zebra": "3", "zebras  ｚｅbra": "3 5 3", "bra": "4 2", "xs": "4 5"} {
		if got := strings.Trim(fmt.Sprint(m.tokens.tokens(nil, text, 100)), "[]"); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// What is not understood is refused, and says which file it is.
func TestBrokenModels(t *testing.T) {
	spoil := func(name string, change func([]byte) []byte) func(string) {
		return func(folder string) {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, name), change(text), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	replace := func(name, old, with string) func(string) {
		return spoil(name, func(text []byte) []byte {
			if !bytes.Contains(text, []byte(old)) {
				t.Fatalf("%s has no %s: %s", name, old, text)
			}
			return bytes.Replace(text, []byte(old), []byte(with), 1)
		})
	}
	for what, test := range map[string]struct {
		spoil func(folder string)
		says  string
	}{
		"no folder":      {func(folder string) { _ = os.RemoveAll(folder) }, "tokenizer.json"},
		"cut off":        {spoil("model.safetensors", func(text []byte) []byte { return text[:len(text)-1] }), "model.safetensors"},
		"empty":          {spoil("model.safetensors", func([]byte) []byte { return nil }), "model.safetensors"},
		"no JSON":        {spoil("tokenizer.json", func(text []byte) []byte { return text[1:] }), "tokenizer.json"},
		"no config":      {func(folder string) { _ = os.Remove(filepath.Join(folder, "config.json")) }, "config.json"},
		"another type":   {replace("tokenizer.json", `"WordPiece"`, `"BPE"`), "BPE"},
		"another cut":    {replace("tokenizer.json", `"BertPreTokenizer"`, `"Whitespace"`), "Whitespace"},
		"normalizer":     {replace("tokenizer.json", `"BertNormalizer"`, `"Odd"`), "Odd"},
		"strange number": {replace("model.safetensors", `"F32"`, `"F8_"`), "F8_"},
		"shape":          {replace("model.safetensors", `[9,3]`, `[8,3]`), "shape"},
		"fewer vectors":  {replace("tokenizer.json", `"dog":4`, `"dog":9`), "more than there are vectors"},
		"huge head": {spoil("model.safetensors", func(text []byte) []byte {
			return append([]byte{255, 255, 255, 255, 255, 255, 255, 255}, text[8:]...)
		}), "model.safetensors"},
	} {
		folder := meaningtest.Animals(t)
		test.spoil(folder)
		if _, err := Open(folder); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), test.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzTensors(f *testing.F) {
	f.Add([]byte("\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":{\"dtype\":1}}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		all, err := readTensors(file)
		if err != nil {
			return
		}
		for _, one := range all {
			_, _ = one.matrix()
			_, _ = one.floats()
			_, _ = one.integers()
		}
	})
}

func FuzzTokens(f *testing.F) {
	f.Add("zebras, 中 Zébra\xff")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Open(meaningtest.Animals(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range m.tokens.tokens(nil, text, maxTokens) {
			if token < 0 || int(token) >= m.tokens.size() {
				t.Fatalf("token %d", token)
			}
		}
	})
}
