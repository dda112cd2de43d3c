package wire

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"ret/shared/fault"
	"ret/shared/workspace"
)

// maxName bounds ids and names that a client makes up.
const maxName = 128

// DecodeClient reads a frame that a client may send: *Hello or *Mutate.
func DecodeClient(data []byte) (Frame, error) {
	f, err := readFields(data)
	if err != nil {
		return nil, err
	}
	switch f.kind {
	case Hello{}.Type():
		return f.hello()
	case Mutate{}.Type():
		return f.mutate()
	}
	return nil, fault.New(fault.Invalid, "No client sends a frame of type %q.", f.kind)
}

// DecodeServer reads a frame that a server may send: a pointer to any other.
func DecodeServer(data []byte) (Frame, error) {
	f, err := readFields(data)
	if err != nil {
		return nil, err
	}
	switch f.kind {
	case Welcome{}.Type():
		return f.welcome()
	case Reset{}.Type():
		return f.reset()
	case Delta{}.Type():
		return f.delta()
	case Progress{}.Type():
		return f.progress()
	case Ack{}.Type():
		return f.ack()
	case Rejected{}.Type():
		return f.rejected()
	case Purge{}.Type():
		return f.purge()
	}
	return nil, fault.New(fault.Invalid, "No server sends a frame of type %q.", f.kind)
}

func (f *fields) hello() (Frame, error) {
	h := &Hello{
		Client: f.name("client"),
		Epoch:  f.optionalText("epoch"),
		Cursor: f.count("cursor"),
		View:   View(f.text("view")),
	}
	if h.View != ViewData && h.View != ViewHTML {
		f.wrong("view")
	}
	return h, f.err
}

func (f *fields) mutate() (Frame, error) {
	m := &Mutate{Client: f.name("client"), N: f.count("n"), Name: f.name("name"), Args: f.object("args")}
	if f.has("base") {
		m.Base = f.count("base")
	}
	if m.N < 1 {
		f.wrong("n")
	}
	return m, f.err
}

func (f *fields) welcome() (Frame, error) {
	w := &Welcome{Epoch: f.text("epoch"), Cursor: f.count("cursor"), LastN: f.count("last_n")}
	w.ExpiresAt = f.moment("expires_at")
	return w, f.err
}

func (f *fields) reset() (Frame, error) {
	r := &Reset{Epoch: f.text("epoch"), Cursor: f.count("cursor"), LastN: f.count("last_n")}
	r.ExpiresAt = f.moment("expires_at")
	return r, f.err
}

func (f *fields) delta() (Frame, error) {
	d := &Delta{From: f.count("from"), To: f.count("to")}
	f.read("changes", &d.Changes)
	if d.Changes == nil || d.To < d.From {
		f.wrong("changes")
	}
	last := d.From
	for i := range d.Changes {
		ch := &d.Changes[i]
		if string(ch.Value) == "null" {
			ch.Value = nil
		}
		if ch.Seq <= d.From || ch.Seq > d.To || ch.Seq < last || !ch.valid() {
			f.wrong("changes")
		}
		last = ch.Seq
	}
	return d, f.err
}

func (ch *Change) valid() bool {
	switch ch.Entity {
	case workspace.EntityFile, workspace.EntityJob, workspace.EntityTable, workspace.EntityEntry:
	default:
		return false
	}
	if ch.ID == "" || ch.Op != workspace.Put && ch.Op != workspace.Del {
		return false
	}
	switch ch.Swap {
	case "":
		return ch.Target == "" && ch.HTML == "" && (ch.Op == workspace.Put) == isObject(ch.Value)
	case "replace", "append":
		return ch.Target != "" && ch.HTML != "" && ch.Value == nil
	case "remove":
		return ch.Target != "" && ch.HTML == "" && ch.Value == nil
	}
	return false
}

func (f *fields) progress() (Frame, error) {
	p := &Progress{Job: f.text("job")}
	f.object("progress")
	f.read("progress", &p.Progress)
	if p.Progress.Done < 0 || p.Progress.Total < 0 {
		f.wrong("progress")
	}
	return p, f.err
}

func (f *fields) ack() (Frame, error) { return &Ack{N: f.count("n"), Seq: f.count("seq")}, f.err }

func (f *fields) rejected() (Frame, error) {
	return &Rejected{N: f.count("n"), Code: f.text("code"), Detail: f.text("detail")}, f.err
}

func (f *fields) purge() (Frame, error) {
	p := &Purge{Epoch: f.text("epoch"), Reason: Reason(f.text("reason"))}
	if CloseReason(string(p.Reason)) == ReasonUnknown {
		f.wrong("reason")
	}
	return p, f.err
}

// fields are the members of a frame, taken one by one; err is the first fault.
type fields struct {
	kind string
	raw  map[string]json.RawMessage
	err  error
}

// has reports whether a field that may be missing is there; null is missing.
func (f *fields) has(name string) bool { return f.raw[name] != nil && string(f.raw[name]) != "null" }

// wrong notes that a field is not what it should be.
func (f *fields) wrong(name string) {
	if f.err == nil {
		f.err = fault.New(fault.Invalid, "The field %q of this %s frame is missing or wrong.", name, f.kind)
	}
}

// read decodes a field that must be there and not be null.
func (f *fields) read(name string, into any) {
	if !f.has(name) || json.Unmarshal(f.raw[name], into) != nil {
		f.wrong(name)
	}
}

func (f *fields) text(name string) (s string) {
	f.read(name, &s)
	return s
}

func (f *fields) optionalText(name string) string {
	if !f.has(name) {
		return ""
	}
	return f.text(name)
}

// name is text that is not empty and not long.
func (f *fields) name(field string) string {
	s := f.text(field)
	if s == "" || len(s) > maxName {
		f.wrong(field)
	}
	return s
}

// count is a whole number from 0 on, as far as JavaScript counts exactly.
func (f *fields) count(name string) (n int64) {
	f.read(name, &n)
	if n < 0 || n > 1<<53-1 {
		f.wrong(name)
	}
	return n
}

// moment is a time that can be written again in UTC.
func (f *fields) moment(name string) (t time.Time) {
	f.read(name, &t)
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		f.wrong(name)
	}
	return t
}

func (f *fields) object(name string) json.RawMessage {
	if !isObject(f.raw[name]) {
		f.wrong(name)
	}
	return f.raw[name]
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// CheckMutate says whether a client may send this change: TooLarge or Invalid if the
// other end would refuse the frame.
func CheckMutate(name string, args json.RawMessage) error {
	if len(name) == 0 || len(name) > maxName || len(args)+mutateOverhead > MaxFrameBytes {
		return fault.New(fault.TooLarge, "This change is too long to be sent.")
	}
	if !json.Valid(args) || !isObject(args) {
		return fault.New(fault.Invalid, "The args of a change must be a JSON object.")
	}
	return nil
}

// mutateOverhead is more than a mutate frame has beside its args.
const mutateOverhead = 1 << 10

var errNotJSON = fault.New(fault.Invalid, "A frame must be one JSON object in UTF-8.")

// readFields takes a frame apart without looking into its members.
func readFields(data []byte) (*fields, error) {
	if len(data) > MaxFrameBytes {
		return nil, fault.New(fault.Invalid, "A frame may have at most %d bytes.", MaxFrameBytes)
	}
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, errNotJSON
	}
	f := &fields{raw: make(map[string]json.RawMessage)}
	if err := f.split(data); err != nil {
		return nil, err
	}
	f.kind = "…"
	kind := f.text("type")
	f.kind = kind
	return f, f.err
}
