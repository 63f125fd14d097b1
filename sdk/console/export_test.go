// Package console, because it hands the parsers, which are not exported, to their fuzz tests.
package console

import (
	"bytes"
)

// Show is what a terminal shows of bytes that come in pieces of some size: its finished lines, and the last.
func Show(said []byte, size int) (lines []string, last string) {
	var t terminal
	for piece := range pieces(said, size) {
		for _, c := range piece {
			if line, finished := t.put(c); finished {
				lines = append(lines, line)
			}
		}
		last = t.line()
	}
	return lines, last
}

// Heard is what an ear hears of bytes that come in pieces of some size, with the echo of a line it expects.
func Heard(d Dialect, said []byte, size int, echo string) (text, line, fresh string) {
	e := newEar(d.Noise)
	e.entered(echo)
	for piece := range pieces(said, size) {
		e.hear(piece, nil)
	}
	now, _ := e.said()
	return now.text, now.line, now.fresh
}

// Talk removes telnet's protocol from bytes that come in pieces of some size.
func Talk(said []byte, size int) (text, answers string) {
	var p protocol
	var all, out bytes.Buffer
	for piece := range pieces(said, size) {
		n, answer := p.take(piece)
		all.Write(piece[:n])
		out.Write(answer)
	}
	return all.String(), out.String()
}

// Login lets a device say each of the texts in turn, and tells what the login would do.
func Login(d Dialect, texts []string, size int) (moves []int) {
	l := login{dialect: &d}
	e := newEar(d.Noise)
	for _, text := range texts {
		for piece := range pieces([]byte(text), size) {
			e.hear(piece, nil)
		}
		now, _ := e.said()
		next, _ := l.next(now)
		moves = append(moves, int(next))
		switch next {
		case typeName, typePassword:
			l.named = l.named || next == typeName
			l.secreted = l.secreted || next == typePassword
			e.answered(next == typePassword)
		}
	}
	return moves
}

// FindPrompt takes a line as a prompt.
func FindPrompt(d Dialect, line string) (host, mode, level, tail string, ok bool) {
	p, ok := d.parse(line)
	return p.host, p.mode, p.level, p.tail, ok
}

// pieces cuts a copy of all into pieces of some size.
func pieces(all []byte, size int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for all := bytes.Clone(all); len(all) > 0; {
			n := min(max(size, 1), len(all))
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}
