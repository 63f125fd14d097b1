package cli

import (
	"context"
	"fmt"
	"sync"

	"github.com/CCI-MOC/haas/sdk"
)

// slots counts the sessions with each device, by its address: two registrations of one switch share its sessions.
type slots struct {
	mu      sync.Mutex
	devices map[string]*device // guarded by mu, and so are the devices' fields
}

type device struct {
	sessions int
	freed    chan struct{} // closed and replaced when a session ends
	waiting  int
}

// take waits for one of limit sessions with the device, and gives the function that ends it.
func (s *slots) take(ctx context.Context, address string, limit int) (free func(), err error) {
	for {
		freed := s.try(address, limit)
		if freed == nil {
			return sync.OnceFunc(func() { s.free(address) }), nil
		}
		select {
		case <-freed:
			s.leave(address)
		case <-ctx.Done():
			s.leave(address)
			return nil, &sdk.Error{Code: sdk.Busy, Retryable: true, Text: fmt.Sprintf(
				"open a session with %s: all %d of its sessions (session_limit) are in use", address, limit)}
		}
	}
}

// try counts a session, or gives the channel to wait on.
func (s *slots) try(address string, limit int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.devices == nil {
		s.devices = map[string]*device{}
	}
	d := s.devices[address]
	if d == nil {
		d = &device{freed: make(chan struct{})}
		s.devices[address] = d
	}
	if d.sessions >= limit {
		d.waiting++
		return d.freed
	}
	d.sessions++
	return nil
}

func (s *slots) free(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[address]
	d.sessions--
	close(d.freed)
	d.freed = make(chan struct{})
	s.forget(address, d)
}

func (s *slots) leave(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.devices[address]
	d.waiting--
	s.forget(address, d)
}

// forget drops a device that nobody uses or waits for.
func (s *slots) forget(address string, d *device) {
	if d.sessions == 0 && d.waiting == 0 {
		delete(s.devices, address)
	}
}
