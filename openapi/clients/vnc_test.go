package clients_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// TestScreen is a headnode whose screen a member of its project looks at, until it is switched off, and after it is started
// again.
func TestScreen(t *testing.T) {
	t.Parallel()
	_, s := start(t)
	physics(t, s)
	ann := s.As("ann", "anns-password")
	ann.OK(t, "PUT", "/v0/headnode/h1", `{"project": "physics", "base_img": "debian-12"}`)
	b := newBrowser(t)
	b.open(s, "ann", "/vnc/h1")
	b.shows(state, "Closed")
	b.shows(notice, "The headnode is off")
	ann.OK(t, "POST", "/v0/headnode/h1/start", "")
	b.press("again")
	b.shows(state, "Connected")
	first := b.painted()
	b.keys("a", chromedp.ModifierNone)
	servertest.Eventually(t, "the key changes the picture", func() (bool, any) {
		now := b.pixels()
		return len(now) == 1 && now[0] != first[0], now
	})
	b.offers("Ctrl+Alt+Del")
	b.picture("vnc.png")
	b.stayedAt(s.URL)

	for who, word := range map[string]string{"carol": "carols-password", "": ""} {
		got := s.As(who, word).Do(t, "GET", "/vnc/h1", "")
		if asked := got.Header.Get("WWW-Authenticate"); got.Status != http.StatusUnauthorized || asked == "" {
			t.Errorf("%q gets %d, asked for a password by %q", who, got.Status, asked)
		}
	}
	ann.OK(t, "POST", "/v0/headnode/h1/stop", "")
	b.shows(state, "Closed")
	b.offers("Connect again")
}

// painted waits until the screen shows more than the black it begins with, and gives its colours.
func (b *browser) painted() (found []string) {
	b.t.Helper()
	servertest.Eventually(b.t, "the screen shows a picture", func() (bool, any) {
		found = b.pixels()
		return len(found) > 0 && found[0] != "0,0,0", found
	})
	return found
}

// pixels are the colours of the screen's picture, as far as a few are enough; none while there is no picture.
func (b *browser) pixels() []string {
	b.t.Helper()
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`(() => {
		const canvas = document.querySelector("#screen canvas");
		if (!canvas || !canvas.width) return [];
		const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
		const found = new Set();
		for (let i = 0; i < data.length && found.size < 16; i += 4) {
			found.add(data.slice(i, i + 3).join(","));
		}
		return [...found];
	})()`))
	if err != nil {
		b.t.Fatalf("read the picture: %v; the page complains: %q", err, b.complains)
	}
	return found
}
