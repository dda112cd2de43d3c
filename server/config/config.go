// Package config turns flags, environment, a file and a profile into one Config.
//
// Each setting is one entry of the table in settings.go: its name, default,
// meaning and place in Config. Flags, the printed configuration, the example
// files and docs/configuration.md all come from that table or are tested
// against it, so a setting that nothing reads, or that nobody documented,
// cannot exist.
//
// Config is passed by value and never changes after start; any number of
// goroutines may read it.
package config

import (
	"net/netip"
	"net/url"
	"time"
)

// The two profiles of RET_ENV.
const (
	Development = "development"
	Production  = "production"
)

// Config is all that can be set. The zero value is of no use: Load fills it.
type Config struct {
	Env string // Development or Production

	// Where it listens and how people reach it.
	Addr           string
	PublicURL      *url.URL // nil if none was set; scheme and host only
	TLSCert        string
	TLSKey         string
	TrustedProxies []netip.Prefix
	MetricsAddr    string // "" serves no metrics

	// Where it keeps things.
	RuntimeRoot   string
	SessionDB     string
	MasterKeyFile string

	// Accounts and signing in.
	AdminPassword    string
	MaxLoginAttempts int
	LoginLockout     time.Duration

	// Sessions and their cache.
	SessionIdle          time.Duration // also an entry's default time to live
	SessionOfflineIdle   time.Duration
	SessionMaxAge        time.Duration
	CacheMaxEntries      int
	CacheMaxBytes        int64
	MaxSessionCacheBytes int64

	// Rates, all within RateLimitWindow. RateLimitRequests of 0 turns all off.
	RateLimitRequests        int
	RateLimitWindow          time.Duration
	RateLimitSessionRequests int
	RateLimitLoginRequests   int
	RateLimitUploadRequests  int
	RateLimitConnections     int

	// Jobs and their bounds.
	Workers         int // 0 runs a job inside the request that submits it
	JobMaxAttempts  int
	MaxUploadBytes  int64
	MaxSessionBytes int64
	MaxArchiveFiles int
	MaxArchiveRatio int
	MaxArchiveDepth int
	MaxColumns      int
	MaxOutputRatio  int

	// One SQL statement.
	QueryTime  time.Duration
	QueryBytes int64

	LogLevel  string // debug, info, warn or error
	LogFormat string // text or json

	// What search by meaning asks: a model's folder, which is used if it is set, or an
	// endpoint. Without both, search is by words.
	EmbedFile  string
	EmbedURL   *url.URL // nil if none was set
	EmbedModel string
	EmbedKey   string

	// The endpoint that answers questions; without a URL there is no such page.
	ChatURL      *url.URL // nil if none was set
	ChatModel    string
	ChatKey      string
	ChatMaxCells int // that one question may show it
}

// TLS reports whether the server speaks HTTPS itself.
func (c Config) TLS() bool { return c.TLSCert != "" }

// Secure reports whether people reach the server by https, so that cookies are
// Secure and carry the __Host- prefix.
func (c Config) Secure() bool {
	return c.TLS() || c.PublicURL != nil && c.PublicURL.Scheme == "https"
}

// RateLimited reports whether any rate is limited at all.
func (c Config) RateLimited() bool { return c.RateLimitRequests > 0 }
