package clients_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

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
