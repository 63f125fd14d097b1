package console

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
)

// maxAnswer is more than the whole configuration of any switch; a device that says more in one answer talks nonsense.
const maxAnswer = 4 << 20

var (
	errEnded   = errors.New("the device closed the connection")
	errTooMuch = errors.New("the device does not stop talking")
)

// ear hears what the device says, in its own goroutine, and lets one other wait for words.
type ear struct {
	noise   *regexp.Regexp
	changed chan struct{} // full when something was heard since the last look
	done    chan struct{} // closed when nothing more will be heard

	mu       sync.Mutex
	terminal terminal        // guarded by mu
	broken   string          // guarded by mu: the beginning of a line in the midst of which noise began
	text     strings.Builder // guarded by mu: the lines of the answer so far
	open     bool            // guarded by mu: lines are part of an answer
	echo     string          // guarded by mu: the line that was entered, until its end is heard
	secret   bool            // guarded by mu: what is on the first line may be a secret's echo
	ended    error           // guarded by mu: why nothing more will be heard
}

// newEar takes what it hears first for an answer: the banner and the question of a login.
func newEar(noise *regexp.Regexp) *ear {
	return &ear{noise: noise, changed: make(chan struct{}, 1), done: make(chan struct{}), open: true}
}

// listen hears r until it ends.
func (e *ear) listen(r io.Reader) {
	defer close(e.done)
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		if e.hear(buf[:n], err) {
			return
		}
	}
}

// hear takes in some bytes, and reports whether they were the last.
func (e *ear) hear(said []byte, err error) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range said {
		if line, finished := e.terminal.put(c); finished {
			e.finish(line)
		}
	}
	if e.text.Len() > maxAnswer {
		e.ended = errTooMuch
	} else if err != nil {
		e.ended = errEnded
	}
	select {
	case e.changed <- struct{}{}:
	default:
	}
	return e.ended != nil
}

// finish takes in a whole line. Noise that began in the midst of a line, or behind the prompt, breaks it: what the device
// says next goes on where it was broken.
func (e *ear) finish(line string) {
	line = e.broken + line
	if at := e.noiseIn(line); at >= 0 {
		e.broken = line[:at]
		return
	}
	e.broken = ""
	if e.echo != "" {
		rest := strings.TrimPrefix(line, e.echo)
		e.echo = ""
		if rest == "" {
			return
		}
		line = rest
	}
	if e.open {
		e.text.WriteString(line)
		e.text.WriteByte('\n')
	}
}

// noiseIn is where noise begins that reaches to the end of the line, -1 if there is none.
func (e *ear) noiseIn(line string) int {
	if e.noise == nil {
		return -1
	}
	at := e.noise.FindStringIndex(line)
	if at == nil || strings.TrimSpace(line[at[1]:]) != "" {
		return -1
	}
	return at[0]
}

// said is what was heard since the answer was opened: whole lines, and the line that is not finished.
type said struct {
	text string
	// line goes on where noise broke it; fresh does not, for devices that repeat the prompt after noise.
	line, fresh string
	echoing     bool // the line that was entered is not finished yet
	secret      bool
}

// lines are those on which something may stand: a device that was interrupted goes on, or begins anew.
func (s said) lines() []string {
	if s.line == s.fresh {
		return []string{s.line}
	}
	return []string{s.line, s.fresh}
}

// shown is what may be shown to people: everything but a line on which a secret was typed.
func (s said) shown() string {
	all := s.text + s.line
	if s.secret {
		_, all, _ = strings.Cut(all, "\n")
	}
	return all
}

func (e *ear) said() (said, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	fresh := e.terminal.line()
	return said{
		text: e.text.String(), line: e.broken + fresh, fresh: fresh,
		echoing: e.echo != "", secret: e.secret,
	}, e.ended
}

// begin opens an answer; what was heard while nobody asked is forgotten, but the line that is not finished.
func (e *ear) begin() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text.Reset()
	e.open, e.secret = true, false
}

// answered begins anew behind a question: what was typed, and maybe echoed, is no part of the next.
func (e *ear) answered(secret bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text.Reset()
	e.terminal.reset()
	e.broken, e.secret = "", secret
}

// entered says which line stands there, echoed, as Enter is pressed. What was said before it is no part of the answer.
func (e *ear) entered(line string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text.Reset()
	e.echo = line
	if e.terminal.line() == line {
		e.broken = ""
	}
}

// paged takes the pager's question off the line.
func (e *ear) paged(question string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.terminal.wipe(len(question))
}

// close ends the answer and tells its lines.
func (e *ear) close() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	text := e.text.String()
	e.text.Reset()
	e.open = false
	return text
}

// How long to go on listening, as the answer to whether what was awaited was heard.
const (
	heard    time.Duration = 0  // this is it
	notHeard time.Duration = -1 // go on until it is
)

// wait listens until what was awaited is heard. The judge says heard, notHeard, or how long the device must be silent
// for it to be so; its last judgement holds when wait returns.
func (e *ear) wait(ctx context.Context, judge func(said) time.Duration) error {
	for {
		now, ended := e.said()
		silence := judge(now)
		if silence == heard {
			return nil
		}
		if ended != nil && ctx.Err() != nil {
			return context.Cause(ctx) // we have hung up ourselves
		}
		if ended != nil {
			return ended
		}
		if quiet, err := e.quiet(ctx, silence); quiet || err != nil {
			return err
		}
	}
}

// quiet reports whether the device says nothing for so long; a negative time never passes.
func (e *ear) quiet(ctx context.Context, long time.Duration) (bool, error) {
	var passed <-chan time.Time
	if long > 0 {
		passed = time.After(long)
	}
	select {
	case <-e.changed:
		return false, nil
	case <-e.done:
		return false, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case <-passed:
		return len(e.changed) == 0, nil
	}
}
