package console

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

const (
	// A kept console that cannot be opened is tried again after retryDelay, twice that, and so on up to retryMaxDelay: a
	// controller restarts within minutes, and one whose console somebody else holds is not to be hammered.
	retryDelay    = time.Second
	retryMaxDelay = time.Minute
	// sweepInterval is how often the logs of nodes that have changed hands on another server are removed.
	sweepInterval = 10 * time.Minute
)

// logID is what NewLogID makes. Other files in the folder of the logs are somebody else's, haas.log for one.
var logID = regexp.MustCompile(`\A[A-Z2-7]{26,}\z`)

// NewLogID is the name of a new log.
func NewLogID() string { return rand.Text() }

// Log is how the log of a console is.
type Log struct {
	// Bytes is how much of it there is.
	Bytes int64
	// Open says that it grows; else Error says why not, if something is wrong.
	Open  bool
	Error string
}

// keeper holds a line open for its log.
type keeper struct {
	stop context.CancelFunc
	err  error // why the console is not open, guarded by the line's mu
}

// keepLogs keeps every console open here whose log is wanted and that no other server has, and no other.
func (h *Hub) keepLogs(ctx context.Context) error {
	wanted, err := h.Store.LoggedNodes(ctx, h.server)
	if err != nil {
		return err
	}
	keep := map[key]bool{}
	for _, n := range wanted {
		keep[key{id: n.ID}] = true
		h.keep(n)
	}
	for _, l := range h.all() {
		if !keep[l.of.key()] && l.isKept() {
			if err := h.unkeep(ctx, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// unkeep ends the keeping of a console: its log is not wanted any more, or it cannot be kept now.
func (h *Hub) unkeep(ctx context.Context, l *line) error {
	c, err := h.Store.Console(ctx, l.of.key().id) // only nodes have logs
	if err != nil {
		return err
	}
	if c.LogID == "" {
		l.stopKeeping(c.Term)
		return nil
	}
	l.release(c.Term)
	return nil
}

// keep begins to keep a console, unless it is kept already.
func (h *Hub) keep(n store.LoggedNode) {
	l, err := h.line(nodeLine{n.Node, h.Open}, core.Console{Term: n.Term, LogID: n.LogID})
	if err != nil {
		return // it has just changed hands; the next look knows more
	}
	ctx, stop := context.WithCancel(h.life)
	if !l.hold(n.Term, stop) || !h.start(func() { l.keepOpen(ctx, n.Term) }) {
		stop()
	}
}

// isKept reports that the line is kept, or has a log.
func (l *line) isKept() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept != nil || l.out.log != nil
}

// hold makes the line one that is kept in the term; false if it is already.
func (l *line) hold(term int64, stop context.CancelFunc) (begun bool) {
	err := l.in(term, func() {
		if begun = l.kept == nil; begun {
			l.kept = &keeper{stop: stop}
		}
	})
	return begun && err == nil
}

// unhold makes the line one that is not kept. The caller holds mu.
func (l *line) unhold() {
	if l.kept != nil {
		l.kept.stop()
		l.kept = nil
	}
}

// release ends the keeping of a line, unless it is in a later term.
func (l *line) release(term int64) {
	l.mu.Lock()
	var s *session
	if l.term <= term {
		l.unhold()
		s = l.idle()
	}
	l.mu.Unlock()
	if s != nil && !l.hub.start(func() { s.close(End{}) }) {
		s.close(End{}) // the server is being stopped, and waits for it
	}
}

// stopKeeping ends the keeping of a line whose owner in the term wants no log any more.
func (l *line) stopKeeping(term int64) {
	l.release(term)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.term <= term {
		l.dropLog()
	}
}

// keepOpen opens the line, and opens it again when it breaks, until ctx ends.
func (l *line) keepOpen(ctx context.Context, term int64) {
	delay := retryDelay
	for {
		began := time.Now()
		s, err := l.shared(ctx, term, false)
		l.keeps(err)
		if err == nil {
			stay(ctx, s)
		}
		if time.Since(began) > retryMaxDelay {
			delay = retryDelay
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
		delay = min(2*delay, retryMaxDelay)
	}
}

// keeps notes whether the line is open.
func (l *line) keeps(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept == nil {
		return
	}
	if err != nil && l.kept.err == nil {
		l.log.Warn("console cannot be kept open now", "err", err)
	}
	l.kept.err = err
}

// stay waits until a session is over or ctx ends.
func stay(ctx context.Context, s *session) {
	select {
	case <-ctx.Done():
	case <-s.over:
	}
}

// remark writes a line of our own into what the console printed, with the time: who reads it in the morning wants to know.
// The caller holds mu.
func (l *line) remark(text string) {
	l.write(fmt.Appendf(nil, "\r\n[%s %s]\r\n", time.Now().UTC().Format(time.RFC3339), text))
}

// write adds to what the console printed. The caller holds mu.
func (l *line) write(p []byte) {
	if err := l.out.append(p); err != nil {
		l.noteLog(err)
		l.closeLog()
	}
	l.wake()
}

// openLog begins or goes on with the log. One that cannot be written is tried again later; the console works without. The
// caller holds mu.
func (l *line) openLog(id string) {
	if l.out.log != nil && l.out.log.id == id {
		return
	}
	l.dropLog()
	f, err := openLog(l.hub.Dir, id, l.hub.LogSize)
	if err == nil {
		err = l.out.resume(f)
	}
	l.noteLog(err)
}

// noteLog notes whether the log can be written. The caller holds mu.
func (l *line) noteLog(err error) {
	if err != nil && l.logErr == nil {
		l.log.Error("console log cannot be written", "err", err)
	}
	l.logErr = err
}

// dropLog removes the log. The caller holds mu.
func (l *line) dropLog() {
	if l.out.log == nil {
		return
	}
	if err := l.out.log.remove(); err != nil {
		l.log.Warn("console log stays", "err", err)
	}
	l.out.log = nil
}

// closeLog keeps the log, and writes no more. The caller holds mu.
func (l *line) closeLog() {
	if l.out.log == nil {
		return
	}
	if err := l.out.log.close(); err != nil {
		l.log.Warn("close console log", "err", err)
	}
	l.out.log = nil
}

// LogOf is how the log of a node's console is.
func (h *Hub) LogOf(ctx context.Context, n core.Node, c core.Console) (Log, error) {
	of := nodeLine{n, h.Open}
	if err := h.elsewhere(ctx, of, c); err != nil {
		return Log{}, err
	}
	l, err := h.line(of, c)
	if err != nil {
		return Log{}, err
	}
	var state Log
	err = l.in(c.Term, func() { state = l.logState() })
	return state, err
}

// logState is how the log is. The caller holds mu.
func (l *line) logState() Log {
	state := Log{Open: l.out.log != nil && l.session != nil}
	if l.out.log != nil {
		state.Bytes = l.out.log.size()
	}
	switch {
	case l.logErr != nil:
		state.Error = "the log cannot be written; the server's administrator finds the reason in its log"
	case l.kept != nil && l.kept.err != nil:
		state.Error = told(l.kept.err)
	}
	return state
}

// told is an error for the machine's owner, who must not see what is of the server's inside.
func told(err error) string {
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e.Error()
	}
	return "the server failed to open the console; its log says why"
}

// sweep removes the logs that no console names any more, and forgets servers that are long dead.
func (h *Hub) sweep(ctx context.Context) {
	paths, err := filepath.Glob(logPath(h.Dir, "*"))
	if err == nil {
		err = errors.Join(h.Store.ForgetConsoleServers(ctx), h.remove(ctx, paths))
	}
	if err != nil && ctx.Err() == nil {
		h.Log.Warn("sweep consoles", "err", err)
	}
}

// remove removes those of the files that are logs which no console names.
func (h *Hub) remove(ctx context.Context, paths []string) error {
	// What stands in the folder is looked at before the database: a log that is begun in between is not removed.
	consoles, err := h.Store.AllConsoles(ctx)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, c := range consoles {
		named[c.LogID] = true
	}
	for _, path := range paths {
		if id := strings.TrimSuffix(filepath.Base(path), ".log"); named[id] || !logID.MatchString(id) {
			continue
		}
		if err := removeLog(path); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
