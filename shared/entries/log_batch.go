package entries

import (
	"encoding/binary"
	"errors"
	"iter"
	"time"
)

// A row of entry_log holds a batch: entries one after the other, each
//
//	uvarint  length of what follows
//	varint   stored_at, in Unix milliseconds
//	uvarint  expires_at, in Unix milliseconds; 0 if it does not end
//	varint   used, in Unix nanoseconds
//	uvarint  length of the key, and the key
//	byte     1 and the value, to the end; or 0 and nothing: the key is deleted
//
// The numbers are those of encoding/binary.

var errBatch = errors.New("a batch of cache entries is damaged")

// appendEntry adds e to a batch; a nil value deletes the key.
func appendEntry(batch []byte, e Stored) []byte {
	var head [64]byte
	b := binary.AppendVarint(head[:0], e.StoredAt.UnixMilli())
	var expiresAt uint64
	if !e.ExpiresAt.IsZero() {
		expiresAt = uint64(e.ExpiresAt.UnixMilli())
	}
	b = binary.AppendUvarint(b, expiresAt)
	b = binary.AppendVarint(b, e.Used)
	b = binary.AppendUvarint(b, uint64(len(e.Key)))
	batch = binary.AppendUvarint(batch, uint64(len(b)+len(e.Key)+1+len(e.Value)))
	batch = append(append(batch, b...), e.Key...)
	if e.Value == nil {
		return append(batch, 0)
	}
	return append(append(batch, 1), e.Value...)
}

// batchEntries yields the entries of a batch as they lie there.
func batchEntries(batch []byte) iter.Seq2[rawEntry, error] {
	return func(yield func(rawEntry, error) bool) {
		for len(batch) > 0 {
			size, n := binary.Uvarint(batch)
			if n <= 0 || size > uint64(len(batch)-n) {
				yield(nil, errBatch)
				return
			}
			if !yield(rawEntry(batch[n:n+int(size)]), nil) {
				return
			}
			batch = batch[n+int(size):]
		}
	}
}

// rawEntry is an entry of a batch without its length.
type rawEntry []byte

// decode reads an entry. Key and value share memory with the batch.
func (r rawEntry) decode() (e batchEntry, err error) {
	storedAt, n := binary.Varint(r)
	expiresAt, m := binary.Uvarint(r[max(n, 0):])
	at := max(n, 0) + max(m, 0)
	used, k := binary.Varint(r[at:])
	at += max(k, 0)
	size, l := binary.Uvarint(r[at:])
	at += max(l, 0)
	if n <= 0 || m <= 0 || k <= 0 || l <= 0 || size >= uint64(len(r)-at) {
		return e, errBatch
	}
	e = batchEntry{storedAt: time.UnixMilli(storedAt).UTC(), used: used, key: r[at : at+int(size)]}
	if expiresAt != 0 {
		e.expiresAt = time.UnixMilli(int64(expiresAt)).UTC()
	}
	rest := r[at+int(size):]
	if rest[0] != 0 {
		e.value = rest[1:]
	}
	return e, nil
}

// batchEntry is a decoded entry; a nil value deletes the key.
type batchEntry struct {
	key, value          []byte
	storedAt, expiresAt time.Time
	used                int64
}
