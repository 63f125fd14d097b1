package servertest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// PortState is what a mock switch carries on a port.
type PortState struct {
	Native int   `json:"native"`
	Tagged []int `json:"tagged"`
	Up     bool  `json:"up"`
}

// Device is a mock switch as its file shows it.
type Device struct {
	Running, Saved map[string]PortState
	Visits, Saves  int
}

// Device reads the file of the mock switch with the host name; a device that was never visited is empty.
func (s *Site) Device(t testing.TB, hostname string) Device {
	t.Helper()
	var d Device
	text, err := os.ReadFile(s.device(hostname))
	if os.IsNotExist(err) {
		return d
	}
	must(t, err)
	must(t, json.Unmarshal(text, &d))
	return d
}

// Hold keeps the mock switch with the host name from changing, until release is called or the test ends.
func (s *Site) Hold(t testing.TB, hostname string) (release func()) {
	t.Helper()
	f, err := os.OpenFile(s.device(hostname)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	must(t, err)
	must(t, syscall.Flock(int(f.Fd()), syscall.LOCK_EX))
	release = sync.OnceFunc(func() { must(t, f.Close()) })
	t.Cleanup(release)
	return release
}

// Break makes the mock switch with the host name fail whatever it is asked, until mend is called.
func (s *Site) Break(t testing.TB, hostname string) (mend func()) {
	t.Helper()
	defer s.Hold(t, hostname)()
	path := s.device(hostname)
	was, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte("flash card failure"), 0o600))
	return func() { must(t, os.WriteFile(path, was, 0o600)) }
}

func (s *Site) device(hostname string) string {
	return filepath.Join(s.State, "switch-"+hostname+".json")
}
