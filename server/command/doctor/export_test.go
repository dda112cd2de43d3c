package doctor

import (
	"context"
	"slices"

	"ret/server/config"
)

// ExamineOne runs one check.
func ExamineOne(ctx context.Context, loaded config.Loaded, name string) Finding {
	i := slices.IndexFunc(checks, func(c check) bool { return c.name == name })
	return examine(ctx, loaded, checks[i:i+1])[0]
}
