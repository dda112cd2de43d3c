package convert_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// proposed are the flags that looking at a document proposes.
func proposed(t *testing.T, document string, o convert.Options) []string {
	t.Helper()
	all := inspect(t, convert.InspectJob{Sources: []archive.Source{source("x.xml", document)}, Options: o})
	if len(all) != 1 {
		t.Fatalf("%d inspections", len(all))
	}
	return flagsOf(all[0].Proposals)
}

func flagsOf(proposals []convert.Proposal) (flags []string) {
	for _, p := range proposals {
		flags = append(flags, p.Options.Flags())
	}
	return flags
}

const (
	tagged     = `<osm><node id="1"><tag k="name" v="A"/><tag k="amenity" v="pub"/></node><node id="2"><tag k="name" v="B"/><tag k="amenity" v="bar"/></node></osm>`
	properties = `<r><i><ps><p><name>x</name><value>1</value></p><p><name>y</name><value>2</value></p></ps></i><i><ps><p><name>x</name><value>3</value></p><p><name>y</name><value>4</value></p></ps></i></r>`
	phones     = `<r><i><tel type="home">1</tel><tel type="work">2</tel></i><i><tel type="home">3</tel><tel type="work">4</tel></i></r>`
	unique     = `<r><i><tag k="a" v="1"/><tag k="b" v="2"/></i><i><tag k="c" v="3"/><tag k="d" v="4"/></i></r>`
	points     = `<r><i><p x="1" y="2"/><p x="1" y="3"/></i><i><p x="1" y="2"/><p x="4" y="3"/></i></r>`
	onlyOneKey = `<r><i><tag k="a" v="1"/><tag k="a" v="2"/></i><i><tag k="a" v="3"/><tag k="a" v="4"/></i></r>`
	placemarks = `<kml><Folder><name>f</name><Placemark><name>a</name></Placemark><Placemark><name>b</name></Placemark></Folder><Folder><name>g</name><Placemark><name>c</name></Placemark></Folder></kml>`
	invoice    = `<r><order no="1"><line sku="a" n="1"/><line sku="b" n="2"/><line sku="c" n="3"/></order><order no="2"><line sku="d" n="4"/><line sku="e" n="5"/><line sku="f" n="6"/></order></r>`
	latin1     = "<?xml version='1.0' encoding='ISO-8859-1'?><r><i>5 \x80</i><i>x</i></r>"
	ampersand  = "<r><i>a & b</i><i>c</i></r>"
	hopeless   = "<r><i>a</j></r>"
)

func TestProposals(t *testing.T) {
	for _, c := range []struct {
		name, document string
		options        convert.Options
		want           []string
	}{
		{"attributes are key and value", tagged, convert.Options{}, []string{"--pivot tag@k=@v"}},
		{"children are key and value", properties, convert.Options{}, []string{"--pivot ps.p/name=value"}},
		{"an attribute is the key of a text", phones, convert.Options{}, []string{"--pivot 'tel@type=#text'"}},
		{"the pivot is done already", tagged, convert.Options{Pivot: []string{"tag@k=@v"}}, nil},
		{"keys that never come again", unique, convert.Options{}, nil},
		{"a key that is always the same", onlyOneKey, convert.Options{}, nil},
		{"two attributes that are no key and value", points, convert.Options{}, []string{"--record i/p --flat"}},
		{"elements above the record have fields", placemarks, convert.Options{Record: "Folder/Placemark"}, []string{"--flat"}},
		{"they are repeated already", placemarks, convert.Options{Record: "Folder/Placemark", Flat: true}, nil},
		{"children repeat and are most of a record", invoice, convert.Options{}, []string{"--record order/line --flat"}},
		{"an encoding that is another", latin1, convert.Options{}, []string{"--windows-1252"}},
		{"it is read as that already", latin1, convert.Options{Windows1252: true}, nil},
		{"a document that can be repaired", ampersand, convert.Options{}, []string{"--repair"}},
		{"it is repaired", ampersand, convert.Options{Repair: true}, nil},
		{"one that cannot", hopeless, convert.Options{}, nil},
	} {
		if got := proposed(t, c.document, c.options); !slices.Equal(got, c.want) {
			t.Errorf("%s: proposed are %q, want %q", c.name, got, c.want)
		}
	}
}

