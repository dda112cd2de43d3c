package static

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordPiece cuts each word into the longest pieces that the model knows.
type wordPiece struct {
	normalize normalize
	vocab     map[string]int32
	most      int32
	prefix    string // of a piece that is not a word's first
	maxChars  int    // of a word
	longest   int    // bytes of a piece
	unknown   int32  // -1: none
}

func newWordPiece(file tokenizerFile) (*wordPiece, error) {
	if p := file.PreTokenizer; p != nil && p.Type != "BertPreTokenizer" {
		return nil, fmt.Errorf("it cuts words by %q, which is not known of WordPiece", p.Type)
	}
	w := &wordPiece{prefix: "##", maxChars: 100, unknown: -1}
	var err error
	if w.normalize, err = file.Normalizer.steps(); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(file.Model.Vocabulary, &w.vocab); err != nil || len(w.vocab) == 0 {
		return nil, fmt.Errorf("it has no vocabulary")
	}
	if file.Model.Prefix != nil {
		w.prefix = *file.Model.Prefix
	}
	if file.Model.MaxWordChars > 0 {
		w.maxChars = file.Model.MaxWordChars
	}
	for piece, token := range w.vocab {
		if token < 0 {
			return nil, fmt.Errorf("a token has a number below 0")
		}
		w.most, w.longest = max(w.most, token), max(w.longest, len(piece))
	}
	if token, ok := w.vocab[file.Model.UnkToken]; ok {
		w.unknown = token
	}
	return w, nil
}

func (w *wordPiece) size() int { return int(w.most) + 1 }

func (w *wordPiece) tokens(to []int32, text string, most int) []int32 {
	text = w.normalize(text)
	for text != "" && len(to) < most {
		word, rest := nextWord(text)
		text = rest
		if word != "" {
			to = w.pieces(to, word)
		}
	}
	return to[:min(len(to), most)]
}

// nextWord cuts the first word off a text: a run of what is neither white space nor
// punctuation, or one character of punctuation.
func nextWord(text string) (word, rest string) {
	for i, r := range text {
		switch {
		case unicode.IsSpace(r):
			return text[:i], text[i+utf8.RuneLen(r):]
		case isPunctuation(r):
			if i > 0 {
				return text[:i], text[i:]
			}
			return text[:utf8.RuneLen(r)], text[utf8.RuneLen(r):]
		}
	}
	return text, ""
}

// pieces appends the pieces of a word; a word that is not made of known ones is left out.
func (w *wordPiece) pieces(to []int32, word string) []int32 {
	if utf8.RuneCountInString(word) > w.maxChars {
		return to
	}
	begin := len(to)
	var piece strings.Builder
	for at := 0; at < len(word); {
		token, length := w.longestAt(word, at, &piece)
		if length == 0 || token == w.unknown {
			return to[:begin]
		}
		to = append(to, token)
		at += length
	}
	return to
}

// longestAt finds the longest piece that stands in a word at a place; its length is 0 if
// there is none.
func (w *wordPiece) longestAt(word string, at int, piece *strings.Builder) (token int32, bytes int) {
	rest := word[at:]
	prefix := ""
	if at > 0 {
		prefix = w.prefix
	}
	for n := min(len(rest), w.longest); n > 0; n-- {
		if n < len(rest) && !utf8.RuneStart(rest[n]) {
			continue
		}
		name := rest[:n]
		if prefix != "" {
			piece.Reset()
			piece.WriteString(prefix)
			piece.WriteString(name)
			name = piece.String()
		}
		if token, ok := w.vocab[name]; ok {
			return token, n
		}
	}
	return 0, 0
}
