package headnodes_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/CCI-MOC/haas/core/server/servertest"
)

// lit counts the pixels of the screen that are not dark: some thousands where a console of text is shown, none before.
const lit = `(() => {
	const canvas = document.querySelector("#screen canvas");
	if (!canvas || !canvas.width) return 0;
	const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
	let lit = 0;
	for (let i = 0; i < data.length; i += 4) lit += data[i] + data[i + 1] + data[i + 2] > 96;
	return lit;
})()`

// inBrowser looks at the screen of a headnode that runs, as its owner, until the page shows the guest's text. Strangers are
// not let in.
func (s *site) inBrowser(t *testing.T, name string) {
	t.Helper()
	for _, who := range []servertest.Client{s.As("", ""), s.As("eve", "eve-secret"), s.As("ann", "bob-secret"), s.bob} {
		if got := who.Do(t, "GET", "/vnc/"+name, ""); got.Status != http.StatusUnauthorized {
			t.Errorf("the page is answered %d to %q", got.Status, who.User)
		}
	}
	page := s.browse(t, "/vnc/"+name)
	servertest.Eventually(t, "the picture has letters", func() (bool, any) {
		lit, err := chromedp.Run(page, chromedp.Evaluate[int](lit))
		return err == nil && lit > 1000 && lit < 200_000, lit
	})
	png, err := chromedp.Run(page, chromedp.FullScreenshot(100))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(t.ArtifactDir(), "guest.png"), png, 0o600))
}

// browse opens a page as ann, in a browser that ends with the test.
func (s *site) browse(t *testing.T, path string) (page context.Context) {
	t.Helper()
	allocator, end := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("no-proxy-server", true))...)
	t.Cleanup(end)
	page, closePage := chromedp.NewContext(allocator)
	t.Cleanup(closePage)
	address, err := url.Parse(s.URL + path)
	must(t, err)
	address.User = url.UserPassword("ann", "ann-secret")
	_, err = chromedp.Run(page, chromedp.EmulateViewport(960, 540))
	must(t, err)
	_, err = chromedp.Run(page, chromedp.Navigate(address.String()))
	must(t, err)
	return page
}

// chromium is the path of the browser. The test is skipped without one, and fails on a build server, which has it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "Chromium is not installed; run .ci/setup to install what the tests need"
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}
