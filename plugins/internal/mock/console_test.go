package mock_test

import (
	"errors"
	"io"
	"testing"

	"github.com/CCI-MOC/haas/plugins/internal/mock"
	"github.com/CCI-MOC/haas/sdk"
)

func TestAConsoleNobodyReadsIsBounded(t *testing.T) {
	t.Parallel()
	c, err := mock.NewConsoles().Hold(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := c.Write(make([]byte, 4096)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if b, err := io.ReadAll(c); err != nil || len(b) != mock.MaxUnread {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

func TestALineIsHeldByOneAndCanBeTaken(t *testing.T) {
	t.Parallel()
	lines := mock.NewConsoles()
	first, err := lines.Hold(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lines.Hold(t.Context(), "a"); !errors.Is(err, &sdk.Error{Code: sdk.Busy}) {
		t.Errorf("a second holder: %v", err)
	}
	if _, err := lines.Hold(t.Context(), "b"); err != nil {
		t.Errorf("another line: %v", err)
	}
	lines.HangUp("a")
	if _, err := io.ReadAll(first); err != nil {
		t.Error(err)
	}
	second, err := lines.Hold(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil { // must not free the line of the next
		t.Error(err)
	}
	lines.Print("a", "hello")
	lines.HangUp("a")
	if b, err := io.ReadAll(second); string(b) != "hello" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}
