package admin

import (
	"net/http"
	"strconv"
	"time"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/store"
	"ret/shared/fault"
)

type auditJSON struct {
	At        time.Time    `json:"at"`
	Action    store.Action `json:"action"`
	Actor     string       `json:"actor"`
	Address   string       `json:"address"`
	SessionID string       `json:"session_id"`
	Subject   string       `json:"subject"`
	Detail    string       `json:"detail"`
}

func (s *Server) listAudit(c *chain.Call) error {
	entries, next, err := s.auditPageOf(c)
	if err != nil {
		return err
	}
	list := work.ListJSON[auditJSON]{Items: []auditJSON{}}
	for _, e := range entries {
		list.Items = append(list.Items, auditJSON{
			e.At.UTC(), e.Action, e.Actor.Name, e.Actor.Address, e.Actor.SessionID, e.Subject, e.Detail,
		})
	}
	if next != "" {
		list.Next = &next
	}
	return chain.WriteJSON(c.W, http.StatusOK, list)
}

// auditPageOf reads one page of the trail, and where the next begins.
func (s *Server) auditPageOf(c *chain.Call) (entries []store.AuditEntry, next string, err error) {
	p, err := chain.PageOf(c.R)
	if err != nil {
		return nil, "", err
	}
	if p.Limit == 0 {
		p.Limit = 100
	}
	var before int64
	if p.After != "" {
		if before, err = strconv.ParseInt(p.After, 10, 64); err != nil {
			return nil, "", fault.New(fault.Invalid, "after must be the \"next\" of an earlier answer.")
		}
	}
	entries, err = s.Accounts.Trail(c.R.Context(), c.R.URL.Query().Get("who"), before, p.Limit+1)
	if err == nil && len(entries) > p.Limit {
		entries = entries[:p.Limit]
		next = strconv.FormatInt(entries[p.Limit-1].ID, 10)
	}
	return entries, next, err
}

// statsJSON are figures about the server; durations are in seconds.
type statsJSON struct {
	Sessions       int     `json:"sessions"`
	WorkspacesOpen int     `json:"workspaces_open"`
	Sockets        int     `json:"sockets"`
	Workers        int     `json:"workers"`
	Waiting        int     `json:"jobs_waiting"`
	Running        int     `json:"jobs_running"`
	WaitP50        float64 `json:"wait_p50_seconds"`
	WaitP95        float64 `json:"wait_p95_seconds"`
	RunP50         float64 `json:"run_p50_seconds"`
	RunP95         float64 `json:"run_p95_seconds"`
	MemoryBytes    int64   `json:"memory_bytes"` // of the process
	HeldBytes      int64   `json:"held_bytes"`   // files and tables of the open workspaces
	DiskFreeBytes  int64   `json:"disk_free_bytes"`
	DiskBytes      int64   `json:"disk_bytes"` // 0: the system does not say
}

func (s *Server) stats(c *chain.Call) error {
	q := s.Queue.Figures()
	free, total := s.Workspaces.Disk()
	return chain.WriteJSON(c.W, http.StatusOK, statsJSON{
		Sessions: len(s.Sessions.List("")), WorkspacesOpen: s.Workspaces.Open(), Sockets: s.Hub.Clients(),
		Workers: s.Queue.Workers(), Waiting: q.Waiting, Running: q.Running,
		WaitP50: q.Waited.P50.Seconds(), WaitP95: q.Waited.P95.Seconds(),
		RunP50: q.Ran.P50.Seconds(), RunP95: q.Ran.P95.Seconds(),
		MemoryBytes: memoryInUse(), HeldBytes: s.Workspaces.HeldBytes(), DiskFreeBytes: free, DiskBytes: total,
	})
}
