package httpapi

import "net/http"

// route is an address and what answers there.
type route struct {
	pattern string
	handler http.Handler
}
