package clients_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coder/websocket"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

const (
	welcome = `{"type":"welcome","you":"ann","session":"s+1","at":100}`
	nobodys = `{"type":"keyboard","writer":"","mine":false,"asked_by":""}`
	bobs    = `{"type":"keyboard","writer":"bob","mine":false,"asked_by":""}`
	mine    = `{"type":"keyboard","writer":"ann","mine":true,"asked_by":""}`
)

// console opens the page of a node's console, and is its viewer when the server was told that it watches.
func (b *browser) console(l *lines, node string) *viewer {
	b.t.Helper()
	b.do("open the console", chromedp.EmulateViewport(960, 540), chromedp.Navigate(l.URL+prefix+"/console/"+node))
	return l.next()
}

// shows waits until what the selector finds shows the text.
func (b *browser) shows(selector, want string) {
	b.t.Helper()
	servertest.Eventually(b.t, selector+" shows "+want, func() (bool, any) {
		// The terminal shows blanks as those that do not break.
		got := strings.ReplaceAll(b.content(selector), "\u00a0", " ")
		return strings.Contains(got, want), got
	})
}

// content is what stands in an element, shown or not.
func (b *browser) content(selector string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector("+strconv.Quote(selector)+").textContent"))
	if err != nil {
		b.t.Fatalf("read %s: %v; the page complains: %q", selector, err, b.complains)
	}
	return text
}

// offers wants just these buttons on the page.
func (b *browser) offers(want ...string) {
	b.t.Helper()
	servertest.Eventually(b.t, "the page offers "+strings.Join(want, ", "), func() (bool, any) {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](
			`[...document.querySelectorAll("button")].filter((b) => b.checkVisibility()).map((b) => b.textContent)`))
		return err == nil && strings.Join(got, ",") == strings.Join(want, ","), got
	})
}

// press presses the button that is called so.
func (b *browser) press(id string) {
	b.t.Helper()
	b.do("press "+id, chromedp.Click(chromedp.CSS("#"+id)))
}

// keys types on the keyboard, with a key held down.
func (b *browser) keys(text string, held chromedp.Modifier) {
	b.t.Helper()
	for _, r := range text {
		b.key(r, held)
	}
}

// key strikes a key. Unlike chromedp's KeyEvent it leaves it to the browser to turn the key into a character, so the page
// can prevent that.
func (b *browser) key(r rune, held chromedp.Modifier) {
	b.t.Helper()
	character := ""
	for _, event := range slices.Backward(kb.Encode(r)) {
		if event.Type == kb.KeyChar && held == chromedp.ModifierNone {
			character = event.Text
		}
	}
	for _, event := range kb.Encode(r) {
		event.Modifiers |= int64(held)
		switch event.Type {
		case kb.KeyChar:
			continue
		case kb.KeyDown:
			event.Text = character
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, *event); err != nil {
			b.t.Fatalf("type %q: %v", r, err)
		}
	}
}

const (
	screen = ".xterm-rows"
	state  = "#state"
	holder = "#keyboard"
	notice = "#text"
)

