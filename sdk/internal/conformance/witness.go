package conformance

import (
	"strings"
	"sync"

	"github.com/hashicorp/go-hclog"

	"github.com/CCI-MOC/haas/sdk"
)

// shortestSecret is the length below which a secret would be found in innocent words.
const shortestSecret = 4

// Witness hears everything a driver says in a run of a kit: errors, plans, log lines.
type Witness struct {
	mu      sync.Mutex
	words   []string // guarded by mu
	secrets []string // guarded by mu
}

// Log is a logger the witness listens to.
func (w *Witness) Log() hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: w})
}

// Write hears a log line.
func (w *Witness) Write(line []byte) (int, error) {
	w.Hear(string(line))
	return len(line), nil
}

// Hear remembers words of the driver.
func (w *Witness) Hear(words ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.words = append(w.words, words...)
}

// HearError remembers what err says to people and to those who look inside, and gives it back.
func (w *Witness) HearError(err error) error {
	if err == nil {
		return nil
	}
	w.Hear(err.Error())
	if e, ok := sdkError(err); ok {
		w.HearDetail(e)
	}
	return err
}

// HearDetail remembers the text and the fields of e.
func (w *Witness) HearDetail(e *sdk.Error) {
	if e == nil {
		return
	}
	w.Hear(e.Text)
	for _, f := range e.Fields {
		w.Hear(f.Field + ": " + f.Text)
	}
}

// Keep makes s a secret that must not be heard.
func (w *Witness) Keep(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(s) >= shortestSecret {
		w.secrets = append(w.secrets, s)
	}
}

// Leaks are the words that contain a secret, with the secret blotted out.
func (w *Witness) Leaks() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var leaks []string
	for _, words := range w.words {
		for _, s := range w.secrets {
			if strings.Contains(words, s) {
				leaks = append(leaks, strings.ReplaceAll(words, s, "<THE SECRET>"))
			}
		}
	}
	return leaks
}
