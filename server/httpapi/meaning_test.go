package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"ret/server/meaning/meaningtest"
	"ret/server/meaning/static"
	"ret/server/model/modeltest"
)

// uploadText brings a document and has it converted.
func (s *stand) uploadText(who, xml string) {
	s.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "animals.xml")
	must(s.T, err)
	_, err = io.WriteString(part, xml)
	must(s.T, err)
	must(s.T, m.Close())
	a := ask{who, "POST", "/api/v1/files?convert=1", form.String()}
	req := s.request(a)
	req.Header.Set("Content-Type", m.FormDataContentType())
	s.wantOf(a, req, 201)
}

const animals = `<l><b><t>a striped zebra</t></b><b><t>one horse</t></b><b><t>the invoice</t></b><b><t>12</t></b></l>`

// searched are the rows that a search finds, in order.
func (s *stand) searched(who, question string) (rows []int64) {
	s.Helper()
	var found struct{ Items []struct{ Row int64 } }
	must(s.T, json.Unmarshal([]byte(s.want(ask{who, "GET", "/api/v1/search?q=" + url.QueryEscape(question), ""}, 200)), &found))
	for _, item := range found.Items {
		rows = append(rows, item.Row)
	}
	return rows
}

func sameRows(got []int64, want ...int64) bool { return fmt.Sprint(got) == fmt.Sprint(want) }

// With a model in a folder, rows are found by what they mean as well; what asks for
// exact words gets these alone.
func TestSearchByMeaning(t *testing.T) {
	s := newStand(t, "RET_EMBED_FILE="+meaningtest.Animals(t))
	s.uploadText("ana", animals)
	s.want(ask{"ana", "POST", "/api/v1/jobs", `{"kind":"index","files":[]}`}, 202, `"state":"succeeded"`)
	for question, want := range map[string][]int64{
		"animal":    {2, 1}, // nobody says it
		"horse":     {2, 1}, // one says it
		"euros":     {3},
		`"animal"`:  nil,
		"t:animal":  nil,
		"*animal*":  nil,
		"nonsense":  nil,
		"-invoice":  {1, 2, 4},
		"the horse": nil,
	} {
		got := s.searched("ana", question)
		if question == "the horse" {
			if len(got) == 0 || got[0] != 2 && got[0] != 1 {
				t.Errorf("%s finds %v", question, got)
			}
			continue
		}
		if !sameRows(got, want...) {
			t.Errorf("%s finds rows %v, want %v", question, got, want)
		}
	}
	if got := s.searched("admin", "animal"); len(got) > 0 {
		t.Errorf("someone else finds %v", got)
	}
}

// Without a model the same finds what it says, and nothing else.
func TestSearchWithoutMeaning(t *testing.T) {
	s := newStand(t)
	s.uploadText("ana", animals)
	if got := s.searched("ana", "animal"); len(got) > 0 {
		t.Errorf("finds %v", got)
	}
	s.want(ask{"ana", "GET", "/api/v1/consent", ""}, 200, `"embed":null`)
}

// An endpoint is sent nothing before the yes, neither rows nor questions, and nothing
// after it was taken back.
func TestMeaningAtAnEndpoint(t *testing.T) {
	local, err := static.Open(meaningtest.Animals(t))
	must(t, err)
	var mu sync.Mutex
	var sent []string
	e := modeltest.New(t, func(w http.ResponseWriter, r *http.Request, q modeltest.Question, _ int) {
		mu.Lock()
		sent = append(sent, q.Input...)
		mu.Unlock()
		vectors, err := local.Embed(r.Context(), q.Input)
		if err != nil {
			t.Error(err)
		}
		var data []map[string]any
		for i, v := range vectors {
			data = append(data, map[string]any{"index": i, "embedding": v})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	})
	s := newStand(t, "RET_EMBED_URL="+e.URL.String(), "RET_EMBED_MODEL=tiny")
	s.uploadText("ana", animals)
	s.places = strings.NewReplacer("{endpoint}", e.URL.String()+" (tiny)")
	index := ask{"ana", "POST", "/api/v1/jobs", `{"kind":"index","files":[]}`}
	s.want(index, 202, `"state":"succeeded"`)
	if got := s.searched("ana", "animal"); len(got) > 0 || len(e.Asked()) > 0 {
		t.Fatalf("before the yes it finds %v and was asked %d times", got, len(e.Asked()))
	}
	s.want(ask{"ana", "GET", "/search", ""}, 200, "{endpoint}", "Yes, send this")
	s.want(ask{"ana", "POST", "/search", url.Values{"action": {"consent"}, "endpoint": {s.places.Replace("{endpoint}")}}.Encode()}, 303, "/search")
	s.want(index, 202, `"state":"succeeded"`)
	if got := s.searched("ana", "animal"); !sameRows(got, 2, 1) {
		t.Errorf("finds %v", got)
	}
	if got := strings.Join(sent, "|"); got != "a striped zebra|one horse|the invoice|animal" {
		t.Errorf("sent %q", got)
	}
	asked := len(e.Asked())
	s.want(ask{"ana", "GET", "/api/v1/search?q=anima&typing=1", ""}, 200)
	if len(e.Asked()) != asked {
		t.Error("the endpoint is asked while a person types")
	}
	s.want(ask{"ana", "PUT", "/api/v1/consent", `{"embed":null}`}, 200, `"given_at":null`)
	s.want(index, 202, `"state":"succeeded"`)
	if got := s.searched("ana", "animal"); len(got) > 0 || len(e.Asked()) != asked {
		t.Errorf("after the yes was taken back it finds %v", got)
	}
}
