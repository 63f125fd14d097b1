package drivers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

// socketPath is the longest path a Unix socket may have.
const socketPath = 107

// runDir is a server's own folder for sockets. It is locked for as long as the server lives, so that another one
// knows what may be cleaned.
type runDir struct {
	path string
	lock *os.File
}

// openRunDir makes the folder inside base, and removes those of servers that have died there. Without a base the
// folder is somewhere among the temporary ones.
func openRunDir(base string) (*runDir, error) {
	if base == "" {
		return newRunDir("", "haas-")
	}
	if longest := filepath.Join(base, "s0123456789/plugin-dir0123456789/plugin0123456789"); len(longest) > socketPath {
		return nil, fmt.Errorf("run directory %s: the path is too long for sockets; shorten it by %d characters", base, len(longest)-socketPath)
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(base, 0) // nobody sweeps what has been made and is not yet locked
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Close() }() // nothing was written
	if err := sweep(base); err != nil {
		return nil, err
	}
	return newRunDir(base, "s")
}

func newRunDir(base, prefix string) (*runDir, error) {
	path, err := os.MkdirTemp(base, prefix)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(path, 0)
	return &runDir{path: path, lock: lock}, err
}

// runDirName is the form of the folders' names; whatever else is in the base stays.
var runDirName = regexp.MustCompile(`^s[0-9]+$`)

// sweep removes the folders in base whose servers are dead.
func sweep(base string) error {
	entries, err := os.ReadDir(base)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || !runDirName.MatchString(e.Name()) {
			continue
		}
		if err := removeDead(filepath.Join(base, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// removeDead removes a folder, unless its server lives or it is somebody else's.
func removeDead(dir string) error {
	lock, err := lockDir(dir, syscall.LOCK_NB)
	if err != nil {
		return nil
	}
	return errors.Join(os.RemoveAll(dir), lock.Close())
}

// lockDir takes the lock of a folder, which the kernel drops when the process dies.
func lockDir(dir string, flags int) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|flags)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), f.Close())
	}
	return f, nil
}

func (r *runDir) close() error {
	return errors.Join(os.RemoveAll(r.path), r.lock.Close())
}
