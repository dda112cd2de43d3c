package xmltable

import "golang.org/x/text/encoding/charmap"

// webLabels are the labels of encodings on the web that IANA does not know, by the
// name under which it knows the encoding (WHATWG, Encoding, section 4.2). A table, since
// golang.org/x/text's own brings all languages' names into the browser's module; a
// test holds it against that.
var webLabels = map[string][]string{
	"big5":         {"big5-hkscs", "cn-big5", "x-x-big5"},
	"euc-jp":       {"x-euc-jp"},
	"euc-kr":       {"csksc56011987", "iso-ir-149", "korean", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601", "windows-949"},
	"gbk":          {"chinese", "csgb2312", "csiso58gb231280", "gb2312", "gb_2312", "gb_2312-80", "iso-ir-58", "x-gbk"},
	"iso-8859-10":  {"iso8859-10", "iso885910"},
	"iso-8859-13":  {"iso8859-13", "iso885913"},
	"iso-8859-14":  {"iso8859-14", "iso885914"},
	"iso-8859-15":  {"csisolatin9", "iso8859-15", "iso885915", "l9"},
	"iso-8859-2":   {"iso8859-2", "iso88592"},
	"iso-8859-3":   {"iso8859-3", "iso88593"},
	"iso-8859-4":   {"iso8859-4", "iso88594"},
	"iso-8859-5":   {"iso8859-5", "iso88595"},
	"iso-8859-6":   {"iso8859-6", "iso88596"},
	"iso-8859-7":   {"iso8859-7", "iso88597", "sun_eu_greek"},
	"iso-8859-8":   {"iso8859-8", "iso88598", "visual"},
	"iso-8859-8-i": {"logical"},
	"koi8-r":       {"koi", "koi8", "koi8_r"},
	"koi8-u":       {"koi8-ru"},
	"macintosh":    {"x-mac-roman"},
	"shift_jis":    {"ms932", "shift-jis", "sjis", "windows-31j", "x-sjis"},
	"windows-1250": {"cp1250", "x-cp1250"},
	"windows-1251": {"cp1251", "x-cp1251"},
	"windows-1252": {"cp1252", "x-cp1252"},
	"windows-1253": {"cp1253", "x-cp1253"},
	"windows-1254": {"cp1254", "iso8859-9", "iso88599", "x-cp1254"},
	"windows-1255": {"cp1255", "x-cp1255"},
	"windows-1256": {"cp1256", "x-cp1256"},
	"windows-1257": {"cp1257", "x-cp1257"},
	"windows-1258": {"cp1258", "x-cp1258"},
	"windows-874":  {"dos-874", "iso-8859-11", "iso8859-11", "iso885911", "tis-620"},
}

// byWebLabel is webLabels the other way round.
var byWebLabel = func() map[string]string {
	names := make(map[string]string)
	for name, labels := range webLabels {
		for _, label := range labels {
			names[label] = name
		}
	}
	return names
}()

// webEncodings are those for which IANA has no name at all.
var webEncodings = map[string]*charmap.Charmap{
	"x-mac-cyrillic": charmap.MacintoshCyrillic, "x-mac-ukrainian": charmap.MacintoshCyrillic,
	"x-user-defined": charmap.XUserDefined,
}
