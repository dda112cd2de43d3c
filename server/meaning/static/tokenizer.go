package static

import (
	"encoding/json"
	"fmt"
)

// tokenizer cuts a text into the tokens of a model; those that it does not know are left
// out, as model2vec does.
type tokenizer interface {
	size() int // one more than the largest token

	// tokens appends the tokens of a text, at most so many in all.
	tokens(to []int32, text string, most int) []int32
}

// tokenizerFile is what a tokenizer.json says, as far as it matters here.
type tokenizerFile struct {
	Normalizer   *normalizerFile `json:"normalizer"`
	PreTokenizer *struct {
		Type string `json:"type"`
		preTokenizerFile
	} `json:"pre_tokenizer"`
	Model struct {
		Type string `json:"type"`

		// Of WordPiece.
		UnkToken     string          `json:"unk_token"`
		Prefix       *string         `json:"continuing_subword_prefix"`
		MaxWordChars int             `json:"max_input_chars_per_word"`
		Vocabulary   json.RawMessage `json:"vocab"` // a map of WordPiece, a list of Unigram

		// Of Unigram.
		UnkID *int32 `json:"unk_id"`
	} `json:"model"`
	AddedTokens []struct {
		ID      int32  `json:"id"`
		Content string `json:"content"`
	} `json:"added_tokens"`
}

func readTokenizer(text []byte) (tokenizer, error) {
	var file tokenizerFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("it is no JSON of a tokenizer")
	}
	switch file.Model.Type {
	case "WordPiece":
		return newWordPiece(file)
	case "Unigram":
		return newUnigram(file)
	}
	return nil, fmt.Errorf("the tokenizer is a %q, and RET knows WordPiece and Unigram", file.Model.Type)
}
