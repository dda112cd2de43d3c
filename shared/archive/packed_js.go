package archive

import (
	"io"

	"ret/shared/fault"
)

// elsewhere says that a file has to wait for the server: what opens it would make
// the browser's module too large.
func elsewhere(what string) error {
	return fault.New(fault.Unavailable, "A browser cannot open %s; the server does.", what)
}

func unpackerElsewhere(kind format, _ io.Reader) (io.ReadCloser, error) {
	return nil, elsewhere("a " + formatNames[kind] + " file")
}
