package cache

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"ret/shared/entries"
)

// removeBatch is how many entries one transaction visits, so that other writes
// get their turn.
const removeBatch = 2048

// DeletePrefix removes all entries whose key begins with prefix, byte for byte,
// and returns how many there were. It costs what it removes. Entries that are set
// meanwhile may stay; after an error some are gone, which the count says.
func (c *Cache) DeletePrefix(ctx context.Context, prefix string) (int, error) {
	return c.deleteMatching(ctx, rangeOf(prefix), nil)
}

// DeletePattern is DeletePrefix for all entries whose key matches pattern, in
// which * stands for any characters, ? for one, and everything else for itself.
// It costs what begins as the pattern does before its first * or ?.
func (c *Cache) DeletePattern(ctx context.Context, pattern string) (int, error) {
	literal := pattern
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		literal = pattern[:i]
	}
	return c.deleteMatching(ctx, rangeOf(literal), func(key string) bool { return matches(pattern, key) })
}

func (c *Cache) deleteMatching(ctx context.Context, in entries.KeyRange, match func(string) bool) (int, error) {
	if err := c.order.beginRange(); err != nil {
		return 0, err
	}
	defer c.order.endRange()
	c.flush()
	count := 0
	for more := true; more; {
		var removed entries.Removed
		err := c.update(ctx, func(tx *entries.Tx) (err error) {
			removed, err = tx.DeleteMatching(in, match, c.at(), removeBatch)
			tx.AfterCommit(func() { c.order.dropped(removed.Keys) })
			return err
		})
		if err != nil {
			return count, err
		}
		count += removed.Live
		in.From, more = removed.Next, removed.Next != ""
	}
	return count, nil
}

func (c *Cache) at() time.Time { return time.Unix(0, c.clock.now()) }

// rangeOf returns the range of keys that begin with prefix.
func rangeOf(prefix string) entries.KeyRange {
	below := []byte(prefix)
	for len(below) > 0 && below[len(below)-1] == 0xff {
		below = below[:len(below)-1]
	}
	if len(below) > 0 {
		below[len(below)-1]++
	}
	return entries.KeyRange{From: prefix, Below: string(below)}
}

// matches compares key with a pattern. On a mismatch it goes back to the last *
// only, which is enough: an earlier one could match no more than the last can.
func matches(pattern, key string) bool {
	star, resume := -1, 0
	p, k := 0, 0
	for k < len(key) {
		_, size := utf8.DecodeRuneInString(key[k:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, k
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			k += size
		case p < len(pattern) && pattern[p] == key[k]:
			p++
			k++
		case star >= 0:
			_, size := utf8.DecodeRuneInString(key[resume:])
			resume += size
			p, k = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
