package app

import (
	"ret/server/config"
	"ret/server/jobs"
	"ret/server/model"
)

// newAsking is what answers questions; nil where no endpoint is set.
func newAsking(cfg config.Config) *jobs.Asking {
	if cfg.ChatURL == nil {
		return nil
	}
	client := model.New(model.Config{URL: cfg.ChatURL, Model: cfg.ChatModel, Key: cfg.ChatKey})
	return jobs.NewAsking(client, cfg.ChatMaxCells)
}
