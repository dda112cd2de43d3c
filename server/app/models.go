package app

import (
	"context"

	"ret/server/config"
	"ret/server/jobs"
	"ret/server/meaning"
	"ret/server/meaning/static"
	"ret/server/model"
	"ret/server/workspaces"
	"ret/shared/workspace"
)

// newAsking is what answers questions; nil where no endpoint is set.
func newAsking(cfg config.Config) *jobs.Asking {
	if cfg.ChatURL == nil {
		return nil
	}
	client := model.New(model.Config{URL: cfg.ChatURL, Model: cfg.ChatModel, Key: cfg.ChatKey})
	return jobs.NewAsking(client, cfg.ChatMaxCells)
}

// newEmbedding is what says what texts mean: a model in a folder before one at an
// endpoint; nil where neither is set.
func newEmbedding(cfg config.Config) (meaning.Model, error) {
	switch {
	case cfg.EmbedFile != "":
		m, err := static.Open(cfg.EmbedFile)
		if err != nil {
			return nil, err
		}
		return m, nil
	case cfg.EmbedURL != nil:
		return meaning.Remote{Client: model.New(model.Config{URL: cfg.EmbedURL, Model: cfg.EmbedModel, Key: cfg.EmbedKey})}, nil
	}
	return nil, nil
}

// embeddingEndpoint names what cells would be sent to for search by meaning; "" is
// nothing.
func (a *App) embeddingEndpoint() string {
	if remote, ok := a.embedding.(meaning.Remote); ok {
		return jobs.EndpointName(remote.Client)
	}
	return ""
}

// meaning makes what finds a session's rows by what they mean; nil where there is no
// model.
func (a *App) meaning() func(*workspaces.Open) *meaning.Index {
	if a.embedding == nil {
		return nil
	}
	endpoint := a.embeddingEndpoint()
	return func(o *workspaces.Open) *meaning.Index {
		may := func(context.Context) error { return nil }
		if endpoint != "" {
			may = func(ctx context.Context) error {
				given, err := o.Consents(ctx, workspace.PurposeEmbed, endpoint)
				if err == nil && given.IsZero() {
					err = meaning.ErrNotAllowed
				}
				return err
			}
		}
		return meaning.New(o.Workspace, o.Folder, a.embedding, may)
	}
}
