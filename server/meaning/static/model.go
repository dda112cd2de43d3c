package static

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"ret/shared/fault"
)

// Model embeds texts.
type Model struct {
	name      string
	tokens    tokenizer
	matrix    matrix
	weights   []float32 // by token; nil: all are 1
	rows      []int32   // of the matrix, by token; nil: the same
	normalize bool
}

// maxTokens is how much of a text counts, as in model2vec.
const maxTokens = 512

// maxModelBytes bounds each file of a model.
const maxModelBytes = 2 << 30

// Open reads the model in a folder. Its errors are of the kind Invalid, with what is
// wrong with which file.
func Open(folder string) (*Model, error) {
	m := &Model{normalize: true}
	text, err := read(folder, "tokenizer.json")
	if err != nil {
		return nil, err
	}
	if m.tokens, err = readTokenizer(text); err != nil {
		return nil, wrong("tokenizer.json", err)
	}
	stored, err := read(folder, "model.safetensors")
	if err != nil {
		return nil, err
	}
	if err := m.readTensors(stored); err != nil {
		return nil, wrong("model.safetensors", err)
	}
	config, err := read(folder, "config.json")
	if err != nil {
		return nil, err
	}
	if err := m.readConfig(config); err != nil {
		return nil, wrong("config.json", err)
	}
	sum := sha256.Sum256(stored)
	m.name = "static " + hex.EncodeToString(sum[:8])
	return m, nil
}

func read(folder, name string) ([]byte, error) {
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return nil, wrong(name, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxModelBytes+1))
	if err == nil && len(text) > maxModelBytes {
		err = fmt.Errorf("it is too large")
	}
	if err != nil {
		return nil, wrong(name, err)
	}
	return text, nil
}

func wrong(name string, err error) error {
	return fault.New(fault.Invalid, "The embedding model cannot be used: %s: %v.", name, err)
}

func (m *Model) readConfig(text []byte) error {
	var config struct {
		Normalize *bool `json:"normalize"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	if config.Normalize != nil {
		m.normalize = *config.Normalize
	}
	return nil
}

func (m *Model) readTensors(stored []byte) error {
	all, err := readTensors(stored)
	if err != nil {
		return err
	}
	embeddings, ok := all["embeddings"]
	if !ok {
		if embeddings, ok = all["embedding.weight"]; !ok { // as sentence-transformers calls it
			return fmt.Errorf("there is no tensor embeddings")
		}
	}
	if m.matrix, err = embeddings.matrix(); err != nil {
		return err
	}
	if t, ok := all["weights"]; ok {
		if m.weights, err = t.floats(); err != nil {
			return err
		}
	}
	if t, ok := all["mapping"]; ok {
		if m.rows, err = t.integers(); err != nil {
			return err
		}
	}
	return m.fits()
}

// fits says whether each token has its row.
func (m *Model) fits() error {
	most := m.tokens.size()
	if m.weights != nil && len(m.weights) < most || m.rows != nil && len(m.rows) < most || m.rows == nil && m.matrix.rows < most {
		return fmt.Errorf("the tokenizer has %d tokens, which is more than there are vectors", most)
	}
	for _, row := range m.rows {
		if row < 0 || int(row) >= m.matrix.rows {
			return fmt.Errorf("a token has the vector %d of %d", row, m.matrix.rows)
		}
	}
	return nil
}

// Name names the model: vectors of another one cannot be compared with its.
func (m *Model) Name() string { return m.name }

// Local says that nothing leaves the machine.
func (m *Model) Local() bool { return true }

// Batch is how many texts are worth embedding at once.
func (m *Model) Batch() int { return 64 }

// Dimensions is how many numbers a vector has.
func (m *Model) Dimensions() int { return m.matrix.columns }

// Embed returns a vector for each text; of a text without a known token it is zero.
func (m *Model) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	var tokens []int32
	for i, text := range texts {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		tokens = m.tokens.tokens(tokens[:0], text, maxTokens)
		vectors[i] = m.mean(tokens)
	}
	return vectors, nil
}

func (m *Model) mean(tokens []int32) []float32 {
	sum := make([]float32, m.matrix.columns)
	for _, token := range tokens {
		weight, row := float32(1), token
		if m.weights != nil {
			weight = m.weights[token]
		}
		if m.rows != nil {
			row = m.rows[token]
		}
		m.matrix.add(sum, int(row), weight)
	}
	if len(tokens) == 0 {
		return sum
	}
	scale := 1 / float64(len(tokens))
	if m.normalize {
		scale = 1 / max(length(sum), 1e-32)
	}
	for i := range sum {
		sum[i] = float32(float64(sum[i]) * scale)
	}
	return sum
}

func length(v []float32) float64 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}
