package doctor

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"ret/server/meaning/static"
	"ret/server/model"
	"ret/shared/fault"
)

// endpointLimits are what a check waits for: a model that has to be loaded first takes
// its time.
var endpointLimits = model.Limits{Idle: 30 * time.Second, Total: time.Minute, Wait: 5 * time.Second, Tries: 2}

// chatEndpoint asks the endpoint for a word. Nothing of any session is sent.
func chatEndpoint(ctx context.Context, p *patient) (string, error) {
	if p.cfg.ChatURL == nil {
		return "not set (RET_CHAT_URL): there is no page that answers questions", nil
	}
	client := model.New(model.Config{URL: p.cfg.ChatURL, Model: p.cfg.ChatModel, Key: p.cfg.ChatKey, Limits: endpointLimits})
	question := []model.Message{{Role: model.RoleUser, Content: "Answer with the word ready."}}
	if _, err := client.Chat(ctx, question, nil, func(string) error { return nil }); err != nil {
		return "", wrong(nil, "%s Check RET_CHAT_URL, RET_CHAT_MODEL and RET_CHAT_KEY.", fault.Message(err))
	}
	return "answers at " + client.Endpoint() + withoutTLS(p.cfg.ChatURL), nil
}

// embedFile reads the embedding model.
func embedFile(ctx context.Context, p *patient) (string, error) {
	if p.cfg.EmbedFile == "" {
		return "not set (RET_EMBED_FILE)", nil
	}
	m, err := static.Open(p.cfg.EmbedFile)
	if err != nil {
		return "", wrong(nil, "%s Check RET_EMBED_FILE.", fault.Message(err))
	}
	if _, err := m.Embed(ctx, []string{"ready"}); err != nil {
		return "", err
	}
	return fmt.Sprintf("a model of %d dimensions; nothing leaves the machine for it", m.Dimensions()), nil
}

// embedEndpoint has the endpoint embed a word. Nothing of any session is sent.
func embedEndpoint(ctx context.Context, p *patient) (string, error) {
	if p.cfg.EmbedURL == nil {
		return "not set (RET_EMBED_URL)", nil
	}
	client := model.New(model.Config{URL: p.cfg.EmbedURL, Model: p.cfg.EmbedModel, Key: p.cfg.EmbedKey, Limits: endpointLimits})
	vectors, err := client.Embed(ctx, []string{"ready"})
	if err != nil {
		return "", wrong(nil, "%s Check RET_EMBED_URL, RET_EMBED_MODEL and RET_EMBED_KEY.", fault.Message(err))
	}
	return fmt.Sprintf("answers at %s, %d dimensions%s", client.Endpoint(), len(vectors[0]), withoutTLS(p.cfg.EmbedURL)), nil
}

// withoutTLS warns of cells that would cross a network in the clear.
func withoutTLS(u *url.URL) string {
	if u.Scheme == "https" || isThisMachine(u.Hostname()) {
		return ""
	}
	return "; note: without TLS, what sessions send there crosses the network in the clear"
}

func isThisMachine(host string) bool {
	return host == "localhost" || host == "::1" || len(host) > 4 && host[:4] == "127."
}
