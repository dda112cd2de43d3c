package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// MaxInputs is how many texts are embedded by one call.
const MaxInputs = 128

// Embed returns a vector for each text, all of one length; at most MaxInputs texts.
// Errors are those of the package or ctx's.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	if len(texts) > MaxInputs {
		return nil, fmt.Errorf("embed %d texts at once", len(texts))
	}
	got, err := c.post(ctx, "/embeddings", struct {
		Model  string   `json:"model,omitempty"`
		Input  []string `json:"input"`
		Format string   `json:"encoding_format"`
	}{c.cfg.Model, texts, "float"})
	if err != nil {
		return nil, err
	}
	defer got.Close()
	data, err := io.ReadAll(got)
	if err != nil {
		return nil, err
	}
	vectors, err := readVectors(data, len(texts))
	if err != nil {
		return nil, c.malformed(err)
	}
	return vectors, nil
}

// readVectors reads as many vectors as there must be, in the order of their texts.
func readVectors(data []byte, n int) ([][]float32, error) {
	var body struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if json.Unmarshal(data, &body) != nil {
		return nil, errors.New("no JSON of this shape")
	}
	if len(body.Data) != n {
		return nil, fmt.Errorf("%d vectors for %d texts", len(body.Data), n)
	}
	vectors := make([][]float32, n)
	for _, d := range body.Data {
		if d.Index < 0 || d.Index >= n || vectors[d.Index] != nil {
			return nil, errors.New("vectors out of order")
		}
		if !isVector(d.Embedding) || len(d.Embedding) != len(body.Data[0].Embedding) {
			return nil, errors.New("a vector of another length, or of no numbers")
		}
		vectors[d.Index] = d.Embedding
	}
	return vectors, nil
}

func isVector(v []float32) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return len(v) > 0
}
