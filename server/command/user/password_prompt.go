package user

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"ret/server/command"
	"ret/shared/fault"
)

// readPassword asks for a password twice at the terminal, without showing it, or
// reads a line of standard input where that is no terminal.
func readPassword(ctx context.Context, std command.Stdio, prompt string) (string, error) {
	terminal, ok := std.In.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return readLine(std.In)
	}
	password, err := ask(ctx, terminal, std.Err, prompt)
	if err != nil {
		return "", err
	}
	again, err := ask(ctx, terminal, std.Err, "Once more: ")
	if err != nil {
		return "", err
	}
	if password != again {
		return "", fault.New(fault.Invalid, "The two passwords differ. Nothing was changed.")
	}
	return password, nil
}

func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", fault.New(fault.Invalid, "No password was given: type it at a terminal, or send it as a line of standard input.")
	}
	return line, nil
}

// ask reads one line that the terminal does not show. If ctx ends the terminal
// shows what is typed again, and the read is left to the process's end.
func ask(ctx context.Context, terminal *os.File, w io.Writer, prompt string) (string, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("read terminal: %w", err)
	}
	fmt.Fprint(w, prompt)
	defer fmt.Fprintln(w)

	type answer struct {
		text []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		read <- answer{text, err}
	}()
	select {
	case a := <-read:
		return string(a.text), a.err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, before))
	}
}
