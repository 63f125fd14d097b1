package terminal_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/CCI-MOC/haas/cmd/haas/internal/remote"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal"
	"github.com/CCI-MOC/haas/cmd/haas/internal/terminal/terminaltest"
	"github.com/CCI-MOC/haas/openapi/client"
)

// every is a text with every byte there is.
func every() string {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return string(all)
}

func TestEveryByteArrives(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	if !v.IsRaw() {
		t.Error("the terminal is not raw")
	}
	v.server.Print(every() + "end")
	if got := v.Until("end"); got != every() {
		t.Errorf("the machine printed %q, which is seen as %q", every(), got)
	}
	// Among them are those that would interrupt, stop, suspend or end a program.
	v.Press(every())
	v.server.WantTyped(every())
	v.Press("\r~.")
	v.server.WantTyped("\r")
	v.left()
	v.server.WantGone()
}

func TestEscapesOverSeveralReads(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	v.Press("a~.~\r")
	v.server.WantTyped("a~.~\r") // so the next key is read by itself
	v.Press("~")
	v.Press("?")
	v.Until("leave the console")
	v.Until("this help\r\n")
	v.Press("~")
	v.Press("~")
	v.server.WantTyped("~")
	v.Press("\r")
	v.server.WantTyped("\r")
	v.Press("~")
	v.Press(".")
	v.left()
}

func TestNoticesHaveTheirOwnLine(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	v.server.Print("login: ")
	v.Until("login: ")
	v.server.Tell(client.ConsoleMessage{Type: client.Lost, Bytes: new(int64(7))})
	if got := v.Until("are missing here\r\n"); got != "\r\n[haas] 7 bytes of the machine's output " {
		t.Errorf("seen: %q", got)
	}
	v.server.Tell(client.ConsoleMessage{Type: client.Lost})
	if got := v.Until("is missing here\r\n"); got != "[haas] some of the machine's output " {
		t.Errorf("seen: %q", got)
	}
	v.server.Tell(client.ConsoleMessage{Type: client.Refused, Reason: new("bob is\r\n\x1b[2Jtyping")})
	if got := v.Until("typing\r\n"); got != "[haas] not passed on: bob is   [2J" {
		t.Errorf("seen: %q", got)
	}
	v.server.Tell(client.ConsoleMessage{Type: client.Refused, Reason: new("bob is\r\n\x1b[2Jtyping")})
	v.server.Print("$ ")
	if got := v.Until("$ "); got != "" {
		t.Errorf("told again: %q", got)
	}
	v.Press("~.")
	v.left()
	v.Until("\r\n") // for the shell's prompt
}

