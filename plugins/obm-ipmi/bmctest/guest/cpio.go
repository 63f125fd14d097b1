package guest

import (
	"fmt"
	"io"
)

// What a file is, in the bits of its mode.
const (
	isFolder  = 0o040000
	isFile    = 0o100000
	alignment = 4
)

// archive writes files in the format "newc" of cpio, which is what the kernel unpacks at its start.
type archive struct {
	to      io.Writer
	written int
	inode   int
	err     error
}

// add appends a file. Folders come before what is in them.
func (a *archive) add(name string, mode int, content []byte) {
	a.inode++
	links := 1
	if mode&isFolder != 0 {
		links = 2
	}
	// Inode, mode, owner, group, links, time, size, two device numbers, length of the name, no checksum.
	a.print("070701")
	for _, field := range []int{a.inode, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0} {
		a.print("%08x", field)
	}
	a.print("%s\x00", name)
	a.align()
	a.write(content)
	a.align()
}

// close ends the archive.
func (a *archive) close() error {
	a.add("TRAILER!!!", 0, nil)
	return a.err
}

func (a *archive) print(format string, args ...any) { a.write(fmt.Appendf(nil, format, args...)) }

func (a *archive) align() { a.write(make([]byte, (alignment-a.written%alignment)%alignment)) }

func (a *archive) write(b []byte) {
	if a.err != nil {
		return
	}
	_, a.err = a.to.Write(b)
	a.written += len(b)
}
