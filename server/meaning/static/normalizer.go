package static

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normalizerFile is how a tokenizer changes a text before it cuts it.
type normalizerFile struct {
	Type        string            `json:"type"`
	Lowercase   *bool             `json:"lowercase"`
	CleanText   *bool             `json:"clean_text"`
	Chinese     *bool             `json:"handle_chinese_chars"`
	StripAccent *bool             `json:"strip_accents"`
	Normalizers []*normalizerFile `json:"normalizers"`
	Pattern     struct {
		String string `json:"String"`
		Regex  string `json:"Regex"`
	} `json:"pattern"`
	Content string `json:"content"`
	Left    bool   `json:"strip_left"`
	Right   bool   `json:"strip_right"`
}

// normalize is one step or several.
type normalize func(string) string

func (f *normalizerFile) steps() (normalize, error) {
	if f == nil {
		return func(text string) string { return text }, nil
	}
	switch f.Type {
	case "Sequence":
		return f.sequence()
	case "BertNormalizer":
		return f.bert(), nil
	case "Lowercase":
		return strings.ToLower, nil
	case "NFC":
		return norm.NFC.String, nil
	case "NFD":
		return norm.NFD.String, nil
	case "NFKC", "Precompiled", "Nmt": // SentencePiece's own map is NFKC and a little more
		return norm.NFKC.String, nil
	case "NFKD":
		return norm.NFKD.String, nil
	case "StripAccents":
		return withoutMarks, nil
	case "Strip":
		return strings.TrimSpace, nil
	case "Replace":
		return f.replace()
	case "Prepend":
		return func(text string) string { return f.Content + text }, nil
	}
	return nil, fmt.Errorf("the normalizer %q is not known", f.Type)
}

func (f *normalizerFile) sequence() (normalize, error) {
	var all []normalize
	for _, step := range f.Normalizers {
		one, err := step.steps()
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return func(text string) string {
		for _, one := range all {
			text = one(text)
		}
		return text
	}, nil
}

// manySpaces is the one pattern that the models' normalizers have.
const manySpaces = " {2,}"

func (f *normalizerFile) replace() (normalize, error) {
	switch {
	case f.Pattern.String != "":
		return func(text string) string { return strings.ReplaceAll(text, f.Pattern.String, f.Content) }, nil
	case f.Pattern.Regex == manySpaces:
		return func(text string) string { return squeezed(text, f.Content) }, nil
	}
	return nil, fmt.Errorf("the normalizer replaces %q, which is not known", f.Pattern.Regex)
}

// squeezed has a text in the place of each run of two spaces and more.
func squeezed(text, in string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		n := 0
		for i+n < len(text) && text[i+n] == ' ' {
			n++
		}
		switch {
		case n > 1:
			b.WriteString(in)
		case n == 1:
			b.WriteByte(' ')
		default:
			b.WriteByte(text[i])
			n = 1
		}
		i += n
	}
	return b.String()
}

// bert is BERT's normalizer: control characters away, all white space to spaces, Chinese
// characters words of their own, and without accents and capitals if it says so.
func (f *normalizerFile) bert() normalize {
	lower, clean, chinese := or(f.Lowercase, true), or(f.CleanText, true), or(f.Chinese, true)
	strip := or(f.StripAccent, lower)
	return func(text string) string {
		var b strings.Builder
		b.Grow(len(text))
		for _, r := range text {
			switch {
			case clean && (r == 0 || r == unicode.ReplacementChar || isControl(r)):
			case clean && unicode.IsSpace(r):
				b.WriteByte(' ')
			case chinese && isChinese(r):
				b.WriteByte(' ')
				b.WriteRune(r)
				b.WriteByte(' ')
			default:
				b.WriteRune(r)
			}
		}
		text = b.String()
		if strip {
			text = withoutMarks(norm.NFD.String(text))
		}
		if lower {
			text = strings.ToLower(text)
		}
		return text
	}
}

func or(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}

func withoutMarks(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, text)
}

func isControl(r rune) bool {
	return r != '\t' && r != '\n' && r != '\r' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// isChinese reports whether BERT's normalizer takes a character for a word.
func isChinese(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF ||
		r >= 0x2A700 && r <= 0x2CEAF || r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}

// isPunctuation is BERT's: what is none in Unicode but stands among them in ASCII counts.
func isPunctuation(r rune) bool {
	return r >= '!' && r <= '/' || r >= ':' && r <= '@' || r >= '[' && r <= '`' || r >= '{' && r <= '~' || unicode.IsPunct(r)
}

// preTokenizerFile is how a text is cut into words.
type preTokenizerFile struct {
	Replacement   string            `json:"replacement"`
	PrependScheme string            `json:"prepend_scheme"`
	AddPrefix     *bool             `json:"add_prefix_space"`
	PreTokenizers []json.RawMessage `json:"pretokenizers"`
}
