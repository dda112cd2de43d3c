package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/text/encoding/unicode"

	"ret/build/workload"
	"ret/shared/xmltable"
)

// Documents in memory are of memoryBytes, and the file that programs read is of
// fileBytes: so long that starting them does not count.
const (
	memoryBytes    = 8 << 20
	fileBytes      = 96 << 20
	smallDocuments = 2_000
)

// xmlBench measures the engine.
type xmlBench struct {
	*bench
	ctx    context.Context
	folder string
}

func benchXML(ctx context.Context, b *bench) error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	x := &xmlBench{bench: b, ctx: ctx, folder: folder}
	for _, measure := range []func() error{x.kinds, x.options, x.utf16, x.small, x.programs, x.inNode, x.workbooks} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// kinds measures documents in memory: both passes and the CSV, on one thread.
func (b *xmlBench) kinds() error {
	for _, kind := range workload.Kinds {
		document := kind.Document(memoryBytes)
		byHand := func() error {
			_, err := kind.ConvertByHand(bytes.NewReader(document))
			return err
		}
		if !kind.ByHand() {
			byHand = nil
		}
		if err := b.conversion("xml_"+kind.Name, document, byHand); err != nil {
			return err
		}
	}
	return nil
}

// utf16 measures flat records in another encoding.
func (b *xmlBench) utf16() error {
	document := workload.UTF16(workload.Flat.Document(memoryBytes / 2))
	return b.conversion("xml_utf16", document, func() error {
		decoded := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(bytes.NewReader(document))
		_, err := workload.Flat.ConvertByHand(decoded)
		return err
	})
}

// small measures documents of one record: what each costs before it begins.
func (b *xmlBench) small() error {
	documents := workload.Flat.SmallDocuments(smallDocuments)
	each := func(convert func(document []byte) error) func(caller, i int) error {
		return func(_, i int) error { return convert(documents[i%len(documents)]) }
	}
	converter := workload.NewConverter()
	engine := each(func(document []byte) error {
		_, err := converter.Convert(b.ctx, workload.Input(document))
		return err
	})
	value, rival, err := sideBySide(1, measured, engine, each(func(document []byte) error {
		_, err := workload.Flat.ConvertByHand(bytes.NewReader(document))
		return err
	}))
	if err != nil {
		return err
	}
	b.report(result{
		Name: "xml_small", Value: value, Unit: "files/s", Rival: "encoding_xml_csv", RivalValue: rival,
		Allocs: allocs(func() { _ = engine(0, 0) }),
	})
	return nil
}

// conversion measures one document, beside the conversion by hand and the floor.
func (b *xmlBench) conversion(name string, document []byte, byHand func() error) error {
	megabytes := float64(len(document)) / 1e6
	engine := func() error {
		_, err := workload.Convert(b.ctx, workload.Input(document))
		return err
	}
	r := result{
		Name: name, Unit: "MB/s", Rival: "encoding_xml_csv",
		Floor: "read_twice", FloorValue: readTwice(document) * megabytes, Allocs: allocsOf(3, func() { _ = engine() }),
	}
	var rival func(caller, i int) error
	if byHand != nil {
		rival = func(int, int) error { return byHand() }
	} else {
		r.Rival = ""
	}
	var err error
	r.Value, r.RivalValue, err = sideBySide(1, 2*measured, func(int, int) error { return engine() }, rival)
	if err != nil {
		return err
	}
	r.Value *= megabytes
	r.RivalValue *= megabytes
	b.report(r)
	return nil
}

// readTwice is how often a second the bytes can be read twice, by pieces as the
// engine does it, and looked at once.
func readTwice(document []byte) float64 {
	piece := make([]byte, 128<<10)
	perSecond, _ := rate(1, measured/8, func(int, int) error {
		for range 2 {
			in := bytes.NewReader(document)
			for n, err := in.Read(piece); err != io.EOF; n, err = in.Read(piece) {
				bytes.Count(piece[:n], []byte{'\n'})
			}
		}
		return nil
	})
	return perSecond
}

