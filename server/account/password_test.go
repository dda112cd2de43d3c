package account

import (
	"strings"
	"testing"
)

func TestHashesAreSaltedAndReadableLater(t *testing.T) {
	h := newHasher()
	a, err := h.hash(t.Context(), "horse")
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.hash(t.Context(), "horse")
	if err != nil || a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hashes %q and %q, %v", a, b, err)
	}
	dearer := newHasher() // a later version may ask for more
	for password, want := range map[string]bool{"horse": true, "Horse": false, "": false} {
		if got, err := dearer.matches(t.Context(), a, password); got != want || err != nil {
			t.Errorf("matches(%q) = %v, %v", password, got, err)
		}
	}
}

// TestKnownHash pins the format: hashes that are stored must stay readable.
func TestKnownHash(t *testing.T) {
	const stored = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
	c, salt, _, err := decode(stored + "AAAA")
	if err != nil || string(salt) != "somesaltsomesalt" || c != (cost{64, 1, 1}) {
		t.Fatalf("cost %v, salt %q, %v", c, salt, err)
	}
	if got := encode(c, salt, c.key("horse", salt, 16)); got != stored+"ssVEVW6YFneRDl0lZNmuzg" {
		t.Errorf("hash %s", got)
	}
}

func TestUnreadableHashMatchesNothing(t *testing.T) {
	h := newHasher()
	for _, stored := range []string{"", "x", "$argon2id$v=19$m=64,t=1,p=1$", "$argon2id$v=19$m=64,t=0,p=1$YQ$YQ", "$argon2i$v=19$m=64,t=1,p=1$YQ$YQ", "$argon2id$v=19$m=64,t=1,p=1$!$YQ"} {
		if same, err := h.matches(t.Context(), stored, ""); same || err == nil {
			t.Errorf("%q: %v, %v", stored, same, err)
		}
	}
}