// Whoever takes a proposal is not offered it again, and gets what it says.
func TestProposalsActAndAreDone(t *testing.T) {
	for _, document := range []string{tagged, properties, phones, invoice, latin1, ampersand} {
		look := func(o convert.Options) convert.Inspection {
			return inspect(t, convert.InspectJob{Sources: []archive.Source{source("x.xml", document)}, Options: o})[0]
		}
		before := look(convert.Options{})
		p := before.Proposals[0]
		after := look(p.Options.Apply(convert.Options{}))
		if !after.WellFormed || slices.Contains(flagsOf(after.Proposals), p.Options.Flags()) {
			t.Errorf("after %s the look is %+v", p.Options.Flags(), after)
		}
		if len(p.Options.Pivot) > 0 && !slices.ContainsFunc(after.Tables[0].Columns, func(c xmltable.Column) bool { return strings.Contains(c.Name, "[") }) {
			t.Errorf("%s made no column: %+v", p.Options.Flags(), after.Tables)
		}
	}
}

// What repairing would change is told before it is done.
func TestAProposedRepairSaysWhatItChanges(t *testing.T) {
	i := inspect(t, convert.InspectJob{Sources: []archive.Source{source("x.xml", ampersand)}})[0]
	if i.WellFormed || len(i.Proposals) != 1 || len(i.Proposals[0].Notes) != 1 || !strings.Contains(i.Proposals[0].Notes[0], "1× (at 1:9)") {
		t.Errorf("proposed is %+v", i.Proposals)
	}
}

func TestDocumentsThatLookAlikeAreProposedToMerge(t *testing.T) {
	merges := func(o convert.Options, members ...string) (flags []string, reason string) {
		t.Helper()
		all := inspect(t, convert.InspectJob{Sources: []archive.Source{source("a.zip", zipped(t, members...))}, Options: o})
		for _, p := range all[0].Proposals {
			flags, reason = append(flags, p.Options.Flags()), p.Reason
		}
		return flags, reason
	}
	same := []string{"1.xml", "<r><i/><i/></r>", "2.xml", "<r><i/></r>", "3.xml", "<s/>", "4.xml", "<broken"}
	if got, reason := merges(convert.Options{}, same...); !slices.Equal(got, []string{"--merge"}) || !strings.HasPrefix(reason, "2 documents of this group have the root element r") {
		t.Errorf("of one root: %q, %q", got, reason)
	}
	if got, _ := merges(convert.Options{Merge: true}, same...); got != nil {
		t.Errorf("merged already: %q", got)
	}
	spaces := []string{"1.xml", "<r xmlns='u:1'/>", "2.xml", "<r xmlns='u:2'/>"}
	if got, reason := merges(convert.Options{}, spaces...); !slices.Equal(got, []string{"--merge --by-local-name"}) || !strings.Contains(reason, "in 2 namespaces") {
		t.Errorf("of one local name: %q, %q", got, reason)
	}
	if got, _ := merges(convert.Options{Merge: true, ByLocalName: true}, spaces...); got != nil {
		t.Errorf("taken for one already: %q", got)
	}
	if got, _ := merges(convert.Options{}, "1.xml", "<r/>", "2.xml", "<s/>"); got != nil {
		t.Errorf("of different roots: %q", got)
	}
}

func TestClassesAreProposedToBeOne(t *testing.T) {
	var got []string
	data := zipped(t, "1.xml", "<r xmlns='u:1'/>", "2.xml", "<r xmlns='u:2'/>")
	err := convert.InspectClasses(t.Context(), convert.InspectJob{
		Sources: []archive.Source{source("a.zip", data)}, Options: convert.Options{Merge: true},
	}, func(i convert.Inspection) error { return fmt.Errorf("%s failed", i.Path) }, func(c convert.ClassInspection) error {
		got = append(got, flagsOf(c.Proposals)...)
		return nil
	})
	if err != nil || !slices.Equal(got, []string{"--merge --by-local-name", "--merge --by-local-name"}) {
		t.Errorf("proposed is %q, %v", got, err)
	}
}
