package console

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// logFile is the end of what a console printed, on disk: a file, and the one before it, each up to half of the limit. Its
// positions are the history's.
type logFile struct {
	id, path string
	half     int64
	file     *os.File
	// The older file has the positions from start to middle, the newer one those from middle to end.
	start, middle, end int64
}

// older is the path of the file before.
func older(path string) string { return path + ".1" }

// logPath is the path of a log.
func logPath(dir, id string) string { return filepath.Join(dir, id+".log") }

// openLog opens a log, or begins it. It is read by nobody but the server.
func openLog(dir, id string, limit int64) (*logFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f := &logFile{id: id, path: logPath(dir, id), half: limit / 2}
	if info, err := os.Stat(older(f.path)); err == nil {
		f.middle = info.Size()
	}
	if err := f.create(); err != nil {
		return nil, err
	}
	info, err := f.file.Stat()
	if err != nil {
		return nil, errors.Join(err, f.file.Close())
	}
	f.end = f.middle + info.Size()
	return f, nil
}

func (f *logFile) create() (err error) {
	f.file, err = os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	return err
}

// place moves the positions so that the log ends at one.
func (f *logFile) place(end int64) {
	by := end - f.end
	f.start, f.middle, f.end = f.start+by, f.middle+by, end
}

// append adds output, and lets go of the oldest when there is too much.
func (f *logFile) append(p []byte) error {
	if f.end-f.middle+int64(len(p)) > f.half && f.end > f.middle {
		if err := f.rotate(); err != nil {
			return err
		}
	}
	n, err := f.file.Write(p)
	f.end += int64(n)
	return err
}

// rotate begins a new file.
func (f *logFile) rotate() error {
	if err := f.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.path, older(f.path)); err != nil {
		return errors.Join(err, f.create())
	}
	f.start, f.middle = f.middle, f.end
	return f.create()
}

// read is the output between two positions, as much of it as there is and can be read.
func (f *logFile) read(from, to int64) []byte {
	var out []byte
	if from < f.middle {
		out = part(older(f.path), from-f.start, min(to, f.middle)-from)
	}
	if to > f.middle {
		begin := max(from, f.middle)
		out = append(out, part(f.path, begin-f.middle, to-begin)...)
	}
	return out
}

// part is a piece of a file, nothing if it cannot be read.
func part(path string, at, n int64) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.NewSectionReader(file, at, n))
	if err != nil {
		return nil
	}
	return text
}

func (f *logFile) size() int64 { return f.end - f.start }

func (f *logFile) close() error { return f.file.Close() }

// remove closes the log and removes it.
func (f *logFile) remove() error {
	err := f.file.Close()
	return errors.Join(err, removeLog(f.path))
}

// removeLog removes a log's files.
func removeLog(path string) error {
	for _, name := range []string{path, older(path)} {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove console log: %w", err)
		}
	}
	return nil
}
