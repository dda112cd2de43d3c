package model

import (
	"context"
	"time"
)

// SetWait replaces how a client waits between two tries.
func SetWait(c *Client, wait func(context.Context, time.Duration) error) { c.wait = wait }

// Address is where a call goes.
func Address(c *Client, call string) string { return c.address(call) }
