package httpapi

import "net/http"

func (s *Server) live(w http.ResponseWriter, r *http.Request) error { return nil }
