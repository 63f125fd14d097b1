package server

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/core/config"
)

const logName = "haas.log"

// newLog makes the log that the configuration asks for: on standard error, or in a folder, a file a day.
func newLog(c config.General) (hclog.Logger, func() error, error) {
	var out io.Writer = os.Stderr
	closeLog := func() error { return nil }
	if c.LogDir != "" {
		d := &dailyFile{dir: c.LogDir, now: time.Now}
		if err := d.open(); err != nil {
			return nil, nil, err
		}
		out, closeLog = d, d.Close
	}
	return hclog.New(&hclog.LoggerOptions{Name: "haas", Level: c.LogLevel, Output: out}), closeLog, nil
}

// dailyFile is a log file that is renamed after its day when the next one begins.
type dailyFile struct {
	dir string
	now func() time.Time

	mu sync.Mutex
	// file and day are guarded by mu.
	file *os.File
	day  string
}

func (d *dailyFile) open() error {
	f, err := os.OpenFile(filepath.Join(d.dir, logName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	d.file, d.day = f, d.now().Format(time.DateOnly)
	return nil
}

// Write appends a line, in a new file if it is the day's first.
func (d *dailyFile) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now().Format(time.DateOnly) != d.day {
		if err := d.turn(); err != nil {
			return 0, err
		}
	}
	return d.file.Write(p)
}

// turn begins a new file; on failure the old one stays in use.
func (d *dailyFile) turn() error {
	old, path := d.file, filepath.Join(d.dir, logName)
	if err := os.Rename(path, path+"."+d.day); err != nil {
		return fmt.Errorf("rename log: %w", err)
	}
	if err := d.open(); err != nil {
		return err
	}
	return old.Close()
}

// Close closes the file.
func (d *dailyFile) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.file.Close()
}
