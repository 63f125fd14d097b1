package clients_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestConsole is a machine that two members of a project watch from their browsers, and the keyboard that they hand each
// other, until the project gives the machine back.
func TestConsole(t *testing.T) {
	t.Parallel()
	_, s := start(t)
	physics(t, s)
	ann, bob := newBrowser(t), newBrowser(t)
	for name, b := range map[string]*browser{"ann": ann, "bob": bob} {
		b.open(s, name, "/console/n1")
		b.shows(state, "Connected as "+name)
		b.shows(screen, "boot number 1")
		b.shows(screen, "mock login: ")
		b.shows(holder, "Nobody has the keyboard")
	}

	ann.keys("root\r", 0)
	ann.shows(holder, "You have the keyboard")
	bob.shows(holder, "ann has the keyboard")
	for _, b := range []*browser{ann, bob} {
		b.shows(screen, "mock login: root")
	}
	bob.keys("rm", 0)
	bob.shows(notice, "not passed on")
	bob.press("ask")
	ann.shows(notice, "bob asks for the keyboard")
	ann.press("give") // before she loses it
	bob.shows(holder, "You have the keyboard")
	ann.shows(holder, "bob has the keyboard")
	bob.keys("guest\r", 0)
	for _, b := range []*browser{ann, bob} {
		b.shows(screen, "mock login: guest")
	}
	bob.dark(true)
	bob.picture("console.png")

	ann.stayedAt(s.URL)

	// The line of the other node is the same.
	ann.open(s, "ann", "/console/n2")
	ann.shows(notice, "held by somebody else. Trying again in ")
	ann.offers("Connect again", "Take it over")

	wantUnauthorized(t, s.As("carol", "carols-password"))
	s.As(user, password).OK(t, "POST", "/v0/project/physics/detach_node", `{"node": "n1"}`)
	bob.shows(state, "Closed")
	bob.shows(notice, "Node n1 was released.")
	bob.picture("console-released.png")
	bob.stayedAt(s.URL)
	wantUnauthorized(t, s.As("bob", "bobs-password"))
	ann.shows(state, "Connected as ann") // the line is free
}

// wantUnauthorized wants the page to be refused, and the password asked for as browsers understand it.
func wantUnauthorized(t *testing.T, c servertest.Client) {
	t.Helper()
	got := c.Do(t, "GET", "/console/n1", "")
	if asked := got.Header.Get("WWW-Authenticate"); got.Status != http.StatusUnauthorized || asked == "" {
		t.Errorf("%q gets %d, asked for a password by %q", c.User, got.Status, asked)
	}
}

// physics is a project of ann and bob, not of carol. Its nodes n1 and n2 are on, and have one and the same controller.
func physics(t *testing.T, s *servertest.Server) {
	t.Helper()
	admin := s.As(user, password)
	admin.OK(t, "PUT", "/v0/project/physics", "")
	for _, name := range []string{"ann", "bob", "carol"} {
		admin.OK(t, "PUT", "/v0/auth/basic/user/"+name, `{"password": "`+name+`s-password"}`)
	}
	for _, name := range []string{"ann", "bob"} {
		admin.OK(t, "POST", "/v0/auth/basic/user/"+name+"/add_project", `{"project": "physics"}`)
	}
	for _, node := range []string{"n1", "n2"} {
		admin.OK(t, "PUT", "/v0/node/"+node, `{"obm": {"type": "`+servertest.OBMMock+`", "host": "bmc", "user": "u", "password": "hush"}}`)
		admin.OK(t, "POST", "/v0/project/physics/connect_node", `{"node": "`+node+`"}`)
	}
	admin.OK(t, "POST", "/v0/node/n1/power_on", "")
}

// open opens a page as a user who has typed the password.
func (b *browser) open(s *servertest.Server, name, path string) {
	b.t.Helper()
	address, err := url.Parse(s.URL + path)
	if err != nil {
		b.t.Fatal(err)
	}
	address.User = url.UserPassword(name, name+"s-password")
	b.do("open the page", chromedp.EmulateViewport(960, 540), chromedp.Navigate(address.String()))
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
