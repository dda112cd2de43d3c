package doctor

import (
	"context"
	"fmt"
	"strings"

	"ret/shared/fault"
	"ret/web/asset"
)

func settings(_ context.Context, p *patient) (string, error) {
	if _, err := p.loaded.Config(); err != nil {
		return "", wrong(nil, "%s", strings.ReplaceAll(fault.Message(err), "\n", " "))
	}
	note := fmt.Sprintf("profile %s, listens on %s", p.cfg.Env, p.cfg.Addr)
	if warnings := p.loaded.Warnings(); len(warnings) > 0 {
		note += "; note: " + strings.Join(warnings, " ")
	}
	return note, nil
}

func assets(context.Context, *patient) (string, error) {
	if _, err := asset.Load(); err != nil {
		return "", wrong(err, "this binary lacks a part of its pages; build it again with make build")
	}
	return "complete", nil
}