func TestWindowSize(t *testing.T) {
	t.Parallel()
	w := terminaltest.New(t)
	v := visitIn(t, w, terminal.Options{})
	for _, c := range []struct {
		rows, cols uint16
		want       string
	}{{24, 80, "stty rows 24 cols 80\r"}, {50, 132, "stty rows 50 cols 132\r"}} {
		w.Resize(c.rows, c.cols)
		v.Press("~w")
		v.server.WantTyped(c.want)
	}
	v.Press("~.")
	v.left()
	if rows, cols := w.Size(); rows != 50 || cols != 132 {
		t.Errorf("the window has %d lines with %d columns", rows, cols)
	}
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	keyboard := func(writer, askedBy string) {
		t.Helper()
		v.server.Tell(client.ConsoleMessage{Type: client.Keyboard, Writer: new(writer), Mine: new(writer == "ann"), AskedBy: new(askedBy)})
	}
	told := func(want string) {
		t.Helper()
		v.server.Print("|") // whatever was told is before it
		if got := v.Until("|"); strings.Trim(got, "\r\n") != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	keyboard("bob", "")
	told("[haas] bob has the keyboard; ~a asks for it")
	v.Press("~g~k") // not hers to give
	v.Until("[haas] you do not have the keyboard\r\n")
	v.Press("~a")
	v.server.WantTold(`{"type":"ask"}`)
	keyboard("bob", "ann")
	told("[haas] asked bob for the keyboard")
	keyboard("bob", "")
	told("[haas] bob keeps the keyboard")
	v.Press("~a")
	v.server.WantTold(`{"type":"ask"}`)
	keyboard("bob", "ann")
	keyboard("ann", "")
	told("[haas] asked bob for the keyboard\r\n[haas] you have the keyboard")
	keyboard("ann", "carol")
	told("[haas] carol asks for the keyboard: ~g gives it, ~k keeps it; without an answer it goes over after 15 seconds")
	v.Press("~k")
	v.server.WantTold(`{"type":"keep"}`)
	keyboard("ann", "")
	told("")
	v.Press("~g")
	v.server.WantTold(`{"type":"give"}`)
	keyboard("", "")
	told("[haas] nobody has the keyboard; typing takes it")
	keyboard("ann", "")
	told("")
	keyboard("carol", "")
	told("[haas] carol has the keyboard; ~a asks for it")
	keyboard("", "")
	told("[haas] nobody has the keyboard; typing takes it")
	v.Press("~a")
	v.server.WantTold(`{"type":"ask"}`)
	keyboard("ann", "")
	told("[haas] you have the keyboard")
	v.Press("~.")
	v.left()
}

// TestTheTerminalSpeaksForWhoHasTheKeyboard keeps what the terminal answers to old output, or beside others, from the machine.
func TestTheTerminalSpeaksForWhoHasTheKeyboard(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	for _, said := range []string{
		"\x1b[24;80R", "\x1b[?1;2c", "\x1b[>0;10;1c", "\x1b[0n", "\x1b[?25;1$y", "\x1b[8;24;80t", "\x1b[I", "\x1b[O",
		"\x1b]10;rgb:ffff/ffff/ffff\x07", "\x1b]11;rgb:0/0/0\x1b\\", "\x1b]lreboot\x1b\\", "\x1bP1$r0m\x1b\\", "\x1b]52;c;cmVib290\x07",
	} {
		v.Press(said + "\x1b[A")
		v.server.WantTyped("\x1b[A")
	}
	v.Press("\r~\x1b[1;1R?") // is no key between those that are pressed
	v.server.WantTyped("\r")
	v.Until("this help\r\n")
	v.server.Tell(client.ConsoleMessage{Type: client.Keyboard, Writer: new("ann"), Mine: new(true)})
	v.server.Print("\x1b[6n|")
	v.Until("|")
	v.Press("\x1b[24;80R")
	v.server.WantTyped("\x1b[24;80R")
	v.Press("\r~.")
	v.left()
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{ReadOnly: true})
	v.server.Tell(client.ConsoleMessage{Type: client.Keyboard, Writer: new("bob")})
	v.Until("[haas] bob has the keyboard\r\n")
	v.Press("x\r~a~w")
	v.Until("[haas] nothing is typed with --read-only; ~. leaves\r\n")
	v.Press("\x03")
	v.left()
	v.server.WantGone()
}

func TestConnectsAgainWithoutAWord(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{Begin: remote.ConsoleOptions{Tail: new(int64(5)), Take: true}})
	if q := v.server.Request.URL.RawQuery; q != "tail=5&take=true" {
		t.Errorf("came with %s", q)
	}
	v.server.Tell(client.ConsoleMessage{Type: client.Keyboard, Writer: new("ann"), Mine: new(true)})
	v.server.Print("begin ")
	v.Until("begin ")
	for position, end := range map[string]func(){
		"s.106": func() { v.server.Drop() },
		"s.2": func() {
			v.server.Tell(client.ConsoleMessage{Type: client.Welcome, You: new("ann"), Session: new("s"), At: new(int64(2))})
			v.server.Tell(client.ConsoleMessage{Type: client.End, Reason: new("the line broke"), Retry: new(true)})
		},
	} {
		end()
		v.server = v.console.Next(t)
		if q := v.server.Request.URL.RawQuery; q != "resume="+position {
			t.Errorf("came again with %s, want %s", q, position)
		}
		v.server.Welcome("s", 106)
	}
	v.server.Print("end")
	if got := v.Until("end"); got != "" {
		t.Errorf("seen: %q", got)
	}
	v.Press("x")
	v.server.WantTyped("x")
	v.Press("\r~.")
	v.left()
}

