package profile

import (
	"bytes"
	"math"
	"strconv"
)

// kinds are those that a value may be of.
type kinds uint8

const (
	integer kinds = 1 << iota // every integer is a decimal too
	decimals
	date
	clock
	moment
	boolean

	numbers  = integer | decimals
	allKinds = numbers | date | clock | moment | boolean
)

// kind is the narrowest.
func (k kinds) kind() Kind {
	switch {
	case k&integer != 0:
		return Integer
	case k&decimals != 0:
		return Decimal
	case k&date != 0:
		return Date
	case k&clock != 0:
		return Time
	case k&moment != 0:
		return DateTime
	case k&boolean != 0:
		return Boolean
	}
	return Text
}

// measured is a value as it is measured: a number as the nearest float, a date in days
// and a moment in seconds since 1970, whatever its zone; a time in seconds.
type measured struct {
	kinds  kinds
	amount float64
}

// mostMeasured is how long a value may be that is no text.
const mostMeasured = 64

// measure says of which of some kinds a value is.
func measure(text []byte, among kinds) measured {
	if among&numbers != 0 {
		if k, amount := number(text); k != 0 {
			return measured{k, amount}
		}
	}
	if among&(date|moment) != 0 {
		if days, rest, ok := readDate(text); ok {
			return dateOrMoment(days, rest)
		}
	}
	if among&clock != 0 {
		if seconds, rest, ok := readClock(text); ok && isZone(rest) {
			return measured{clock, seconds}
		}
	}
	if among&boolean != 0 && isBoolean(text) {
		return measured{kinds: boolean}
	}
	return measured{}
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?, if it is finite.
func number(text []byte) (k kinds, amount float64) {
	at, negative := 0, false
	if len(text) > 0 && text[0] == '-' {
		at, negative = 1, true
	}
	mantissa, begin := uint64(0), at
	for ; at < len(text) && text[at]-'0' <= 9; at++ {
		mantissa = mantissa*10 + uint64(text[at]-'0')
	}
	digits := at - begin
	if digits == 0 || digits > 1 && text[begin] == '0' {
		return 0, 0
	}
	k = numbers
	fraction := 0
	if at < len(text) && text[at] == '.' {
		for at++; at < len(text) && text[at]-'0' <= 9; at++ {
			mantissa = mantissa*10 + uint64(text[at]-'0')
			fraction++
		}
		if fraction == 0 {
			return 0, 0
		}
		k = decimals
	}
	if at == len(text) && digits+fraction <= 15 { // both are exact, so their quotient is the nearest
		amount = float64(mantissa) / powersOfTen[fraction]
		if negative {
			amount = -amount
		}
		return k, amount
	}
	if at < len(text) {
		if !isExponent(text[at:]) {
			return 0, 0
		}
		k = decimals
	}
	amount, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(amount, 0) {
		return 0, 0
	}
	return k, amount
}

// isExponent allows six digits, as sorting does.
func isExponent(text []byte) bool {
	if text[0]|0x20 != 'e' {
		return false
	}
	text = text[1:]
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	for _, b := range text {
		if b-'0' > 9 {
			return false
		}
	}
	return 1 <= len(text) && len(text) <= 6
}

func dateOrMoment(days int64, rest []byte) measured {
	if isZone(rest) {
		return measured{date, float64(days)}
	}
	if rest[0] == 'T' || rest[0] == ' ' {
		if seconds, rest, ok := readClock(rest[1:]); ok && isZone(rest) {
			return measured{moment, float64(days)*daySeconds + seconds}
		}
	}
	return measured{}
}

const daySeconds = 24 * 60 * 60

// readDate reads a day of the calendar, in days since 1970.
func readDate(text []byte) (days int64, rest []byte, ok bool) {
	if len(text) < 10 || text[4] != '-' || text[7] != '-' {
		return 0, nil, false
	}
	year, month, day := digitsOf(text[:4]), digitsOf(text[5:7]), digitsOf(text[8:10])
	if year < 0 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month) {
		return 0, nil, false
	}
	return daysSince1970(year, month, day), text[10:], true
}

// readClock reads hh:mm, hh:mm:ss or more exact.
func readClock(text []byte) (seconds float64, rest []byte, ok bool) {
	if len(text) < 5 || text[2] != ':' {
		return 0, nil, false
	}
	hour, minute := digitsOf(text[:2]), digitsOf(text[3:5])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, nil, false
	}
	seconds, rest = float64(hour*3600+minute*60), text[5:]
	if len(rest) < 3 || rest[0] != ':' {
		return seconds, rest, true
	}
	second := digitsOf(rest[1:3])
	if second < 0 || second > 59 {
		return 0, nil, false
	}
	seconds, rest = seconds+float64(second), rest[3:]
	if len(rest) > 1 && rest[0] == '.' {
		n := 1
		for n < len(rest) && rest[n]-'0' <= 9 {
			n++
		}
		part, err := strconv.ParseFloat("0"+string(rest[:n]), 64)
		if n == 1 || err != nil {
			return 0, nil, false
		}
		seconds, rest = seconds+part, rest[n:]
	}
	return seconds, rest, true
}

// isZone allows none.
func isZone(text []byte) bool {
	switch {
	case len(text) == 0:
		return true
	case len(text) == 1:
		return text[0] == 'Z'
	}
	if len(text) != 6 || text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return false
	}
	hours, minutes := digitsOf(text[1:3]), digitsOf(text[4:6])
	return 0 <= hours && hours <= 14 && 0 <= minutes && minutes <= 59
}

func digitsOf(text []byte) (n int64) {
	for _, b := range text {
		if b-'0' > 9 {
			return -1
		}
		n = n*10 + int64(b-'0')
	}
	return n
}

var daysOfMonth = [...]int64{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func daysOf(year, month int64) int64 {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return daysOfMonth[month]
}

// daysSince1970 counts the days of the Gregorian calendar, also before it was used.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 { // a year that begins in March ends with the day that leaps
		year, month = year-1, month+12
	}
	const before1970 = 719_469 // days from 1 March of the year 0, and one
	era := floorDiv(year, 400)
	ofEra := year - era*400
	ofYear := (153*(month-3) + 2) / 5
	return era*146_097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear + day - before1970
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func isBoolean(text []byte) bool {
	switch len(text) {
	case 2:
		return bytes.EqualFold(text, []byte("no"))
	case 3:
		return bytes.EqualFold(text, []byte("yes"))
	case 4:
		return bytes.EqualFold(text, []byte("true"))
	case 5:
		return bytes.EqualFold(text, []byte("false"))
	}
	return false
}