// TestConsolePage is the page before a server that says what a real one says rarely.
func TestConsolePage(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	b := newBrowser(t)
	v := b.console(l, "rack%201%25")
	b.shows("h1", "rack 1%")
	b.shows(state, "Connecting")
	if got := v.query.Encode(); got != "" {
		t.Errorf("the page connects with %s", got)
	}
	v.says(welcome, nobodys)
	v.prints("boot\r\n", "\xe2\x82", "\xac 5\r\n") // a character in two pieces
	b.shows(state, "Connected as ann")
	b.shows(holder, "Nobody has the keyboard: type to take it")
	b.shows(screen, "boot")
	b.shows(screen, "€ 5")
	b.offers()

	// Keys.
	b.keys("ls é\r", 0)
	v.typed("ls \xc3\xa9\r")
	v.says(mine)
	b.shows(holder, "You have the keyboard")
	b.offers("Lay it down")
	b.keys(kb.ArrowUp, chromedp.ModifierCtrl|chromedp.ModifierShift)
	b.keys(kb.Tab, 0)
	b.keys(" ", 0)
	v.hears(websocket.MessageText, `{"type":"give"}`) // by the button, which was reached without a mouse
	b.keys("c", chromedp.ModifierCtrl)
	v.typed("\x03")
	b.paste("a\nb")
	v.typed("a\rb")

	// Hand-over.
	v.says(`{"type":"keyboard","writer":"ann","mine":true,"asked_by":"carol"}`)
	b.shows(notice, "carol asks for the keyboard")
	b.offers("Give it to carol", "Keep it")
	b.dark(true)
	b.picture("console-asked.png")
	b.dark(false)
	b.press("keep")
	v.hears(websocket.MessageText, `{"type":"keep"}`)
	b.press("give")
	v.hears(websocket.MessageText, `{"type":"give"}`)
	v.says(bobs)
	b.offers("Ask for the keyboard")
	b.shows(holder, "bob has the keyboard")
	b.keys("x", 0)
	v.typed("x")
	v.says(`{"type":"refused","reason":"bob is typing; ask for the keyboard"}`)
	b.shows(notice, "not passed on: bob is typing; ask for the keyboard.")
	b.press("ask")
	v.hears(websocket.MessageText, `{"type":"ask"}`)
	v.says(`{"type":"keyboard","writer":"bob","mine":false,"asked_by":"ann"}`)
	b.shows(notice, "You asked bob for the keyboard.")
	b.offers()

	// What is missing, and going on where it was: 13 bytes were printed and 1000 lost after position 100.
	v.says(`{"type":"lost","bytes":1000}`)
	b.shows(screen, "[1000 bytes are missing here]")
	v.says(`{"type":"end","reason":"the line broke","retry":true}`)
	again := l.next()
	if got := again.query.Get("resume"); got != "s+1.1113" {
		t.Errorf("the page goes on at %s", got)
	}
	again.says(`{"type":"welcome","you":"ann","session":"s2","at":7}`, nobodys)
	again.prints("more")
	b.shows(screen, "more")
	if err := again.conn.CloseNow(); err != nil {
		t.Fatal(err)
	}
	again = l.next()
	if got := again.query.Get("resume"); got != "s2.11" {
		t.Errorf("the page goes on at %s", got)
	}
	again.says(`{"type":"welcome","you":"ann","session":"s2","at":11}`, mine, `{"type":"end","reason":"node n1 was released","retry":false}`)
	b.shows(notice, "Node n1 was released.")
	b.shows(state, "Closed")
	b.offers("Connect again")
	b.picture("console-ended.png")
	b.stayedAt(l.URL)
}

// TestConsolePageDoesNotAnswer keeps the terminals of those who only watch from answering the machine's questions.
func TestConsolePageDoesNotAnswer(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	b := newBrowser(t)
	v := b.console(l, "n1")
	questions := "\x1b[c\x1b[>c\x1b[5n\x1b[6n\x1b[?6n\x1b[4$p\x1b[?7$p\x1bP$qm\x1b\\\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07"
	v.says(welcome, bobs)
	v.prints("\x1b[?1004h"+questions, "asked")
	b.shows(screen, "asked")
	b.keys("x", 0)
	v.typed("x") // and nothing before it
	v.says(mine)
	b.shows(holder, "You have the keyboard")
	v.prints("\x1b[5n")
	v.typed("\x1b[0n")
	b.stayedAt(l.URL)
}

// TestConsolePageRefused shows why a console cannot be had, and takes a line from whoever holds it elsewhere.
func TestConsolePageRefused(t *testing.T) {
	t.Parallel()
	l := newLines(t)
	b := newBrowser(t)
	l.refuse(&refusal{http.StatusUnauthorized, "the user name or the password is wrong"})
	b.do("open the console", chromedp.Navigate(l.URL+prefix+"/console/n1"))
	b.shows(notice, "The user name or the password is wrong.")
	b.offers("Connect again")

	l.refuse(&refusal{http.StatusServiceUnavailable, "the controller does not answer"})
	b.press("again")
	b.shows(notice, "The controller does not answer. Trying again in ")
	b.shows(state, "Not connected")
	l.refuse(&refusal{http.StatusConflict, "somebody else holds the console; take=true takes it"})
	b.shows(notice, "Somebody else holds the console; take=true takes it.")
	b.offers("Connect again", "Take it over")
	b.picture("console-held.png")

	l.refuse(nil)
	b.press("take")
	v := l.next()
	if got := v.query.Encode(); got != "take=true" {
		t.Errorf("the page connects with %s", got)
	}
	v.says(welcome, nobodys)
	b.shows(state, "Connected as ann")
	b.offers()
	v.says(`{"type":"end","reason":"the line broke","retry":true}`)
	if again := l.next(); again.query.Get("take") != "" {
		t.Error("the page takes the line again by itself")
	}
}

// paste pastes text into the element that has the focus.
func (b *browser) paste(text string) {
	b.t.Helper()
	b.do("paste", chromedp.Evaluate[chromedp.Void](`{
		const clipboardData = new DataTransfer();
		clipboardData.setData("text/plain", `+strconv.Quote(text)+`);
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
	}`))
}

// dark says whether the person likes dark pages.
func (b *browser) dark(yes bool) {
	b.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[yes]
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		b.t.Fatal("choose the colours: ", err)
	}
}
