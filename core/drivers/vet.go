package drivers

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// writableByOthers are the permissions that would let somebody else put a program into the server's hands.
const writableByOthers = 0o022

// vet says why the named file in dir must not be launched.
func vet(dir, name string) error {
	if err := vetDir(dir); err != nil {
		return err
	}
	if err := vetFile(filepath.Join(dir, name)); err != nil {
		return err
	}
	return vetSum(dir, name)
}

func vetDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&writableByOthers != 0 {
		return refuse("the plugin directory %s is writable by others; chmod go-w it", dir)
	}
	return nil
}

func vetFile(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return refuse("%s is not a regular file", path)
	case mode.Perm()&0o111 == 0:
		return refuse("%s is not executable; chmod +x it", path)
	case mode.Perm()&writableByOthers != 0:
		return refuse("%s is writable by others; chmod go-w it", path)
	}
	return nil
}

// vetSum holds the file against SHA256SUMS, if there is one.
func vetSum(dir, name string) error {
	list := filepath.Join(dir, sumsFile)
	info, err := os.Lstat(list)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&writableByOthers != 0 {
		return refuse("%s must be a regular file, and not writable by others", list)
	}
	return checkSum(list, name)
}

func checkSum(list, name string) error {
	b, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	sums, err := parseSums(b)
	if err != nil {
		return refuse("%s: %v", list, err)
	}
	want, ok := sums[name]
	if !ok {
		return refuse("%s is not listed in %s", name, list)
	}
	got, err := fileSum(filepath.Join(filepath.Dir(list), name))
	if err != nil {
		return err
	}
	if got != want {
		return refuse("%s does not match its checksum in %s", name, list)
	}
	return nil
}
