package mock

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

// maxFileName keeps a device's file, its lock and its temporary copy under the 255 bytes a file name may have.
const maxFileName = 180

// Store is a directory with one JSON file per device. A file is replaced as a whole, so a reader sees a device before
// or after a change and never between; changes exclude each other across processes.
type Store struct {
	dir, kind string
}

// OpenStore prepares dir for the devices of one kind ("switch"). An empty dir means DefaultDir.
func OpenStore(dir, kind string) (Store, error) {
	if dir != "" {
		return Store{dir: dir, kind: kind}, os.MkdirAll(dir, 0o700)
	}
	dir = DefaultDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Store{}, err
	}
	return Store{dir: dir, kind: kind}, ownPrivate(dir)
}

// DefaultDir is the folder of a user's mock devices when none is configured. The temporary folder stands in where
// there is no cache folder, as in a driver, which has no HOME.
func DefaultDir() string {
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "haas-mock")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("haas-mock-%d", os.Getuid()))
}

// ownPrivate refuses a folder that somebody else prepared in a place where everybody may write.
func ownPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != os.Getuid() || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is not a private folder of this user; remove it or set state_dir", dir)
	}
	return nil
}

// Path is the file of the named device. Any name is safe: what a file name cannot hold is escaped.
func (s Store) Path(device string) string {
	name := url.PathEscape(device)
	if len(name) > maxFileName {
		sum := sha256.Sum256([]byte(device))
		name = name[:maxFileName/2] + "-" + hex.EncodeToString(sum[:])
	}
	return filepath.Join(s.dir, s.kind+"-"+name+".json")
}

// Load reads the named device into state, and leaves state alone if the device has no file yet.
func (s Store) Load(device string, state any) error {
	b, err := os.ReadFile(s.Path(device))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, state); err != nil {
		return fmt.Errorf("read %s: %w", s.Path(device), err)
	}
	return nil
}

// Update reads the named device into state, calls change, and writes state back unless change fails.
func (s Store) Update(device string, state any, change func() error) error {
	unlock, err := lock(s.Path(device) + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.Load(device, state); err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	return s.write(s.Path(device), state)
}

// write replaces the file at path. The temporary name is fixed, since the lock admits one writer.
func (s Store) write(path string, state any) error {
	b, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// lock waits for the lock file at path. The kernel drops the lock of a process that dies.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = f.Close() }, nil
}
