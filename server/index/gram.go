package index

// What the index knows of a row are its grams: three bytes of its text, as
// search.AppendPlain gives it, that follow each other. Spaces count, so that where words begin
// and end is known too. Letters, digits and the space of ASCII have a code of their own,
// and all other bytes share some, which is for the matcher to tell apart.
const (
	codes = 50
	grams = codes * codes * codes
)

var code = func() (t [256]uint32) {
	for c := range t {
		switch {
		case 'a' <= c && c <= 'z':
			t[c] = uint32(c-'a') + 1
		case '0' <= c && c <= '9':
			t[c] = uint32(c-'0') + 27
		case c >= 0x80:
			t[c] = 37 + uint32(c)%(codes-37)
		}
	}
	return t
}()

func gramOf(a, b, c byte) uint32 { return (code[a]*codes+code[b])*codes + code[c] }
