// Package work is what is done alike whoever asks for it, a program by the API or a
// person by a form: sign in and out, take an upload, submit a job, give out tables.
package work

import (
	"ret/server/httpapi/chain"
	"ret/shared/tablefile"
)

// Server does it. It may be used concurrently.
type Server struct {
	*chain.Server
	views  *tablefile.Views // of all sessions
	proofs proofs

	// Profiles are the questions about tables' columns of all sessions.
	Profiles Newest

	// Searches are the questions about all tables of a session.
	Searches Newest
}

// New makes a server over its parts.
func New(parts chain.Parts) *Server {
	return &Server{Server: chain.New(parts), views: tablefile.NewViews(viewBytes)}
}
