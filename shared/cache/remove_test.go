package cache_test

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"ret/shared/cache"
)

func TestDeletePrefixTakesBytesLiterally(t *testing.T) {
	keys := []string{
		"a", "a%", "a%b", "a_", "a_b", "a*", "a*b", "a?", "a[b]", "A", "ab", "b",
		"\x00", "\x00\x01", "\xff", "\xff\xff", "\xff\xff\x00", "é", "éa", "\xc3", "a\xff", "a\xffb", "b\x00c",
	}
	prefixes := append([]string{"", "z", "\xff\xff\xff", "\xc3\xa9"}, keys...)
	eachTier(t, func(t *testing.T, limits cache.Limits) {
		c := newCache(t, limits, cache.Options{})
		for _, prefix := range prefixes {
			expect := 0
			setAll(t, c, keys...)
			for _, key := range keys {
				if strings.HasPrefix(key, prefix) {
					expect++
				}
			}
			n, err := c.DeletePrefix(t.Context(), prefix)
			if err != nil || n != expect {
				t.Errorf("prefix %q removed %d, %v; want %d", prefix, n, err, expect)
			}
			for _, key := range keys {
				if strings.HasPrefix(key, prefix) {
					wantNone(t, c, key)
				} else {
					want(t, c, key, key)
				}
			}
		}
	})
}

func TestDeletePattern(t *testing.T) {
	tests := []struct {
		pattern string
		match   []string
		not     []string
	}{
		{"user:*:x", []string{"user:1:x", "user::x", "user:1:2:x"}, []string{"user:1:y", "auser:1:x", "user:x"}},
		{"?", []string{"a", "é", "世"}, []string{"ab", "世界"}},
		{"a?c*", []string{"abc", "abcd", "aéc"}, []string{"ac", "aabc"}},
		{"*", []string{"a", "b", "%"}, nil},
		{"a%_b", []string{"a%_b"}, []string{"axxb", "a%xb"}},
		{"a[bc]", []string{"a[bc]"}, []string{"ab", "ac"}},
		{"a\\*", []string{"a\\", "a\\b"}, []string{"a*"}},
		{"*a*b*", []string{"ab", "xaxbx", "aab"}, []string{"ba"}},
		{"**", []string{"x"}, nil},
		{"exact", []string{"exact"}, []string{"exactly", "exac"}},
		{"*ab", []string{"aab", "abab"}, []string{"aba"}},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			c := newCache(t, roomy, cache.Options{})
			setAll(t, c, append(tt.match, tt.not...)...)
			n, err := c.DeletePattern(t.Context(), tt.pattern)
			if err != nil || n != len(tt.match) {
				t.Errorf("removed %d, %v; want %d", n, err, len(tt.match))
			}
			for _, key := range tt.match {
				wantNone(t, c, key)
			}
			for _, key := range tt.not {
				want(t, c, key, key)
			}
		})
	}
}

// path.Match agrees on patterns of letters, * and ?, as long as no key has a
// slash.
func FuzzPattern(f *testing.F) {
	f.Add("a*b?", "axxbc")
	f.Add("**a", "a")
	f.Fuzz(func(t *testing.T, pattern, key string) {
		if strings.ContainsAny(pattern, "[]\\/") || strings.Contains(key, "/") || len(pattern)+len(key) > 40 {
			t.Skip("means something else to path.Match")
		}
		expect, err := path.Match(pattern, key)
		if err != nil {
			t.Skip("no pattern")
		}
		if got := cache.Matches(pattern, key); got != expect {
			t.Errorf("%q matches %q: %v, want %v", pattern, key, got, expect)
		}
	})
}

func TestRemovalCountsBothTiersOnceAndNoExpired(t *testing.T) {
	clock := newTestClock()
	c := newCache(t, cache.Limits{Entries: 5, Bytes: 1 << 20}, cache.Options{Now: clock.Now})
	for i := range 20 {
		set(t, c, fmt.Sprint("p", i), "1")
	}
	for i := range 3 {
		if err := c.Set(t.Context(), fmt.Sprint("pshort", i), nil, time.Second); err != nil {
			t.Fatal(err)
		}
		if err := c.SetBehind(fmt.Sprint("pbehind", i), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	clock.advance(time.Second)
	if n, err := c.DeletePrefix(t.Context(), "p"); n != 23 || err != nil {
		t.Errorf("removed %d, %v; want 23", n, err)
	}
}

func TestRemovalOfManyTakesSeveralTransactions(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	for i := range 3000 {
		if err := c.SetBehind(fmt.Sprintf("many:%d", i), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	set(t, c, "other", "1")
	if n, err := c.DeletePattern(t.Context(), "many:*0"); n != 300 || err != nil {
		t.Errorf("removed %d, %v; want 300", n, err)
	}
	if n, err := c.DeletePrefix(t.Context(), "many:"); n != 2700 || err != nil {
		t.Errorf("removed %d, %v; want 2700", n, err)
	}
	want(t, c, "other", "1")
}
