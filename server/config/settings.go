package config

import (
	"math"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Setting is one row of the table: everything that is known about a setting
// besides its value.
type Setting struct {
	Name       string
	Group      string
	Default    string // as one would write it, or in words; "" is none
	Production string // what the production profile has instead, if anything
	Meaning    string
	Secret     bool // never a flag, never printed

	compute func(Config) string // a default that depends on the machine or on others
	bind    func(*Config) value
}

// Flag is the name of the setting's command line flag, or "" if it has none:
// arguments can be read by every user of the machine.
func (s Setting) Flag() string {
	if s.Secret {
		return ""
	}
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(s.Name, "RET_")), "_", "-")
}

// usage is the flag's line of help.
func (s Setting) usage() string {
	text := s.Name + ": " + strings.ReplaceAll(s.Meaning, "`", "")
	if s.Default != "" {
		text += " Default: " + s.Default + "."
	}
	return text
}

// prefixes mark the names that are ours: one of them that the table does not
// hold is a mistake.
var prefixes = []string{"RET_", "SESSION_", "RATE_LIMIT_", "LOGIN_", "MAX_LOGIN_"}

// foreign are names with one of our prefixes that the environment may hold
// for others: the X session's manager, and the switch of RET's own long tests.
var foreign = map[string]bool{"SESSION_MANAGER": true, "RET_SOAK": true}

const (
	groupServer   = "Server"
	groupStorage  = "Storage"
	groupAccounts = "Accounts"
	groupSessions = "Sessions and cache"
	groupRates    = "Rate limits"
	groupJobs     = "Jobs and archives"
	groupQuery    = "SQL"
	groupLogs     = "Logs"
	groupSearch   = "Search"
	groupAsk      = "Ask"
)

// Settings returns the table, in the order in which it is documented.
func Settings() []Setting { return append([]Setting(nil), settings...) }

const maxSeconds = math.MaxInt32

