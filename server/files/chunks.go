package files

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"ret/shared/seal"
)

// chunksInMemory is how many chunks of all sessions' tables are remembered, in clear and as
// they are stored: 16 MiB.
const chunksInMemory = 512

// manyChunks is how much is read at once by who reads a table from end to end: what it
// reads is not remembered, or it would take the place of all else.
const manyChunks = 4 * seal.Chunk

// chunks remembers chunks of tables in clear, those that were read last: a page of a table is mostly
// asked for beside others of it, and each of them begins with the header. It may be used
// concurrently.
type chunks struct {
	mu   sync.Mutex
	kept *simplelru.LRU[chunkPlace, *seal.Known]
}

// chunkPlace says which chunk it is: the key is the session's, and the salt the part's.
type chunkPlace struct {
	key   *seal.Key
	salt  seal.Salt
	start int64
}

func newChunks(most int) *chunks {
	kept, _ := simplelru.NewLRU[chunkPlace, *seal.Known](most, nil) // fails on sizes below 1 only
	return &chunks{kept: kept}
}

// read opens the chunk of a part that begins at a place. It is decrypted only if it is
// not remembered, or has changed on the disk.
func (c *chunks) read(key *seal.Key, p *seal.Part, start int64) ([]byte, error) {
	where := chunkPlace{key, p.Salt(), start}
	c.mu.Lock()
	before, _ := c.kept.Get(where)
	c.mu.Unlock()
	now, err := p.Know(start, before)
	if err != nil {
		return nil, err
	}
	if now != before {
		c.add(where, now)
	}
	return now.Plain, nil
}

func (c *chunks) add(where chunkPlace, chunk *seal.Known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if where.key.Use(func([]byte) error { return nil }) == nil { // or nobody would forget it
		c.kept.Add(where, chunk)
	}
}

// forget keeps nothing of a session, whose key is destroyed.
func (c *chunks) forget(key *seal.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, where := range c.kept.Keys() {
		if where.key == key {
			c.kept.Remove(where)
		}
	}
}
