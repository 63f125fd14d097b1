package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// Of is the terminal that a stream leads to, nil if it leads to none.
func Of(stream any) *os.File {
	f, ok := stream.(*os.File)
	if !ok || f == nil || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}

// input reads what is typed, and stops waiting for it when its context ends. Waiting for a stream that is no file
// cannot be stopped.
type input struct {
	io.Reader
	file *os.File
	// wake becomes readable when waker is closed.
	wake, waker *os.File
	unhook      func() bool
}

func newInput(ctx context.Context, from io.Reader) (*input, error) {
	file, ok := from.(*os.File)
	if !ok {
		return &input{Reader: from}, nil
	}
	wake, waker, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("prepare to read what is typed: %w", err)
	}
	in := &input{Reader: from, file: file, wake: wake, waker: waker}
	in.unhook = context.AfterFunc(ctx, func() { _ = waker.Close() }) // nothing was written
	return in, nil
}

// Read waits for what is typed; io.EOF is also the end of the context.
func (in *input) Read(p []byte) (int, error) {
	if in.file != nil && !in.ready() {
		return 0, io.EOF
	}
	return in.Reader.Read(p)
}

// ready waits until reading the file does not block, and is false if the context has ended.
func (in *input) ready() bool {
	fds := []unix.PollFd{
		{Fd: int32(in.file.Fd()), Events: unix.POLLIN},
		{Fd: int32(in.wake.Fd()), Events: unix.POLLIN},
	}
	for {
		_, err := unix.Poll(fds, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return fds[1].Revents == 0
	}
}

// close gives up what waiting needs.
func (in *input) close() {
	if in.file == nil {
		return
	}
	in.unhook()
	_, _ = in.waker.Close(), in.wake.Close() // nothing was written
}
