package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"time"

	"github.com/redis/go-redis/v9"
)

// startRedis runs a Redis of its own on loopback, with its data in folder, or
// returns nil if none is installed. fsync is its appendfsync.
func startRedis(ctx context.Context, folder, fsync string) (client *redis.Client, stop func(), err error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, func() {}, nil
	}
	port, err := freePort()
	if err != nil {
		return nil, nil, err
	}
	server := exec.CommandContext(ctx, path, "--bind", "127.0.0.1", "--port", port, "--dir", folder,
		"--appendonly", "yes", "--appendfilename", fsync+".aof", "--appendfsync", fsync, "--save", "")
	if err := server.Start(); err != nil {
		return nil, nil, fmt.Errorf("start Redis: %w", err)
	}
	client = redis.NewClient(&redis.Options{Addr: net.JoinHostPort("127.0.0.1", port), PoolSize: 300})
	stop = func() {
		_ = client.Close()
		_ = server.Process.Kill()
		_ = server.Wait()
	}
	for range 200 {
		if client.Ping(ctx).Err() == nil {
			return client, stop, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	stop()
	return nil, nil, errors.New("Redis did not answer")
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
