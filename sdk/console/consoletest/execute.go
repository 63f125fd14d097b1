package consoletest

import (
	"errors"
	"slices"
	"strings"
)

// Type is another administrator at the serial console: each line is carried out in turn, from exec mode. The error is the
// first refusal. It takes no time, and yes is the answer to every question.
func (d *Device) Type(lines ...string) error {
	defer d.takeTurn()()
	console := &Session{device: d}
	defer d.forget(console)
	for _, line := range lines {
		if refused := d.typeOne(console, line); refused != "" {
			return RefusalError(refused)
		}
	}
	return nil
}

// typeOne carries out one line of the serial console, with the turn held.
func (d *Device) typeOne(console *Session, line string) string {
	r := d.begin(console, line, strokes{})
	for r.waiting() {
		next := r.call.next
		r.resume(func(c *Call) error {
			switch {
			case next.key != nil:
				return next.key(c, 'y')
			case next.line != nil:
				return next.line(c, d.options.Enable)
			default:
				return next.after(c)
			}
		})
	}
	d.finish(r)
	return r.typed.Refused
}

// run is a line on its way.
type run struct {
	device *Device
	typed  Typed
	call   *Call
	pipe   pipe
}

// begin carries out a line as far as its first question or wait.
func (d *Device) begin(s *Session, raw string, faults strokes) *run {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := &run{device: d, typed: Typed{Session: s.id, Mode: s.mode, Line: raw, Raw: raw}}
	if s.dead {
		r.typed.Refused = "the session is closed"
		return r
	}
	d.commands++
	if faults.has(LoseCommand) {
		return r
	}
	line, pipe := d.piped(raw)
	r.pipe = pipe
	u, wrong := d.understand(s.mode, line)
	if wrong != nil {
		r.typed.Refused = d.complaint(s, wrong)
		return r
	}
	r.typed.Line = strings.Join(u.full, " ")
	if u.command.Config && faults.has(IgnoreConfig) {
		return r
	}
	r.call = &Call{Session: s, Values: u.values}
	r.do(func(c *Call) error {
		if u.mode != "" && u.mode != s.mode {
			s.enter(u.mode, nil)
		}
		return u.command.Run(c)
	})
	return r
}

// waiting reports whether the command is not over yet.
func (r *run) waiting() bool { return r.call != nil && r.call.next != nil }

// resume goes on with a command after a question or a wait.
func (r *run) resume(then func(*Call) error) {
	r.device.mu.Lock()
	defer r.device.mu.Unlock()
	if r.call.Session.dead {
		r.call.next = nil
		return
	}
	r.do(then)
}

// do carries out a piece of a command, with the device locked.
func (r *run) do(piece func(*Call) error) {
	r.call.next = nil
	err := piece(r.call)
	s := r.call.Session
	if err = errors.Join(err, s.parting); err == nil {
		return
	}
	s.parting, r.call.next = nil, nil
	r.typed.Refused = err.Error()
}

// output is what there is to print now, and no more afterwards.
func (r *run) output() string {
	var out string
	if r.call != nil {
		out = r.call.out.String()
		r.call.out.Reset()
	}
	if !r.waiting() && r.typed.Refused != "" {
		out += withLineEnd(r.device.family.Words.Lead + r.typed.Refused)
	}
	return r.pipe.filter(out)
}

func withLineEnd(text string) string {
	if strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// finish records a line and calls the hooks, with the turn held.
func (d *Device) finish(r *run) {
	d.mu.Lock()
	if len(d.history) >= remembered {
		d.history = slices.Delete(d.history, 0, remembered/10)
	}
	d.history = append(d.history, r.typed)
	hooks := d.hooks
	d.mu.Unlock()
	d.depth.Add(1)
	defer d.depth.Add(-1)
	for _, hook := range hooks {
		hook(r.typed)
	}
}

// understand finds the command a line means in a mode. If none does, the complaint is of the mode that came furthest.
func (d *Device) understand(mode, line string) (understood, *Misfit) {
	m := d.modes[mode]
	if rest, ok := d.undone(line); ok && m.Parent != mode {
		line, m = rest, d.modes[""]
	}
	u, wrong := d.grammar[m.Name].read(line, splitWords(line), d.family.Words)
	if wrong == nil {
		u.mode = d.home(m.Name, u.command)
		return u, nil
	}
	if !m.Falls || wrong.Text == d.family.Words.Ambiguous {
		return u, wrong
	}
	outer, outerWrong := d.understand(m.Parent, line)
	if outerWrong == nil {
		return outer, nil
	}
	if outerWrong.At > wrong.At {
		return outer, outerWrong
	}
	return u, wrong
}

// home is the mode that must be entered for a command: none for one of exec mode, which runs anywhere.
func (d *Device) home(mode string, command *Command) string {
	own := d.modes[mode].Commands
	if slices.ContainsFunc(own, func(c Command) bool { return c.Line == command.Line }) {
		return mode
	}
	return ""
}

// undone blanks a leading "do", so that the places of the other words stay.
func (d *Device) undone(line string) (string, bool) {
	words := splitWords(line)
	if !d.family.Do || len(words) < 2 || !strings.EqualFold(words[0].Text, "do") {
		return line, false
	}
	return strings.Repeat(" ", words[1].At) + line[words[1].At:], true
}

// complaint is a misfit in the device's words.
func (d *Device) complaint(s *Session, m *Misfit) string {
	words := d.family.Words
	if !words.Caret {
		return m.Text
	}
	column := len(d.hostname) + len(d.modes[s.mode].Prompt) + m.At
	return strings.Repeat(" ", column) + "^\n" + m.Text
}
