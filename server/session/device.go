package session

import "strings"

// named is a name for what a User-Agent with a mark in it comes from.
type named struct{ mark, name string }

// Each list is asked in order: many browsers name those they descend from too.
var (
	browsers = []named{
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"OPR/", "Opera"},
		{"Vivaldi/", "Vivaldi"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"HeadlessChrome/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
		{"Wget/", "wget"},
		{"Go-http-client/", "a Go program"},
		{"python", "a Python program"},
	}
	systems = []named{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Linux", "Linux"},
	}
)

// DeviceName says in a few words what a User-Agent header stands for, so that a
// person recognises their devices. It holds nothing of the header itself.
func DeviceName(userAgent string) string {
	browser, system := find(browsers, userAgent), find(systems, userAgent)
	switch {
	case browser == "" && system == "":
		return "Unknown device"
	case browser == "":
		return system
	case system == "":
		return browser
	default:
		return browser + " on " + system
	}
}

func find(among []named, userAgent string) string {
	for _, n := range among {
		if strings.Contains(userAgent, n.mark) {
			return n.name
		}
	}
	return ""
}
