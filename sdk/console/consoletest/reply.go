package consoletest

import (
	"strings"
)

// strokes are the faults that befall one command.
type strokes map[Kind]Fault

func (k strokes) has(kind Kind) bool {
	_, ok := k[kind]
	return ok
}

// strokesFor asks every fault of commands once.
func (s *Session) strokesFor(raw string) strokes {
	d := s.device
	d.mu.Lock()
	line, _ := d.piped(raw)
	u, _ := d.understand(s.mode, line)
	d.mu.Unlock()
	struck := strokes{}
	for kind := DropBefore; kind <= Rename; kind++ {
		if kind == LoseCharacter {
			continue
		}
		if f, ok := d.faults.strike(kind, raw, strings.Join(u.full, " ")); ok {
			struck[kind] = f
		}
	}
	return struck
}

// obey carries out a line and answers it; false ends the session.
func (s *Session) obey(line string) bool {
	d := s.device
	d.options.Log.Debug("line entered", "session", s.id, "line", line)
	struck := s.strokesFor(line)
	if struck.has(DropBefore) || !s.wait(d.options.Latency) {
		return false
	}
	r, alive := s.carryOut(line, struck)
	return alive && s.answer(r, struck)
}

// carryOut is a line's effect with its questions, waits and hooks. It reports whether the session is still there.
func (s *Session) carryOut(line string, struck strokes) (*run, bool) {
	d := s.device
	d.turn.Lock()
	defer d.turn.Unlock()
	r, alive := d.begin(s, line, struck), true
	for alive && r.waiting() {
		var then func(*Call) error
		d.turn.Unlock()
		then, alive = s.step(r, struck)
		d.turn.Lock()
		if then == nil {
			return r, false
		}
		r.resume(then)
	}
	if f, ok := struck[Rename]; ok {
		d.SetHostname(f.Text)
	}
	d.finish(r)
	return r, alive
}

// step is a question or a wait in the middle of a command. It returns how the command goes on, nil if it does not, and
// whether the session is still there.
func (s *Session) step(r *run, struck strokes) (func(*Call) error, bool) {
	s.printLines(r.output())
	next := r.call.next
	switch {
	case next.key != nil:
		s.print(next.question)
		k, ok := s.key()
		return onlyIf(ok, func(c *Call) error { return next.key(c, k) }), ok
	case next.line != nil:
		s.print(next.question)
		line, ok := s.readSecret()
		return onlyIf(ok, func(c *Call) error { return next.line(c, line) }), ok
	default:
		return s.sit(next, struck)
	}
}

// sit waits for a slow command.
func (s *Session) sit(next *step, struck strokes) (func(*Call) error, bool) {
	f, dropped := struck[DropDuring]
	delay := next.delay
	if dropped {
		delay /= 2
	}
	stayed := s.waitTogether(delay)
	finishes := stayed && !dropped || dropped && f.Finish || s.device.options.SaveOutlives
	return onlyIf(finishes, next.after), stayed && !dropped
}

func onlyIf(yes bool, then func(*Call) error) func(*Call) error {
	if yes {
		return then
	}
	return nil
}

// answer prints what a command has to say, with the faults of answers; false ends the session.
func (s *Session) answer(r *run, struck strokes) bool {
	if struck.has(DropAfter) || !s.wait(struck[SlowReply].Delay) {
		return false
	}
	out := s.device.spoil(r.output(), struck)
	if struck.has(TruncateReply) {
		s.print(crlf(out[:len(out)/2]))
		s.hang()
		return false
	}
	length := s.Length
	if r.pipe.unpaged {
		length = 0
	}
	if struck.has(ForcePager) {
		length = s.device.family.Pager.Length
	}
	if !s.page(out, length) {
		return false
	}
	if f, ok := struck[LogBehind]; ok {
		s.out.mu.Lock()
		s.out.notices = append(s.out.notices, s.device.noise(f))
		s.out.mu.Unlock()
	}
	return true
}

// spoil is an output as a fault leaves it.
func (d *Device) spoil(out string, struck strokes) string {
	if struck.has(TruncateOutput) {
		out = out[:len(out)/2]
	}
	if f, ok := struck[LogInside]; ok {
		lines := strings.SplitAfter(out, "\n")
		half := len(lines) / 2
		out = strings.Join(lines[:half], "") + d.noise(f) + "\n" + strings.Join(lines[half:], "")
	}
	if struck.has(GarbleReply) {
		out = garbled(out)
	}
	return out
}

func (d *Device) noise(f Fault) string { return either(f.Text, d.family.Noise) }

// garbled overwrites every third character; where nothing is, it is line noise.
func garbled(out string) string {
	if out == "" {
		return "~{x~~\x7f~\n"
	}
	bytes := []byte(out)
	for i := 2; i < len(bytes); i += 3 {
		if bytes[i] != '\n' {
			bytes[i] = '~'
		}
	}
	return string(bytes)
}

// crlf is a text with the line ends of a terminal.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func (s *Session) printLines(out string) { s.print(crlf(out)) }
