// Package httpapi is RET's outside, one site map of rooms over one chain: chain is what
// every request passes, work what is done alike whoever asks, api the JSON API, pages
// what people see of their own, admin what admins do.
//
// A route stands in the routes.go of its room. A Server's handler may be used
// concurrently, as net/http does.
package httpapi