func TestConnectsAgainToAServerThatWasGone(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	v.console.Refuse(4, http.StatusServiceUnavailable, `{"type":"UnavailableError","msg":"no way"}`)
	v.server.Drop()
	v.Until("[haas] the console is gone: no way; trying to connect again\r\n")
	v.server = v.console.Next(t)
	v.server.Welcome("s", 100)
	v.server.Print("|")
	if got := v.Until("|"); got != "[haas] connected again\r\n" {
		t.Errorf("seen: %q", got)
	}
	v.Press("~.")
	v.left()
}

func TestLeavesWhileThereIsNoConnection(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	v.console.Refuse(1_000_000, http.StatusBadGateway, "")
	v.server.Drop()
	v.Until("trying to connect again\r\n")
	v.Press("rm -r\r")
	v.Until("[haas] not connected; what you type is not passed on\r\n")
	v.Press("~.")
	v.left()
}

func TestLeavesWhenAllIsTyped(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	text := strings.Repeat("0123456789abcde\r", 5000)
	v.Press(text + "~.")
	v.server.WantTyped(text)
	v.server.WantGone()
	v.left()
}

// TestLeavesAMachineThatTakesNoKeys has a server that reads no more.
func TestLeavesAMachineThatTakesNoKeys(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	for range 300 {
		v.Press(strings.Repeat("x", 1<<10))
	}
	v.Press("\r~?")
	v.Until("this help\r\n")
	v.Press("~.")
	v.left()
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(*visit)
		want string
	}{
		"when the server says so": {func(v *visit) {
			v.server.Print("bye")
			v.server.Tell(client.ConsoleMessage{Type: client.End, Reason: new("node n1 was released")})
		}, "the console of n1 has ended: node n1 was released"},
		"when it may not come back": {func(v *visit) {
			v.console.Refuse(1, http.StatusUnauthorized, `{"type":"AuthorizationError","msg":"not yours"}`)
			v.server.Drop()
		}, "not yours"},
		"when its context does": {func(v *visit) { v.leave() }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := visitIn(t, terminaltest.New(t), terminal.Options{})
			c.end(v)
			err := v.ended()
			if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestEndsWithTheTerminal(t *testing.T) {
	t.Parallel()
	v := visitIn(t, terminaltest.New(t), terminal.Options{})
	v.Press("x")
	v.server.WantTyped("x")
	v.HangUp()
	v.server.WantGone()
	if err := <-v.done; err != nil {
		t.Errorf("the session ended with %v", err)
	}
}

// brokenScreen is an output that fails, or does worse.
type brokenScreen struct{ worse bool }

var errBroken = errors.New("broken pipe")

func (b brokenScreen) Write([]byte) (int, error) {
	if b.worse {
		panic("the screen burns")
	}
	return 0, errBroken
}

func TestBrokenScreen(t *testing.T) {
	t.Parallel()
	for worse, want := range map[bool]error{false: errBroken, true: errPanic} {
		v := visitIn(t, terminaltest.New(t), terminal.Options{Out: brokenScreen{worse}})
		v.server.Print("x")
		if err := v.ended(); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestOutputThatIsNoTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	v := visitIn(t, terminaltest.New(t), terminal.Options{Out: file})
	v.server.Print("a\nb")
	v.server.Tell(client.ConsoleMessage{Type: client.Lost})
	if got := v.Until("[haas] some of the machine's output is missing here\r\n"); got != "" {
		t.Errorf("seen: %q", got)
	}
	v.Press("~.")
	v.left()
	if text, err := os.ReadFile(file.Name()); err != nil || string(text) != "a\nb" {
		t.Errorf("the file is %q, %v", text, err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}
