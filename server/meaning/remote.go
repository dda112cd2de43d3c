package meaning

import (
	"context"

	"ret/server/model"
)

// Remote is a model at an endpoint. What is embedded is sent there.
type Remote struct{ Client *model.Client }

// Name implements Model.
func (r Remote) Name() string { return r.Client.Endpoint() + " " + r.Client.Model() }

// Local implements Model.
func (r Remote) Local() bool { return false }

// Batch implements Model.
func (r Remote) Batch() int { return model.MaxInputs }

// Embed implements Model.
func (r Remote) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	return r.Client.Embed(ctx, texts)
}
