package clients_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// visit is how long a visit to the page may take on a busy machine.
const visit = 2 * time.Minute

// TestSwaggerUI tries operations from the page as a person does: logs in, fills in forms, reads the answers. The browser
// can reach nothing but this machine.
func TestSwaggerUI(t *testing.T) {
	t.Parallel()
	_, s := start(t)
	b := newBrowser(t)
	b.do("open the page", chromedp.Navigate(s.URL+"/docs"), chromedp.WaitVisible(chromedp.CSS(".opblock-tag")))
	b.logIn(user, password)

	b.do("unfold the projects", chromedp.Click(chromedp.CSS("#operations-tag-projects")))
	create := b.operation("projects", "project-create")
	create.fill("project", "physics")
	if status, _ := create.execute(); status != "200" {
		t.Errorf("the page shows that project-create answered %s", status)
	}
	if got := s.As(user, password).OK(t, "GET", "/v0/projects", "").Body; !strings.Contains(got, `"physics"`) {
		t.Errorf("after project-create from the page the projects are %s", got)
	}

	list := b.operation("projects", "project-list")
	if status, body := list.execute(); status != "200" || !strings.Contains(body, `"physics"`) {
		t.Errorf("the page shows that project-list answered %s\n%s", status, body)
	}
	b.picture("swagger-ui.png")
	b.stayedAt(s.URL)
}

// browser is a page in Chromium.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu        sync.Mutex // guards the fields below
	requested []string
	complains []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	limit, expire := context.WithTimeout(t.Context(), visit)
	t.Cleanup(expire)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1200, 1600),
		// No name is known and no address can be reached but this machine's, not even through a proxy.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	allocator, end := chromedp.NewExecAllocator(limit, options...)
	t.Cleanup(end)
	page, closePage := chromedp.NewContext(allocator)
	t.Cleanup(closePage)
	b := &browser{t: t, ctx: page}
	if err := chromedp.Listen(page, b.note); err != nil {
		t.Fatal("start the browser: ", err)
	}
	return b
}

// chromium is the path of the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	absent(t, "Chromium is not installed")
	return ""
}

// note keeps what the page asks for, and what it complains about.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requested = append(b.requested, withoutUser(e.Request.URL))
	case *network.EventWebSocketCreated:
		b.requested = append(b.requested, e.URL)
	case *network.EventLoadingFailed:
		b.complains = append(b.complains, fmt.Sprintf("loading failed: %s %s", e.ErrorText, e.BlockedReason))
	case *runtime.EventExceptionThrown:
		b.complains = append(b.complains, fmt.Sprintf("%+v", e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.complains = append(b.complains, fmt.Sprintf("console error: %+v", e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.complains = append(b.complains, fmt.Sprintf("%s %s", e.Entry.Text, e.Entry.URL))
		}
	}
}

// stayedAt checks that the page asked nobody but the server for anything, and that it has nothing to complain about.
func (b *browser) stayedAt(url string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	own := 0
	for _, address := range b.requested {
		switch {
		case strings.HasPrefix(address, url+"/"), strings.HasPrefix(address, webSocket(url)+"/"):
			own++
		case !strings.HasPrefix(address, "data:"):
			b.t.Errorf("the page asked for %s", address)
		}
	}
	if own == 0 {
		b.t.Errorf("the page's requests were not seen, only %q", b.requested)
	}
	for _, complaint := range b.complains {
		b.t.Errorf("the browser complains: %s", complaint)
	}
}

// withoutUser is an address without the user and the password in it, if there are any.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	u.User = nil
	return u.String()
}

// webSocket is the address of a server's WebSockets.
func webSocket(url string) string { return strings.Replace(url, "http", "ws", 1) }

// do takes steps that must succeed.
func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v; the page complains: %q", what, err, b.complains)
	}
}

// text is what the first element that the selector finds shows.
func (b *browser) text(selector string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("read %s: %v", selector, err)
	}
	return strings.TrimSpace(text)
}

// picture keeps what the whole page looks like; go test -artifacts shows where.
func (b *browser) picture(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal("take a picture: ", err)
	}
	if err := os.WriteFile(filepath.Join(b.t.ArtifactDir(), name), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// logIn fills in the dialog behind the button "Authorize".
func (b *browser) logIn(user, password string) {
	b.t.Helper()
	dialog := ".dialog-ux "
	b.do("log in",
		chromedp.Click(chromedp.CSS(".auth-wrapper .authorize")),
		chromedp.SendKeys(chromedp.CSS(dialog+"[name=username]"), user),
		chromedp.SendKeys(chromedp.CSS(dialog+"[name=password]"), password),
		chromedp.Click(chromedp.CSS(dialog+"button.authorize")),
		chromedp.Click(chromedp.CSS(dialog+".btn-done")),
		chromedp.WaitNotPresent(chromedp.CSS(dialog)))
}

// operation is an operation on the page, ready to be tried.
type operation struct {
	*browser
	block string
}

// operation unfolds an operation, which is shown already.
func (b *browser) operation(tag, id string) operation {
	b.t.Helper()
	o := operation{browser: b, block: "#operations-" + tag + "-" + id + " "}
	b.do("unfold "+id,
		chromedp.Click(chromedp.CSS(o.block+".opblock-summary-control")),
		chromedp.Click(chromedp.CSS(o.block+".try-out__btn")))
	return o
}

// fill fills in a parameter.
func (o operation) fill(parameter, value string) {
	o.t.Helper()
	o.do("fill in "+parameter, chromedp.SendKeys(chromedp.CSS(o.block+"tr[data-param-name="+parameter+"] input"), value))
}

// execute makes the request, and reads its answer from the page.
func (o operation) execute() (status, body string) {
	o.t.Helper()
	answer := o.block + ".live-responses-table tr.response "
	o.do("execute "+o.block,
		chromedp.Click(chromedp.CSS(o.block+"button.execute")),
		chromedp.WaitVisible(chromedp.CSS(answer+"td.response-col_status")))
	return o.text(answer + "td.response-col_status"), o.text(answer + "td.response-col_description")
}
