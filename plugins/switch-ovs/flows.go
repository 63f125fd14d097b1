package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/CCI-MOC/haas/plugins/switch-ovs/internal/ovsdb"
	"github.com/CCI-MOC/haas/sdk"
)

// revalidation is after how long ovs-vswitchd has gone through its cached flows, unless it was told otherwise
// (other_config:max-revalidator).
const revalidation = 500 * time.Millisecond

// forgetFlows makes frames obey the configuration that ovs-vswitchd has taken. It goes on forwarding by flows it has cached
// until it has gone through all of them: with Open vSwitch 3.1.0 frames were seen on the old VLAN 2 ms after cur_cfg had
// said that the new one is in force. Where its control socket is out of reach there is nothing but to wait.
func (s *session) forgetFlows(ctx context.Context) error {
	if socket, ok := s.controlSocket(); ok {
		return ovsdb.Command(ctx, socket, "revalidator/purge")
	}
	s.log.Debug("wait for the cached flows to be revalidated", "for", revalidation)
	timer := time.NewTimer(revalidation)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &sdk.Error{Code: sdk.Timeout, Retryable: true, Text: fmt.Sprintf("bridge %s: wait for the cached flows: %v", s.bridge, ctx.Err())}
	}
}

// controlSocket is that of ovs-vswitchd, if it is beside that of the database, as in all distributions.
func (s *session) controlSocket() (string, bool) {
	if s.folder == "" {
		return "", false
	}
	text, err := os.ReadFile(filepath.Join(s.folder, "ovs-vswitchd.pid"))
	if err != nil {
		return "", false
	}
	pid, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32)
	return filepath.Join(s.folder, fmt.Sprintf("ovs-vswitchd.%d.ctl", pid)), err == nil
}
