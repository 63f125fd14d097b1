package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/service"
	"github.com/CCI-MOC/haas/core/store"
)

// changes are settings to change, from a JSON object.
func changes(t *testing.T, text string) service.DriverSettings {
	t.Helper()
	var d service.DriverSettings
	must(t, json.Unmarshal([]byte(text), &d.Settings))
	return d
}

// registered are the settings of switch s1.
func (w *world) registered(t *testing.T) string {
	t.Helper()
	return string(get(w.s.Switch(t.Context(), "s1"))(t).Settings)
}

func TestSwitchUpdateChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		update := func(sw, text string) func(context.Context) error {
			return func(ctx context.Context) error { return w.SwitchUpdate(ctx, sw, changes(t, text)) }
		}
		ofType := func(url string) func(context.Context) error {
			return func(ctx context.Context) error { return w.SwitchUpdate(ctx, "s1", service.DriverSettings{Type: url}) }
		}
		before, wakes := w.registered(t), w.wakes.Load()
		try(t,
			attempt{"a missing one as member", w.u1, update("none", `{}`), core.Unauthorized},
			attempt{"a missing one", w.admin, update("none", `{}`), core.NotFound},
			attempt{"another type", w.admin, ofType(plainSwitchType), core.BadArgument},
			attempt{"an unknown type", w.admin, ofType("none"), core.BadArgument},
			attempt{"an unknown setting", w.admin, update("s1", `{"colour": "red"}`), core.BadArgument},
			attempt{"without what must be there", w.admin, update("s1", `{"host": null}`), core.BadArgument},
			attempt{"a wrong type of value", w.admin, update("s1", `{"host": 7}`), core.BadArgument},
			attempt{"another case", w.admin, update("s1", `{"PASSWORD": "new"}`), core.BadArgument},
			attempt{"ports that are none any more", w.admin, update("s1", `{"host": "portless"}`), core.Blocked},
			attempt{"ports that are others", w.admin, update("s1", `{"host": "renaming"}`), core.Blocked},
		)
		if now := w.registered(t); now != before || w.wakes.Load() != wakes {
			t.Errorf("refused changes were made: %s", now)
		}
		try(t, attempt{"the same type", w.admin, ofType(switchType), success}, attempt{"a host", w.admin, update("s1", `{"host": "h2"}`), success})
	})
}

func TestSwitchUpdateChangesWhatIsGiven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for _, step := range []struct{ text, want string }{
			{`{}`, `{"host":"h","password":"hunter2"}`},
			{`{"password": "new"}`, `{"host":"h","password":"new"}`},
			{`{"host": "h2"}`, `{"host":"h2","password":"new"}`},
			{`{"password": null}`, `{"host":"h2"}`},
			{`{"password": null}`, `{"host":"h2"}`},
			{`{"password": "back", "host": "h"}`, `{"host":"h","password":"back"}`},
		} {
			wakes := w.wakes.Load()
			must(t, w.SwitchUpdate(w.admin, "s1", changes(t, step.text)))
			if now := w.registered(t); now != step.want {
				t.Errorf("after %s the settings are %s, want %s", step.text, now, step.want)
			}
			if w.wakes.Load() != wakes+1 {
				t.Error("the fabric was not told")
			}
		}
		port := get(w.s.Port(t.Context(), get(w.s.Switch(t.Context(), "s1"))(t), "gi1"))(t)
		if port.Settled() {
			t.Errorf("a port is taken for settled on what may be another device: %+v", port)
		}
	})
}

func TestSwitchUpdateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for text, words := range map[string]string{
			`{"Password": "hush"}`:                        `Password: is registered as "password"`,
			`{"password": {"a": "hush"}}`:                 "password: must be a string",
			`{"password": "hush", "host": "portless"}`:    "the switch has no port gi1: there is no port at all; delete the port first",
			`{"password": "hush", "host": "renaming"}`:    "port gi1 would be the switch's new-gi1, and is gi1 now; delete the port first",
			`{"password": "hush", "password2": "hush"}`:   "password2: is not a setting",
			`{"password": "hush", "host": {"x": "hush"}}`: "host: must be a string",
		} {
			err := w.SwitchUpdate(w.admin, "s1", changes(t, text))
			if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%s: %v, want %s", text, err, words)
			}
		}
		err := w.SwitchUpdate(w.admin, "s1", service.DriverSettings{Type: plainSwitchType})
		if err == nil || !strings.Contains(err.Error(), "type: switch s1 is of type "+switchType) || !strings.Contains(err.Error(), "register it again") {
			t.Errorf("another type: %v", err)
		}
	})
}

// TestSwitchUpdateWhileOthersAreAtWork has others change the switch while its driver looks at the ports.
func TestSwitchUpdateWhileOthersAreAtWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		update := func(s *service.Service, text string) error { return s.SwitchUpdate(w.admin, "s1", changes(t, text)) }
		for _, c := range []struct {
			name      string
			meanwhile func() error
			want      core.Kind
		}{
			{"something else is registered", func() error { return w.NodeRegister(w.admin, "another", device(obmType), nil) }, success},
			{"the switch is changed", func() error { return update(w.Service, `{"password": "theirs"}`) }, core.IllegalState},
			{"a port is registered", func() error { return w.SwitchRegisterPort(w.admin, "s1", "gi77") }, core.IllegalState},
			{"a port is deleted", func() error { return w.SwitchDeletePort(w.admin, "s1", "gi77", false) }, core.IllegalState},
			{"everything is deleted", func() error { return w.removeSwitch(t.Context(), "s1") }, core.IllegalState},
		} {
			slow := w.interrupted(func() { must(t, c.meanwhile()) })
			try(t, attempt{c.name, w.admin, func(context.Context) error { return update(slow, `{"password": "mine"}`) }, c.want})
		}
		slow := w.interrupted(func() { must(t, w.SwitchUpdate(w.admin, "plain", changes(t, `{"host": "elsewhere"}`))) })
		wantKind(t, slow.SwitchRegisterPort(w.admin, "plain", "gi78"), core.IllegalState)
	})
}

// interrupted is the service with a driver that is slow: something else is done first, once.
func (w *world) interrupted(meanwhile func()) *service.Service {
	c := w.Config
	c.Drivers = interrupted{Drivers: w.Drivers, meanwhile: sync.OnceFunc(meanwhile)}
	return service.New(c)
}

// removeSwitch deletes a switch with all that is on it.
func (w *world) removeSwitch(ctx context.Context, label string) error {
	return w.s.InTx(ctx, func(ctx context.Context, q store.Queries) error {
		sw, err := q.Switch(ctx, label)
		if err != nil {
			return err
		}
		ports, err := q.Ports(ctx, sw.ID)
		if err != nil {
			return err
		}
		for _, p := range ports {
			if p.NICID != 0 {
				err = q.SetNICPort(ctx, p.NICID, 0)
			}
			if err := errors.Join(err, q.DeletePort(ctx, p.Port.ID, true)); err != nil {
				return err
			}
		}
		return q.DeleteSwitch(ctx, sw.ID)
	})
}

func TestSwitchUpdateWithoutDriver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		must(t, w.s.CreateSwitch(t.Context(), &core.Switch{Label: "lost", Type: "http://example.com/lost", Settings: "{}"}))
		wantKind(t, w.SwitchUpdate(w.admin, "lost", changes(t, `{}`)), core.Unavailable)
	})
}
