package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"ret/shared/wire"
)

// crowdEnv tells this program to be the crowd: its value is the kind of sockets
// and the address.
const crowdEnv = "RET_BENCH_CROWD"

const (
	crowdLive  = "live"  // sockets of the live channel
	crowdPlain = "plain" // TCP connections that say nothing
)

// crowd is the process that has the other ends of the idle sockets.
type crowd struct {
	cmd   *exec.Cmd
	input io.Closer
	lines *bufio.Scanner
}

func startCrowd(ctx context.Context, kind, address string) (*crowd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), crowdEnv+"="+kind+" "+address)
	cmd.Stderr = os.Stderr
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &crowd{cmd: cmd, input: input, lines: bufio.NewScanner(output)}
	if !c.lines.Scan() {
		c.stop()
		return nil, errors.New("the crowd did not come together")
	}
	return c, nil
}

// allHeard returns when the last of the crowd heard a message.
func (c *crowd) allHeard() (time.Time, error) {
	if !c.lines.Scan() {
		return time.Time{}, errors.New("the crowd left")
	}
	ns, err := strconv.ParseInt(c.lines.Text(), 10, 64)
	return time.Unix(0, ns), err
}

// stop sends the crowd away and waits for it. Stopping twice is harmless.
func (c *crowd) stop() {
	_ = c.input.Close()
	_ = c.cmd.Wait()
}

// beCrowd opens the sockets, says so with a line, and writes another one with the
// time whenever all of them have heard a message, until its input ends. One
// thread waits for all sockets, so that it takes little of the cores that it
// shares with the server.
func beCrowd(value string) error {
	kind, address, _ := strings.Cut(value, " ")
	fds, err := gather(kind, address)
	if err != nil {
		return err
	}
	ears, err := newEars(fds)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return ears.listen(func(last time.Time) { fmt.Println(last.UnixNano()) })
}

// gather opens all sockets, some at a time, and takes them from Go's poller.
func gather(kind, address string) ([]int, error) {
	fds, failed := make([]int, liveSockets), make([]error, liveSockets)
	turn := make(chan struct{}, 64)
	var group sync.WaitGroup
	for i := range liveSockets {
		turn <- struct{}{}
		group.Go(func() {
			fds[i], failed[i] = join(kind, address)
			<-turn
		})
	}
	group.Wait()
	return fds, errors.Join(failed...)
}

func join(kind, address string) (fd int, err error) {
	var conn net.Conn
	if kind == crowdPlain {
		conn, err = net.Dial("tcp", address)
	} else {
		conn, err = joinLive(address)
	}
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	file, err := conn.(*net.TCPConn).File() // another descriptor of the same socket
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if fd, err = syscall.Dup(int(file.Fd())); err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	return fd, err
}

// joinLive says hello and waits to be welcome; nothing follows until there is a
// change.
func joinLive(address string) (net.Conn, error) {
	conn, err := dialLive(address, "crowd", wire.ViewData)
	if err != nil {
		return nil, err
	}
	if _, _, err := conn.ReadMessage(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn.NetConn(), nil
}

// ears read the messages of many sockets and count them.
type ears struct {
	epoll   int
	sockets map[int32]*ear
	buffer  []byte
}

// ear is what has been read of a socket's present frame.
type ear struct {
	header []byte // incomplete
	left   int64  // of the payload
	ping   bool
}

func newEars(fds []int) (*ears, error) {
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		return nil, err
	}
	e := &ears{epoll: epoll, sockets: make(map[int32]*ear, len(fds)), buffer: make([]byte, 64<<10)}
	for _, fd := range fds {
		e.sockets[int32(fd)] = &ear{}
		if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// listen calls heard whenever as many messages have come as there are sockets.
func (e *ears) listen(heard func(last time.Time)) error {
	messages := 0
	events := make([]syscall.EpollEvent, 512)
	for {
		n, err := syscall.EpollWait(e.epoll, events, -1)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		for _, event := range events[:n] {
			whole, err := e.read(int(event.Fd))
			if err != nil {
				return err
			}
			if messages += whole; messages >= len(e.sockets) {
				messages -= len(e.sockets)
				heard(time.Now())
			}
		}
	}
}

// read takes what a socket has and returns how many messages ended in it.
func (e *ears) read(fd int) (whole int, err error) {
	n, err := syscall.Read(fd, e.buffer)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return 0, nil
	}
	if err != nil || n == 0 {
		return 0, fmt.Errorf("a socket ended: %w", errors.Join(err, io.EOF))
	}
	whole, pings := e.sockets[int32(fd)].take(e.buffer[:n])
	for range pings {
		if _, err := syscall.Write(fd, []byte{0x8A, 0x80, 0, 0, 0, 0}); err != nil { // an empty pong
			return whole, err
		}
	}
	return whole, nil
}

// take follows the frames of a server and counts those that are whole.
func (s *ear) take(data []byte) (messages, pings int) {
	for len(data) > 0 {
		if s.left == 0 {
			s.header, data = append(s.header, data[0]), data[1:]
			if !s.begins() {
				continue
			}
		}
		n := min(s.left, int64(len(data)))
		s.left, data = s.left-n, data[n:]
		if s.left > 0 {
			continue
		}
		if s.ping {
			pings++
		} else {
			messages++
		}
	}
	return messages, pings
}

// begins reports whether the header is whole, and takes it up.
func (s *ear) begins() bool {
	h := s.header
	switch {
	case len(h) < 2:
		return false
	case h[1] < 126:
		s.left = int64(h[1])
	case h[1] == 126 && len(h) == 4:
		s.left = int64(binary.BigEndian.Uint16(h[2:]))
	case h[1] == 127 && len(h) == 10:
		s.left = int64(binary.BigEndian.Uint64(h[2:]))
	default:
		return false
	}
	s.ping = h[0]&0x0F == 9
	s.header = h[:0]
	return true
}
