package files

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"ret/shared/seal"
)

// chunksInMemory is how many chunks of all sessions' tables are remembered in clear: 16 MiB.
const chunksInMemory = 1024

// manyChunks is how much is read at once by who reads a table from end to end: what it
// reads is not remembered, or it would take the place of all else.
const manyChunks = 4 * seal.Chunk

// chunks remembers chunks of tables in clear, those that were read last: a page of a table is mostly
// asked for beside others of it, and each of them begins with the header. It may be used
// concurrently.
type chunks struct {
	mu   sync.Mutex
	kept *simplelru.LRU[chunkPlace, []byte] // nobody changes what is in there
}

// chunkPlace says which chunk it is: the key is the session's, and the salt the part's.
type chunkPlace struct {
	key   *seal.Key
	salt  seal.Salt
	start int64
}

func newChunks(most int) *chunks {
	kept, _ := simplelru.NewLRU[chunkPlace, []byte](most, nil) // fails on sizes below 1 only
	return &chunks{kept: kept}
}

// read decrypts the chunk of a part that begins at a place, unless it is remembered. While
// the key is there: what is remembered of a session ends with it.
func (c *chunks) read(key *seal.Key, p *seal.Part, start int64) ([]byte, error) {
	if err := alive(key); err != nil {
		return nil, err
	}
	where := chunkPlace{key, p.Salt(), start}
	c.mu.Lock()
	chunk, ok := c.kept.Get(where)
	c.mu.Unlock()
	if ok {
		return chunk, nil
	}
	chunk = make([]byte, min(seal.Chunk, p.Size()-start))
	if _, err := p.ReadAt(chunk, start); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if alive(key) == nil { // or nobody would forget it
		c.kept.Add(where, chunk)
	}
	return chunk, nil
}

func alive(key *seal.Key) error { return key.Use(func([]byte) error { return nil }) }

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
