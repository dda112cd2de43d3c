// Package meaningtest writes small embedding models for tests.
package meaningtest

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// Piece is a piece of a model's vocabulary with its vector.
type Piece struct {
	Text   string
	Vector []float32
}

// WordPiece is the tokenizer.json of a model like the potion ones.
func WordPiece(pieces []Piece) map[string]any {
	vocab := map[string]int{}
	for i, p := range pieces {
		vocab[p.Text] = i
	}
	return map[string]any{
		"normalizer":    map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": true},
		"pre_tokenizer": map[string]any{"type": "BertPreTokenizer"},
		"model":         map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab},
	}
}

// Write writes a model into a folder that goes with the test.
func Write(t testing.TB, tokenizer map[string]any, tensors map[string][]byte) (folder string) {
	t.Helper()
	folder = t.TempDir()
	put(t, folder, "tokenizer.json", toJSON(t, tokenizer))
	put(t, folder, "config.json", []byte(`{"model_type":"model2vec","normalize":true}`))
	head := map[string]any{"__metadata__": map[string]string{"format": "pt"}}
	var content []byte
	for name, body := range tensors {
		var described map[string]any
		n := binary.LittleEndian.Uint64(body)
		if err := json.Unmarshal(body[8:8+n], &described); err != nil {
			t.Fatal(err)
		}
		described["data_offsets"] = []int{len(content), len(content) + len(body[8+n:])}
		content = append(content, body[8+n:]...)
		head[name] = described
	}
	text := toJSON(t, head)
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	put(t, folder, "model.safetensors", append(append(file, text...), content...))
	return folder
}

// Floats is a tensor of 32 bits a number.
func Floats(shape []int, numbers ...float32) []byte {
	var content []byte
	for _, x := range numbers {
		content = binary.LittleEndian.AppendUint32(content, math.Float32bits(x))
	}
	return Tensor("F32", shape, content)
}

// Tensor is one that Write writes.
func Tensor(kind string, shape []int, content []byte) []byte {
	head, err := json.Marshal(map[string]any{"dtype": kind, "shape": shape})
	if err != nil {
		panic(err)
	}
	body := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	return append(append(body, head...), content...)
}

// Model writes a model of WordPiece with these pieces.
func Model(t testing.TB, pieces ...Piece) (folder string) {
	t.Helper()
	var numbers []float32
	for _, p := range pieces {
		numbers = append(numbers, p.Vector...)
	}
	return Write(t, WordPiece(pieces), map[string][]byte{"embeddings": Floats([]int{len(pieces), len(pieces[0].Vector)}, numbers...)})
}

// Animals is a model that knows what is an animal and what is money.
func Animals(t testing.TB) (folder string) {
	t.Helper()
	return Model(
		t,
		Piece{"[UNK]", []float32{9, 9, 9}},
		Piece{"zebra", []float32{1, 0, 0.1}}, Piece{"horse", []float32{0.9, 0.1, 0}}, Piece{"animal", []float32{1, 0.05, 0}}, Piece{"dog", []float32{0.95, 0, 0.05}},
		Piece{"money", []float32{0, 1, 0}}, Piece{"invoice", []float32{0.05, 0.9, 0}}, Piece{"euro", []float32{0, 0.95, 0.1}}, Piece{"##s", []float32{0, 0, 0.1}},
	)
}

func put(t testing.TB, folder, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func toJSON(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
