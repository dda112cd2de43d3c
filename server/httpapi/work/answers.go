package work

import (
	"time"

	"ret/server/session"
	"ret/server/store"
)

// UserJSON is who someone is.
type UserJSON struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	Role store.Role `json:"role"`
}

// ReceiptsJSON is what was erased with sessions that ended.
type ReceiptsJSON struct {
	Receipts []session.Receipt `json:"receipts"`
}

// OwnSessionJSON is a session as whoever owns it sees it.
type OwnSessionJSON struct {
	ID         string    `json:"id"`
	Current    bool      `json:"current"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	Address    string    `json:"address"`
	Device     string    `json:"device"`
}

// ListJSON is a list that is never cut off.
type ListJSON[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}
