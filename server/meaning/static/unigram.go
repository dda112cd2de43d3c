package static

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// unigram cuts a text into those pieces whose scores come to the most in all, as
// SentencePiece does.
type unigram struct {
	normalize normalize
	space     string // stands for a space, before each word
	vocab     map[string]int32
	scores    []float64
	unknown   int32 // -1: none
	longest   int   // bytes of a piece
	least     float64
}

// unknownPenalty is how much less than the least piece an unknown character scores.
const unknownPenalty = 10

func newUnigram(file tokenizerFile) (*unigram, error) {
	u := &unigram{space: "▁", vocab: map[string]int32{}, unknown: -1, least: math.Inf(1)}
	if p := file.PreTokenizer; p != nil && !p.onlySpaces(p.Type) {
		return nil, fmt.Errorf("it cuts words by %q, which is not known of Unigram", p.Type)
	}
	var err error
	if u.normalize, err = file.Normalizer.steps(); err != nil {
		return nil, err
	}
	var pieces [][2]any
	if err := json.Unmarshal(file.Model.Vocabulary, &pieces); err != nil || len(pieces) == 0 {
		return nil, fmt.Errorf("it has no vocabulary")
	}
	for i, p := range pieces {
		piece, ok := p[0].(string)
		score, ok2 := p[1].(float64)
		if !ok || !ok2 {
			return nil, fmt.Errorf("its vocabulary has a piece without a score")
		}
		u.vocab[piece] = int32(i)
		u.scores = append(u.scores, score)
		u.longest, u.least = max(u.longest, len(piece)), min(u.least, score)
	}
	if file.Model.UnkID != nil {
		u.unknown = *file.Model.UnkID
	}
	return u, nil
}

// onlySpaces reports whether a pre-tokenizer does no more than mark spaces.
func (f preTokenizerFile) onlySpaces(kind string) bool {
	switch kind {
	case "Metaspace", "WhitespaceSplit":
		return f.Replacement == "" || f.Replacement == "▁"
	case "Sequence":
		for _, text := range f.PreTokenizers {
			var one struct {
				Type string `json:"type"`
				preTokenizerFile
			}
			if json.Unmarshal(text, &one) != nil || !one.onlySpaces(one.Type) {
				return false
			}
		}
		return true
	}
	return false
}

func (u *unigram) size() int { return len(u.scores) }

func (u *unigram) tokens(to []int32, text string, most int) []int32 {
	for word := range strings.FieldsSeq(strings.ReplaceAll(u.normalize(text), u.space, " ")) {
		if len(to) >= most {
			break
		}
		to = u.best(to, u.space+word)
	}
	return to[:min(len(to), most)]
}

// maxWordBytes bounds the work on one word; what is longer is cut.
const maxWordBytes = 1 << 10

// best appends the best pieces of a word; unknown ones are left out.
func (u *unigram) best(to []int32, word string) []int32 {
	if len(word) > maxWordBytes {
		word = strings.ToValidUTF8(word[:maxWordBytes], "")
	}
	type step struct {
		score float64
		from  int
		token int32
	}
	steps := make([]step, len(word)+1)
	for i := range steps {
		steps[i].score = math.Inf(-1)
	}
	steps[0].score = 0
	for at := 0; at < len(word); at++ {
		if !utf8.RuneStart(word[at]) || math.IsInf(steps[at].score, -1) {
			continue
		}
		for n := 1; n <= min(u.longest, len(word)-at); n++ {
			token, ok := u.vocab[word[at:at+n]]
			if ok && token != u.unknown && steps[at].score+u.scores[token] > steps[at+n].score {
				steps[at+n] = step{steps[at].score + u.scores[token], at, token}
			}
		}
		_, n := utf8.DecodeRuneInString(word[at:])
		if score := steps[at].score + u.least - unknownPenalty; score > steps[at+n].score {
			steps[at+n] = step{score, at, -1}
		}
	}
	begin := len(to)
	for at := len(word); at > 0; at = steps[at].from {
		if steps[at].token >= 0 {
			to = append(to, steps[at].token)
		}
	}
	for i, j := begin, len(to)-1; i < j; i, j = i+1, j-1 {
		to[i], to[j] = to[j], to[i]
	}
	return to
}