var settings = []Setting{
	{
		Name: "RET_ENV", Group: groupServer, Default: Development,
		Meaning: "The profile: `development` or `production`. Production sets the values of its own column and refuses to start without `RET_PUBLIC_URL` or TLS.",
		bind:    func(c *Config) value { return choice(&c.Env, Development, Production) },
	},
	{
		Name: "RET_ADDR", Group: groupServer, Default: "127.0.0.1:8080",
		Meaning: "Where to listen, as `host:port`. Port 0 takes a free one.",
		bind:    func(c *Config) value { return address(&c.Addr, required) },
	},
	{
		Name: "RET_PUBLIC_URL", Group: groupServer,
		Meaning: "The address people use, as `https://ret.example.org`. Decides the form of the cookies, HSTS and which origin may write.",
		bind:    func(c *Config) value { return origin(&c.PublicURL) },
	},
	{
		Name: "RET_TLS_CERT", Group: groupServer,
		Meaning: "Certificate file (PEM), to serve HTTPS without a proxy.",
		bind:    func(c *Config) value { return text(&c.TLSCert, optional) },
	},
	{
		Name: "RET_TLS_KEY", Group: groupServer,
		Meaning: "Key file (PEM) of `RET_TLS_CERT`.",
		bind:    func(c *Config) value { return text(&c.TLSKey, optional) },
	},
	{
		Name: "RET_TRUSTED_PROXIES", Group: groupServer,
		Meaning: "Networks, as `10.0.0.0/8,::1/128`, whose `X-Forwarded-For` is believed.",
		bind:    func(c *Config) value { return networks(&c.TrustedProxies) },
	},
	{
		Name: "RET_METRICS_ADDR", Group: groupServer,
		Meaning: "Where to serve `GET /metrics` for Prometheus, as `host:port`. It has no sign-in: keep it on a private address.",
		bind:    func(c *Config) value { return address(&c.MetricsAddr, optional) },
	},
	{
		Name: "RET_RUNTIME_ROOT", Group: groupStorage, Default: "./runtime",
		Meaning: "Folder of everything that is written. Made with mode 0700, held by a lock: one server at a time.",
		bind:    func(c *Config) value { return text(&c.RuntimeRoot, required) },
	},
	{
		Name: "RET_SESSION_DB", Group: groupStorage, Default: "$RET_RUNTIME_ROOT/ret_session.db",
		Meaning: "Database of accounts, sessions and the audit trail.",
		compute: func(c Config) string { return filepath.Join(c.RuntimeRoot, "ret_session.db") },
		bind:    func(c *Config) value { return text(&c.SessionDB, required) },
	},
	{
		Name: "RET_MASTER_KEY_FILE", Group: groupStorage, Default: "ret/master.key in the user's configuration folder",
		Meaning: "File of the key that wraps each session's key, mode 0600. Keep it outside of the runtime folder and of its backups.",
		compute: defaultMasterKeyFile,
		bind:    func(c *Config) value { return text(&c.MasterKeyFile, optional) },
	},
	{
		Name: "RET_ADMIN_PASSWORD", Group: groupAccounts, Secret: true,
		Meaning: "Password of the first `admin`, made when there is no user yet. Without it a random one is printed once.",
		bind:    func(c *Config) value { return text(&c.AdminPassword, optional) },
	},
	{
		Name: "MAX_LOGIN_ATTEMPTS", Group: groupAccounts, Default: "5",
		Meaning: "Failed sign-ins, per name and address (IPv6: /64), until both together are locked out.",
		bind:    func(c *Config) value { return integer(&c.MaxLoginAttempts, 1, 1_000_000) },
	},
	{
		Name: "LOGIN_LOCKOUT_MINUTES", Group: groupAccounts, Default: "15",
		Meaning: "How long a lockout lasts after the last failed try.",
		bind:    func(c *Config) value { return minutes(&c.LoginLockout, 1, maxSeconds/60) },
	},
	{
		Name: "SESSION_CACHE_TTL_SECONDS", Group: groupSessions, Default: "3600", Production: "7200",
		Meaning: "A session's idle time, and the default time to live of a cache entry.",
		bind:    func(c *Config) value { return seconds(&c.SessionIdle, 1, maxSeconds) },
	},
	{
		Name: "SESSION_OFFLINE_SECONDS", Group: groupSessions, Default: "28800",
		Meaning: "A session's idle time once a browser that works offline has joined it.",
		bind:    func(c *Config) value { return seconds(&c.SessionOfflineIdle, 1, maxSeconds) },
	},
	{
		Name: "SESSION_MAX_AGE_SECONDS", Group: groupSessions, Default: "86400",
		Meaning: "A session's longest life, however busy it is.",
		bind:    func(c *Config) value { return seconds(&c.SessionMaxAge, 1, maxSeconds) },
	},
	{
		Name: "SESSION_CACHE_MAX_SIZE", Group: groupSessions, Default: "1000", Production: "5000",
		Meaning: "Cache entries held in memory, by the whole process.",
		bind:    func(c *Config) value { return integer(&c.CacheMaxEntries, 1, math.MaxInt32) },
	},
	{
		Name: "SESSION_CACHE_MAX_BYTES", Group: groupSessions, Default: "64MiB",
		Meaning: "The same, by weight.",
		bind:    func(c *Config) value { return size(&c.CacheMaxBytes, 1) },
	},
	{
		Name: "RET_MAX_SESSION_CACHE_BYTES", Group: groupSessions, Default: "256MiB",
		Meaning: "Stored cache entries of one session; beyond it the least recently used go first.",
		bind:    func(c *Config) value { return size(&c.MaxSessionCacheBytes, 1) },
	},
	{
		Name: "RATE_LIMIT_REQUESTS", Group: groupRates, Default: "100",
		Meaning: "Requests without a session, per address and window. `0` turns all rate limits off.",
		bind:    func(c *Config) value { return integer(&c.RateLimitRequests, 0, maxRate) },
	},
	{
		Name: "RATE_LIMIT_WINDOW_SECONDS", Group: groupRates, Default: "60",
		Meaning: "The window. No window, wherever it starts, lets more than the limit pass.",
		bind:    func(c *Config) value { return seconds(&c.RateLimitWindow, 1, 86400) },
	},
	{
		Name: "RATE_LIMIT_SESSION_REQUESTS", Group: groupRates, Default: "3000",
		Meaning: "Requests with a session, per session and window. Changes over the live channel count; over the limit they wait and are not refused.",
		bind:    func(c *Config) value { return integer(&c.RateLimitSessionRequests, 1, maxRate) },
	},
	{
		Name: "RATE_LIMIT_LOGIN_REQUESTS", Group: groupRates, Default: "20",
		Meaning: "Sign-ins, per address and window, counted in the database.",
		bind:    func(c *Config) value { return integer(&c.RateLimitLoginRequests, 1, maxRate) },
	},
	{
		Name: "RATE_LIMIT_UPLOAD_REQUESTS", Group: groupRates, Default: "600",
		Meaning: "Uploads, per session and window.",
		bind:    func(c *Config) value { return integer(&c.RateLimitUploadRequests, 1, maxRate) },
	},
	{
		Name: "RATE_LIMIT_CONNECTIONS", Group: groupRates, Default: "1000",
		Meaning: "Connections open at once, per address (IPv6: /64), but for those of `RET_TRUSTED_PROXIES`; never more than a fifth of the descriptors that the process may have.",
		bind:    func(c *Config) value { return integer(&c.RateLimitConnections, 1, maxRate) },
	},
	{
		Name: "RET_WORKERS", Group: groupJobs, Default: "number of cores",
		Meaning: "Jobs run at once. `0` runs each job inside the request that submits it, and at start what an earlier run left.",
		compute: func(Config) string { return strconv.Itoa(runtime.GOMAXPROCS(0)) },
		bind:    func(c *Config) value { return integer(&c.Workers, 0, 1024) },
	},
	{
		Name: "RET_JOB_MAX_ATTEMPTS", Group: groupJobs, Default: "3",
		Meaning: "How often a job is tried when RET itself fails.",
		bind:    func(c *Config) value { return integer(&c.JobMaxAttempts, 1, 100) },
	},
	{
		Name: "RET_MAX_UPLOAD_BYTES", Group: groupJobs, Default: "4GiB",
		Meaning: "Size of one upload.",
		bind:    func(c *Config) value { return size(&c.MaxUploadBytes, 1) },
	},
	{
		Name: "RET_MAX_SESSION_BYTES", Group: groupJobs, Default: "16GiB",
		Meaning: "All that one session may hold: uploads, tables, and what its changes over the live channel were answered.",
		bind:    func(c *Config) value { return size(&c.MaxSessionBytes, 1) },
	},
	{
		Name: "RET_MAX_ARCHIVE_FILES", Group: groupJobs, Default: "200000",
		Meaning: "Files in one archive, nested ones included.",
		bind:    func(c *Config) value { return integer(&c.MaxArchiveFiles, 1, math.MaxInt32) },
	},
	{
		Name: "RET_MAX_ARCHIVE_RATIO", Group: groupJobs, Default: "200",
		Meaning: "How many times its size an archive may unpack to, counted on what really comes out, above 10 MiB.",
		bind:    func(c *Config) value { return integer(&c.MaxArchiveRatio, 1, math.MaxInt32) },
	},
	{
		Name: "RET_MAX_ARCHIVE_DEPTH", Group: groupJobs, Default: "16",
		Meaning: "Archives within archives.",
		bind:    func(c *Config) value { return integer(&c.MaxArchiveDepth, 1, 1000) },
	},
	{
		Name: "RET_MAX_COLUMNS", Group: groupJobs, Default: "16384",
		Meaning: "Columns of one table.",
		bind:    func(c *Config) value { return integer(&c.MaxColumns, 1, math.MaxInt32) },
	},
	{
		Name: "RET_MAX_OUTPUT_RATIO", Group: groupJobs, Default: "100",
		Meaning: "How many times the size of its document a table may have, above 1 GiB.",
		bind:    func(c *Config) value { return integer(&c.MaxOutputRatio, 1, math.MaxInt32) },
	},
	{
		Name: "RET_QUERY_SECONDS", Group: groupQuery, Default: "30",
		Meaning: "How long one SQL statement may take.",
		bind:    func(c *Config) value { return seconds(&c.QueryTime, 1, 86_400) },
	},
	{
		Name: "RET_QUERY_BYTES", Group: groupQuery, Default: "256MiB",
		Meaning: "Memory of one SQL statement: half of it for sorting and grouping, half for rows that are joined and for the answer. As many run at once as there are processors.",
		bind:    func(c *Config) value { return size(&c.QueryBytes, 1) },
	},
	{
		Name: "RET_LOG_LEVEL", Group: groupLogs, Default: "info",
		Meaning: "`debug`, `info`, `warn` or `error`.",
		bind:    func(c *Config) value { return choice(&c.LogLevel, "debug", "info", "warn", "error") },
	},
	{
		Name: "RET_LOG_FORMAT", Group: groupLogs, Default: "text", Production: "json",
		Meaning: "`text` or `json`.",
		bind:    func(c *Config) value { return choice(&c.LogFormat, "text", "json") },
	},
	{
		Name: "RET_EMBED_FILE", Group: groupSearch,
		Meaning: "Folder of a static embedding model in model2vec's format (`model.safetensors`, `tokenizer.json`, `config.json`), for search by meaning. Nothing leaves the machine.",
		bind:    func(c *Config) value { return text(&c.EmbedFile, optional) },
	},
	{
		Name: "RET_EMBED_URL", Group: groupSearch,
		Meaning: "An OpenAI-compatible embeddings endpoint, as `http://127.0.0.1:11434/v1`, for search by meaning where `RET_EMBED_FILE` is not set. Cells are sent there, for sessions that said yes.",
		bind:    func(c *Config) value { return endpoint(&c.EmbedURL) },
	},
	{
		Name: "RET_EMBED_MODEL", Group: groupSearch,
		Meaning: "The model to ask it for.",
		bind:    func(c *Config) value { return text(&c.EmbedModel, optional) },
	},
	{
		Name: "RET_EMBED_KEY", Group: groupSearch, Secret: true,
		Meaning: "The key it wants.",
		bind:    func(c *Config) value { return text(&c.EmbedKey, optional) },
	},
	{
		Name: "RET_CHAT_URL", Group: groupAsk,
		Meaning: "An OpenAI-compatible chat endpoint that streams and knows tools, as `http://127.0.0.1:11434/v1`, to answer questions about tables. Sessions that said yes send it names, profiles and cells of their tables.",
		bind:    func(c *Config) value { return endpoint(&c.ChatURL) },
	},
	{
		Name: "RET_CHAT_MODEL", Group: groupAsk,
		Meaning: "The model to ask it for.",
		bind:    func(c *Config) value { return text(&c.ChatModel, optional) },
	},
	{
		Name: "RET_CHAT_KEY", Group: groupAsk, Secret: true,
		Meaning: "The key it wants.",
		bind:    func(c *Config) value { return text(&c.ChatKey, optional) },
	},
	{
		Name: "RET_CHAT_MAX_CELLS", Group: groupAsk, Default: "2000",
		Meaning: "Cells that one question may show it, those of profiles among them.",
		bind:    func(c *Config) value { return integer(&c.ChatMaxCells, 0, 1_000_000) },
	},
}

// maxRate keeps a bucket's memory bounded: an exact window remembers each of
// its requests.
const maxRate = 1_000_000

// defaultMasterKeyFile is none where the user has no configuration folder, nor a home
// in which one would be.
func defaultMasterKeyFile(Config) string {
	dir, err := os.UserConfigDir()
	if err != nil { // without HOME, as services run
		me, err := user.Current()
		if err != nil || me.HomeDir == "" {
			return ""
		}
		dir = filepath.Join(me.HomeDir, ".config")
	}
	return filepath.Join(dir, "ret", "master.key")
}
