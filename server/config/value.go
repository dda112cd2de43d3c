package config

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value reads and writes one field of a Config as text. Set's errors say what
// is wrong with the value and what would be right, without repeating the value:
// it might be a secret.
type value struct {
	set  func(string) error
	text func() string
}

// presence says whether a value may be empty, that is none.
type presence bool

const (
	required presence = true
	optional presence = false
)

func text(field *string, p presence) value {
	return value{
		set: func(s string) error {
			if p == required && s == "" {
				return fmt.Errorf("may not be empty")
			}
			*field = s
			return nil
		},
		text: func() string { return *field },
	}
}

func choice(field *string, among ...string) value {
	return value{
		set: func(s string) error {
			if !slices.Contains(among, s) {
				return fmt.Errorf("must be one of %s", strings.Join(among, ", "))
			}
			*field = s
			return nil
		},
		text: func() string { return *field },
	}
}

func address(field *string, p presence) value {
	return value{
		set: func(s string) error {
			if s == "" && p == optional {
				*field = ""
				return nil
			}
			_, port, err := net.SplitHostPort(s)
			if _, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil {
				return fmt.Errorf("must be an address like 127.0.0.1:8080")
			}
			*field = s
			return nil
		},
		text: func() string { return *field },
	}
}

func integer(field *int, least, most int) value {
	return value{
		set: func(s string) error {
			n, err := strconv.Atoi(s)
			if err != nil || n < least || n > most {
				return fmt.Errorf("must be a whole number from %d to %d", least, most)
			}
			*field = n
			return nil
		},
		text: func() string { return strconv.Itoa(*field) },
	}
}

func seconds(field *time.Duration, least, most int) value {
	return duration(field, time.Second, least, most)
}

func minutes(field *time.Duration, least, most int) value {
	return duration(field, time.Minute, least, most)
}

// duration is a whole number of units, as the setting's name says.
func duration(field *time.Duration, unit time.Duration, least, most int) value {
	var n int
	v := integer(&n, least, most)
	return value{
		set: func(s string) error {
			err := v.set(s)
			if err == nil {
				*field = time.Duration(n) * unit
			}
			return err
		},
		text: func() string { return strconv.FormatInt(int64(*field/unit), 10) },
	}
}

// units from the longest name to the shortest, so that "MiB" is not read as "B".
var units = []struct {
	name  string
	bytes int64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"TiB", 1 << 40},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"B", 1},
	{"", 1},
}

func size(field *int64, least int64) value {
	return value{
		set: func(s string) error {
			n, ok := parseSize(s)
			if !ok || n < least {
				return fmt.Errorf("must be a size like 64MiB, 1GB or a number of bytes, at least %d", least)
			}
			*field = n
			return nil
		},
		text: func() string { return formatSize(*field) },
	}
}

func parseSize(s string) (int64, bool) {
	for _, u := range units {
		if len(s) < len(u.name) || !strings.EqualFold(s[len(s)-len(u.name):], u.name) {
			continue
		}
		digits := strings.TrimSpace(s[:len(s)-len(u.name)])
		n, err := strconv.ParseInt(digits, 10, 64)
		return n * u.bytes, err == nil && n >= 0 && n <= math.MaxInt64/u.bytes
	}
	return 0, false
}

// formatSize uses the largest binary unit that divides n.
func formatSize(n int64) string {
	for _, u := range slices.Backward(units[:4]) {
		if n > 0 && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// origin is a scheme and a host: RET owns the whole of its origin.
func origin(field **url.URL) value {
	return webAddress(field, func(u *url.URL) error {
		u.Path = strings.TrimSuffix(u.Path, "/")
		if u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fmt.Errorf("must be scheme and host only, like https://ret.example.org")
		}
		return nil
	})
}

func endpoint(field **url.URL) value {
	return webAddress(field, func(*url.URL) error { return nil })
}

func webAddress(field **url.URL, check func(*url.URL) error) value {
	return value{
		set: func(s string) error {
			if s == "" {
				*field = nil
				return nil
			}
			u, err := url.Parse(s)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				return fmt.Errorf("must be an address that starts with http:// or https://")
			}
			u.Host = browsersHost(u)
			if err := check(u); err != nil {
				return err
			}
			*field = u
			return nil
		},
		text: func() string {
			if *field == nil {
				return ""
			}
			return (*field).Redacted()
		},
	}
}

// browsersHost is an address's host as browsers send it in an origin: in small
// letters, without the port that goes without saying.
func browsersHost(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// networks reads a list like "10.0.0.0/8, ::1"; a bare address is a network of
// one.
func networks(field *[]netip.Prefix) value {
	return value{
		set: func(s string) error {
			var list []netip.Prefix
			for part := range strings.SplitSeq(s, ",") {
				if part = strings.TrimSpace(part); part == "" {
					continue
				}
				p, err := parseNetwork(part)
				if err != nil {
					return fmt.Errorf("must be networks like 10.0.0.0/8,::1/128")
				}
				list = append(list, p)
			}
			*field = list
			return nil
		},
		text: func() string {
			parts := make([]string, len(*field))
			for i, p := range *field {
				parts[i] = p.String()
			}
			return strings.Join(parts, ",")
		},
	}
}

func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}
