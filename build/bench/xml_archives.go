package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// packers are the tools of the formats that a file is packed in.
var packers = []struct {
	name, suffix string
	pack         []string // writes the packed file to standard output
}{
	{"gzip", "gz", []string{"gzip", "-c"}},
	{"xz", "xz", []string{"xz", "-1", "-c"}},
	{"zstd", "zst", []string{"zstd", "-q", "-c"}},
}

// archives measures a packed file beside its own tool piped into the same command,
// each with all processors.
func (b *xmlBench) archives(ret, file string, bytes int) error {
	for _, p := range packers {
		packed := file + "." + p.suffix
		if _, err := exec.LookPath(p.name); err != nil {
			b.note("there is no %s, so nothing is measured beside it", p.name)
			continue
		}
		if err := packFile(b.ctx, p.pack, file, packed); err != nil {
			return err
		}
		out := filepath.Join(b.folder, "out")
		own := program{path: ret, args: []string{"convert", "-o", out, packed}}
		piped := program{path: "/bin/sh", args: []string{"-c", `"$0" -dc "$1" | "$2" convert -o "$3" -`, p.name, packed, ret, out}}
		runs, rivalRuns, err := turns(b.ctx, own, piped)
		if err != nil {
			return err
		}
		megabytes := float64(bytes) / 1e6
		b.report(result{
			Name: "xml_flat_process_" + p.name, Value: megabytes / runs.seconds(), Unit: "MB/s",
			Rival: p.name + "_dc_piped", RivalValue: megabytes / rivalRuns.seconds(), Allocs: -1,
		})
		if err := os.Remove(packed); err != nil {
			return err
		}
	}
	return nil
}

func packFile(ctx context.Context, pack []string, file, packed string) error {
	out, err := os.Create(packed)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, pack[0], append(pack[1:len(pack):len(pack)], file)...)
	cmd.Stdout = out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pack with %s: %w", pack[0], err)
	}
	return nil
}
