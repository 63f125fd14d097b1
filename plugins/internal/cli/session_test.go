package cli_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/CCI-MOC/haas/plugins/internal/cli"
	"github.com/CCI-MOC/haas/sdk"
	"github.com/CCI-MOC/haas/sdk/console"
	"github.com/CCI-MOC/haas/sdk/netswitch"
)

func TestReadAndList(t *testing.T) {
	t.Parallel()
	d := newTin()
	s := d.open(t, d.family(), "")
	states, err := s.Read(t.Context(), []string{"p2", "p1"})
	if err != nil || len(states) != 2 || !states[0].Equal(netswitch.Closed("p2")) || states[1].Port != "p1" {
		t.Errorf("%+v, %v", states, err)
	}
	if _, err := s.Read(t.Context(), []string{"p1", "p77"}); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("an absent port: %v", err)
	}
	names, err := s.(netswitch.PortLister).ListPorts(t.Context())
	if err != nil || len(names) != 9 || names[8] != "p9" {
		t.Errorf("%q, %v", names, err)
	}
	d.lost = "show"
	if _, err := s.Read(t.Context(), []string{"p1"}); sdk.CodeOf(err) != sdk.Timeout {
		t.Errorf("a lost conversation: %v", err)
	}
}

func TestSave(t *testing.T) {
	t.Parallel()
	d := newTin()
	s := d.open(t, d.family(), "")
	for words, want := range map[string]*sdk.Error{
		"saved\n":         nil,
		"":                {Code: sdk.Refused},
		"saved\nfailed\n": {Code: sdk.Refused},
		"no space\n":      {Code: sdk.Refused},
		"busy\n":          {Code: sdk.Busy, Retryable: true},
	} {
		d.saying = words
		err := s.Save(t.Context())
		if want == nil && err != nil || want != nil && (!errors.Is(err, want) || sdk.IsRetryable(err) != want.Retryable) {
			t.Errorf("%q: %v, want %+v", words, err, want)
		}
	}
	d.typed = nil
	if err := d.open(t, d.family(), `, "save": false`).Save(t.Context()); err != nil {
		t.Error(err)
	}
	d.wantTyped(t)
}

func TestSwitchesThatDoNotSayAreSavedAsTheDriversSectionSays(t *testing.T) {
	t.Parallel()
	device := newTin()
	device.saying = "saved\n"
	d := cli.NewWith(device.family(), func(context.Context, console.Config) (cli.Terminal, error) { return device, nil })
	for save, settings := range map[string]string{"false": "", "true": `, "save": false`} {
		if err := d.Configure(t.Context(), map[string]string{"save": save}); err != nil {
			t.Fatal(err)
		}
		s, err := d.Open(t.Context(), target(settings))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Save(t.Context()), s.Close()); err != nil {
			t.Error(err)
		}
	}
	device.wantTyped(t)
	if err := d.Configure(t.Context(), map[string]string{"save": "later"}); !slices.Equal(fields(err), []string{"save"}) {
		t.Errorf("save = later: %v", err)
	}
}

func TestAnIdleSessionEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newTin()
		s := d.open(t, d.family(), `, "idle_close": "10s"`)
		alive := s.(interface{ Alive() bool }).Alive
		for range 3 {
			<-time.After(9 * time.Second)
			if _, err := s.Read(t.Context(), []string{"p1"}); err != nil || !alive() {
				t.Fatal("a session that is used has ended")
			}
		}
		<-time.After(11 * time.Second)
		if alive() || !d.closed.Load() {
			t.Error("an unused session goes on")
		}
	})
}

func TestSessionsOfADeviceAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		open, most := 0, 0
		d := cli.NewWith(newTin().family(), func(context.Context, console.Config) (cli.Terminal, error) {
			open++
			most = max(most, open)
			return &counted{tin: newTin(), open: &open}, nil
		})
		first, err := d.Open(t.Context(), target(`, "session_limit": 2`))
		if err != nil {
			t.Fatal(err)
		}
		second, err := d.Open(t.Context(), target(`, "session_limit": 2, "idle_close": "30s"`))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.Open(ctx, target(`, "session_limit": 2`)); sdk.CodeOf(err) != sdk.Busy || !sdk.IsRetryable(err) {
			t.Errorf("one session too many: %v", err)
		}
		other, err := d.Open(t.Context(), target(`, "port": 2323`))
		if err != nil {
			t.Fatalf("another device: %v", err)
		}
		done := make(chan netswitch.Session)
		go func() {
			s, err := d.Open(t.Context(), target(`, "session_limit": 2, "deadline": "9s"`))
			if err != nil {
				t.Error(err)
			}
			done <- s
		}()
		synctest.Wait()
		if d.Waiting() != 1 {
			t.Errorf("%d wait", d.Waiting())
		}
		_ = first.Close()
		for _, s := range []netswitch.Session{first, <-done, second, other} {
			_ = s.Close()
		}
		if most != 3 || d.Sessions() != 0 || d.Waiting() != 0 {
			t.Errorf("%d sessions at once, %d left, %d wait", most, d.Sessions(), d.Waiting())
		}
	})
}

// counted is a terminal that is counted while it is open.
type counted struct {
	*tin
	open *int
}

func (c *counted) Close() error {
	*c.open--
	return c.tin.Close()
}

func TestAFailedLoginFreesItsSession(t *testing.T) {
	t.Parallel()
	denied := &sdk.Error{Code: sdk.Denied, Text: "wrong password"}
	d := cli.NewWith(newTin().family(), func(_ context.Context, c console.Config) (cli.Terminal, error) {
		if c.Host != "sw-1" || c.Transport != console.Telnet || c.Port != 0 || c.Username != "admin" || c.Password != "secret" ||
			c.Enable != "more" || c.Deadline != 5*time.Second {
			t.Errorf("reaches for %+v", c.Host)
		}
		return nil, denied
	})
	for range 3 {
		if _, err := d.Open(t.Context(), target(`, "enable_password": "more", "deadline": "5s"`)); !errors.Is(err, denied) {
			t.Error(err)
		}
	}
	if d.Sessions() != 0 {
		t.Errorf("%d sessions are left", d.Sessions())
	}
}

func TestSSHNeedsAFileOfHostKeys(t *testing.T) {
	t.Parallel()
	d := cli.NewWith(newTin().family(), func(_ context.Context, c console.Config) (cli.Terminal, error) {
		if c.KnownHosts != "/some/file" {
			t.Errorf("host keys in %q", c.KnownHosts)
		}
		return newTin(), nil
	})
	ssh := target(`, "transport": "ssh"`)
	if err := d.ValidateTarget(t.Context(), ssh); !slices.Equal(fields(err), []string{"transport"}) {
		t.Errorf("ssh without known_hosts: %v", err)
	}
	if err := d.Configure(t.Context(), map[string]string{"banana": "1"}); !slices.Equal(fields(err), []string{"banana"}) {
		t.Errorf("an unknown key: %v", err)
	}
	if err := d.Configure(t.Context(), map[string]string{"known_hosts": "/some/file"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(t.Context(), ssh); err != nil {
		t.Error(err)
	}
}
