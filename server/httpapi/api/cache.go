package api

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"ret/server/httpapi/chain"
	"ret/shared/cache"
	"ret/shared/fault"
)

func (s *Server) putEntry(c *chain.Call) error {
	ttl, err := ttlOf(c.R)
	if err != nil {
		return err
	}
	key := c.R.PathValue("key")
	if !utf8.ValidString(key) {
		return fault.New(fault.Invalid, "A cache key must be text in UTF-8.")
	}
	value, err := readValue(c)
	if err != nil {
		return err
	}
	if err := c.Folder.Space().CheckDisk(int64(len(value))); err != nil {
		return err
	}
	if err := c.Cache.Set(c.R.Context(), key, value, ttl); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

// ttlOf reads an entry's time to live in whole seconds; none means the default.
func ttlOf(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("ttl")
	if text == "" {
		return 0, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 1 || seconds > maxTTLSeconds {
		return 0, fault.New(fault.Invalid, "ttl must be a number of seconds between 1 and %d.", maxTTLSeconds)
	}
	return time.Duration(seconds) * time.Second, nil
}

// maxTTLSeconds is a century: no session lives so long.
const maxTTLSeconds = 100 * 365 * 24 * 3600

var errValueTooLarge = fault.New(fault.TooLarge, "A cache entry's value may have 8 MiB. Store something this large as a file.")

func readValue(c *chain.Call) ([]byte, error) {
	if c.R.ContentLength > cache.MaxValueBytes {
		return nil, errValueTooLarge
	}
	value, err := io.ReadAll(http.MaxBytesReader(c.W, c.R.Body, cache.MaxValueBytes))
	if errors.As(err, new(*http.MaxBytesError)) {
		return nil, errValueTooLarge
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The value broke off on its way and was not stored. Please try again.")
	}
	return value, nil
}

func (s *Server) getEntry(c *chain.Call) error {
	entry, ok, err := c.Cache.Find(c.R.Context(), c.R.PathValue("key"))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.NotFound, "The cache holds nothing under this key.")
	}
	chain.Attach(c.W, "application/octet-stream", "entry")
	h := c.W.Header()
	h.Set("Content-Length", strconv.Itoa(len(entry.Value)))
	h.Set("Age", strconv.Itoa(int(max(0, time.Since(entry.StoredAt).Seconds()))))
	if !entry.ExpiresAt.IsZero() {
		h.Set("Expires", entry.ExpiresAt.UTC().Format(http.TimeFormat))
	}
	_, _ = c.W.Write(entry.Value) // the client may be gone
	return nil
}

func (s *Server) deleteEntry(c *chain.Call) error {
	if err := c.Cache.Delete(c.R.Context(), c.R.PathValue("key")); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

type removedJSON struct {
	Removed int `json:"removed"`
}

// deleteEntries deletes by prefix or by pattern; one of them must be there, so
// that a forgotten parameter does not empty the cache.
func (s *Server) deleteEntries(c *chain.Call) (err error) {
	q := c.R.URL.Query()
	var removed int
	switch {
	case q.Has("prefix") && !q.Has("pattern"):
		removed, err = c.Cache.DeletePrefix(c.R.Context(), q.Get("prefix"))
	case q.Has("pattern") && !q.Has("prefix"):
		removed, err = c.Cache.DeletePattern(c.R.Context(), q.Get("pattern"))
	default:
		err = fault.New(fault.Invalid, "Say which entries to delete: either prefix=… or pattern=….")
	}
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, removedJSON{removed})
}

func (s *Server) cacheStats(c *chain.Call) error {
	stats, err := c.Cache.Stats(c.R.Context())
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, stats)
}
