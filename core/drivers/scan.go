package drivers

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// driverName is the form of a driver's file name: its kind, and the vendor or family.
var driverName = regexp.MustCompile(`^(switch|obm|headnode)-[a-z0-9][a-z0-9-]*$`)

// kindOf is the kind of the named driver, empty if the name is not a driver's.
func kindOf(name string) string {
	m := driverName.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return m[1]
}

// stamp changes with everything that can change what vet says of a file, or what the file is.
type stamp struct {
	dir        fs.FileMode
	file, sums mark
}

// mark identifies a version of a file. The change time cannot be set back, unlike the modification time.
type mark struct {
	inode   uint64
	mode    fs.FileMode
	size    int64
	written time.Time
	changed syscall.Timespec
}

// look finds the drivers in dir; there are none in a dir that does not exist.
func look(dir string) (map[string]stamp, error) {
	found := map[string]stamp{}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	sums := markOf(filepath.Join(dir, sumsFile))
	for _, e := range entries {
		if kindOf(e.Name()) != "" {
			found[e.Name()] = stamp{dir: info.Mode(), file: markOf(filepath.Join(dir, e.Name())), sums: sums}
		}
	}
	return found, nil
}

// markOf is the zero mark for a file that is not there.
func markOf(path string) mark {
	info, err := os.Lstat(path)
	if err != nil {
		return mark{}
	}
	m := mark{mode: info.Mode(), size: info.Size(), written: info.ModTime()}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		m.inode, m.changed = s.Ino, s.Ctim
	}
	return m
}
