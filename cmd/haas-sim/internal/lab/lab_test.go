// These tests are inside the package for the reason that main_test.go gives.
package lab

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// TestProjectsNeverMeet is the lab as "haas-sim lab" runs it, with mishaps at one of the commands.
func TestProjectsNeverMeet(t *testing.T) {
	t.Parallel()
	needsSwitch(t)
	l, err := Start(t.Context(), Options{Bin: bin(t), Out: out{t}})
	t.Cleanup(func() {
		if t.Failed() && l.server != nil {
			t.Logf("the server's log ends with\n%s", tail(l.server.log()))
		}
		closeLab(t, l)
	})
	must(t, err)
	must(t, l.Walk())
	must(t, l.Leave())
	must(t, l.Rough(3))
	must(t, l.Leave())
}

// TestAnInterruptedLabLeavesNothing interrupts the lab in the middle of its walk.
func TestAnInterruptedLabLeavesNothing(t *testing.T) {
	t.Parallel()
	needsSwitch(t)
	ctx, cancel := context.WithCancel(t.Context())
	l, err := Start(ctx, Options{Bin: bin(t), Out: interrupter{"3. ", cancel}})
	t.Cleanup(func() { closeLab(t, l) })
	must(t, err)
	if err := l.Walk(); !errors.Is(err, errInterrupted) {
		t.Errorf("an interrupted walk ends with %v", err)
	}
}

func TestALabThatDoesNotStartLeavesNothing(t *testing.T) {
	t.Parallel()
	needsSwitch(t)
	l, err := Start(t.Context(), Options{Bin: t.TempDir(), Out: out{t}})
	t.Cleanup(func() { closeLab(t, l) })
	if err == nil {
		t.Error("there is a lab without programs")
	}
}

// interrupter ends the lab when it prints some words.
type interrupter struct {
	words     string
	interrupt func()
}

func (i interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), i.words) {
		i.interrupt()
	}
	return len(p), nil
}

// closeLab wants nothing of the lab to be left.
func closeLab(t *testing.T, l *Lab) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(l.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", l.dir, err)
	}
	if l.server != nil && l.server.process != nil && l.server.cmd.ProcessState == nil {
		t.Error("the server is left")
	}
}
