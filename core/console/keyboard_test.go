package console_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/console"
)

// seen is the keyboard as a viewer was told last, once it is told anew.
func seen(t *testing.T, v *console.Viewer) console.Keyboard {
	t.Helper()
	for {
		e, err := v.Next()
		must(t, err)
		if e.Keyboard != nil {
			return *e.Keyboard
		}
	}
}

func wantSeen(t *testing.T, v *console.Viewer, want console.Keyboard) {
	t.Helper()
	if got := seen(t, v); got != want {
		t.Errorf("%s sees %+v, want %+v", v.Name(), got, want)
	}
}

func typing(t *testing.T, v *console.Viewer, keys string) {
	t.Helper()
	must(t, v.Type(t.Context(), []byte(keys)))
}

func refusedTyping(t *testing.T, v *console.Viewer, because string) {
	t.Helper()
	err := v.Type(t.Context(), []byte("!"))
	if core.KindOf(err) != core.Blocked || !strings.Contains(err.Error(), because) {
		t.Errorf("%s types: %v, want %q", v.Name(), err, because)
	}
}

func TestOneTypesTheOthersRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	ann, bob := s.view(t, h, all("ann")), s.view(t, h, all("bob"))
	wantSeen(t, ann, console.Keyboard{})
	wantSeen(t, bob, console.Keyboard{})
	typing(t, ann, "a")
	wantSeen(t, ann, console.Keyboard{Writer: "ann", Mine: true})
	wantSeen(t, bob, console.Keyboard{Writer: "ann"})
	refusedTyping(t, bob, "ann has the keyboard")
	bob.Ask()
	bob.Ask()
	wantSeen(t, ann, console.Keyboard{Writer: "ann", Mine: true, AskedBy: "bob"})
	wantSeen(t, bob, console.Keyboard{Writer: "ann", AskedBy: "bob"})
	bob.Give() // not his to give
	bob.Keep()
	typing(t, ann, "b")
	ann.Keep()
	wantSeen(t, bob, console.Keyboard{Writer: "ann"})
	bob.Ask()
	ann.Give()
	wantSeen(t, ann, console.Keyboard{Writer: "bob"})
	refusedTyping(t, ann, "bob has the keyboard")
	typing(t, bob, "c")
	bob.Give()
	typing(t, ann, "d")
	eventually(t, "all is typed, and nothing that was refused", func() bool { return s.d.keys() == "abcd" })
}

func TestLeavingLaysTheKeyboardDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	ann, bob, carol := s.view(t, h, all("ann")), s.view(t, h, all("bob")), s.view(t, h, all("carol"))
	typing(t, ann, "a")
	bob.Ask()
	carol.Ask()
	_ = bob.Close()
	wantSeen(t, carol, console.Keyboard{Writer: "ann", AskedBy: "carol"})
	_ = ann.Close()
	wantSeen(t, carol, console.Keyboard{Writer: "carol", Mine: true})
	_ = carol.Close()
	dave := s.view(t, h, all("dave"))
	typing(t, dave, "d")
	wantSeen(t, dave, console.Keyboard{Writer: "dave", Mine: true})
}

// TestSilentWriterLosesTheKeyboard gives it to who asked once the writer has done nothing for a while, and not before.
func TestSilentWriterLosesTheKeyboard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		h, stop := s.unhurried(t)
		ann, bob := s.view(t, h, all("ann")), s.view(t, h, all("bob"))
		typing(t, ann, "a")
		<-time.After(time.Minute)
		bob.Ask()
		<-time.After(10 * time.Second)
		typing(t, ann, "b")
		<-time.After(10 * time.Second)
		refusedTyping(t, bob, "ann has the keyboard")
		<-time.After(10 * time.Second)
		typing(t, bob, "c")
		refusedTyping(t, ann, "bob has the keyboard")
		_, _ = ann.Close(), bob.Close()
		stop()
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	var names []string
	for _, name := range []string{"ann", "ann", "", "bob", "", "ann"} {
		names = append(names, s.view(t, h, all(name)).Name())
	}
	if got := strings.Join(names, ", "); got != "ann, ann (2), viewer, bob, viewer (2), ann (3)" {
		t.Errorf("called %s", got)
	}
}

// TestTypingAfterTheEnd types nothing on a node that may be somebody else's by now.
func TestTypingAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := s.hub(t)
	v := s.view(t, h, all("ann"))
	h.Forget(s.now(t), released)
	if err := v.Type(t.Context(), []byte("x")); err == nil || s.d.keys() != "" {
		t.Errorf("typed %q after the end: %v", s.d.keys(), err)
	}
}