// programs measures `ret convert` as a whole process, on one thread, from a file
// to files, beside what libxml2 needs only to parse the same file.
func (b *xmlBench) programs() error {
	ret, err := buildRet(b.ctx, b.folder)
	if err != nil {
		return err
	}
	file := filepath.Join(b.folder, "flat.xml")
	document := workload.Flat.Document(fileBytes)
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return err
	}
	own := program{path: ret, args: []string{"convert", "-o", filepath.Join(b.folder, "out"), file}, env: []string{"GOMAXPROCS=1"}}
	rival, installed := installedProgram("xmllint", "--stream", "--noout", file)
	runs, rivalRuns, err := turns(b.ctx, own, rival)
	if err != nil {
		return err
	}
	megabytes := float64(len(document)) / 1e6
	speed := result{Name: "xml_flat_process", Value: megabytes / runs.seconds(), Unit: "MB/s", Rival: "none", Allocs: -1}
	memory := result{Name: "xml_flat_process_memory", Value: runs.residentMB(), Unit: "MB", Rival: "none", Allocs: -1}
	if installed {
		speed.Rival, speed.RivalValue = "xmllint_stream_noout", megabytes/rivalRuns.seconds()
		memory.Rival, memory.RivalValue = "xmllint_stream_noout", rivalRuns.residentMB()
	}
	b.report(speed)
	b.report(memory)
	if err := b.processors(own); err != nil {
		return err
	}
	return b.archives(ret, file, len(document))
}

// processors measures the same on two processors beside one.
func (b *xmlBench) processors(one program) error {
	two := one
	two.env = []string{"GOMAXPROCS=2"}
	runs, rivalRuns, err := turns(b.ctx, two, one)
	if err != nil {
		return err
	}
	b.report(result{
		Name: "xml_flat_process_two", Value: fileBytes / 1e6 / runs.seconds(), Unit: "MB/s",
		Rival: "one_processor", RivalValue: fileBytes / 1e6 / rivalRuns.seconds(), Allocs: -1,
	})
	return nil
}

// options measures flat records with options on, beside none.
func (b *xmlBench) options() error {
	document := workload.Flat.Document(memoryBytes)
	megabytes := float64(len(document)) / 1e6
	for name, opt := range map[string]xmltable.Options{
		"flat": {Flat: true}, "pivot": {Pivots: []string{"name/first=last"}}, "xml": {RecordXML: true}, "trim": {Trim: true},
	} {
		with := func(opt xmltable.Options) func(int, int) error {
			return func(int, int) error {
				_, err := workload.ConvertWith(b.ctx, workload.Input(document), opt)
				return err
			}
		}
		value, rival, err := sideBySide(1, measured, with(opt), with(xmltable.Options{}))
		if err != nil {
			return err
		}
		b.report(result{Name: "xml_option_" + name, Value: value * megabytes, Unit: "MB/s", Rival: "without", RivalValue: rival * megabytes, Allocs: -1})
	}
	return nil
}

// inNode measures flat records under wasm, in Node.
func (b *xmlBench) inNode() error {
	r := result{Name: "xml_flat_wasm", Unit: "MB/s", Rival: "encoding_xml_csv_wasm", Allocs: -1}
	start := time.Now()
	out, err := runInNode(b.ctx, b.folder, "./xmlwasm")
	if err != nil {
		return err
	}
	if out == "" {
		b.note("there is no node, so nothing is measured under wasm")
		return nil
	}
	if _, err := fmt.Sscan(out, &r.Value, &r.RivalValue); err != nil {
		return fmt.Errorf("xmlwasm printed %q: %w", out, err)
	}
	b.note("building it and measuring under wasm took %.0f s", time.Since(start).Seconds())
	b.report(r)
	return nil
}
