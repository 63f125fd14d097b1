package console

import (
	"bytes"
	"slices"
)

const (
	// remembered is how many bytes of output a console keeps in memory: some hundred lines. It lets half as many more come
	// before it lets go of the oldest, for that copies the rest.
	remembered = 64 << 10
	slack      = remembered / 2
	// All is the tail of a console that is all that is remembered.
	All = -1
)

// history is what a console printed last. Each byte has a position: the number of bytes before it.
type history struct {
	// buf is the end of it, from position start on.
	buf   []byte
	start int64
	// log has it too, and goes further back; nil if there is none.
	log *logFile
}

func (h *history) end() int64 { return h.start + int64(len(h.buf)) }

// append adds output. The error is the log's.
func (h *history) append(p []byte) error {
	h.buf = append(h.buf, p...)
	if over := len(h.buf) - remembered; over > slack {
		h.buf = slices.Clone(h.buf[over:])
		h.start += int64(over)
	}
	if h.log == nil {
		return nil
	}
	return h.log.append(p)
}

// resume goes on with a log: what it has is what came before, and what is in memory is added to it.
func (h *history) resume(log *logFile) error {
	h.log = log
	switch {
	case log.size() == 0:
		log.place(h.start)
		return log.append(h.buf)
	case h.end() == 0:
		log.place(log.size())
		h.buf = log.read(max(log.start, log.end-remembered), log.end)
		h.start = log.end - int64(len(h.buf))
	default: // it could not be written for a while
		log.place(h.end())
	}
	return nil
}

// from is the output from a position on that only the log has, and the position that it leads to.
func (h *history) from(at int64) (earlier []byte, next int64) {
	if at >= h.start || h.log == nil || at < h.log.start {
		return nil, at
	}
	return h.log.read(at, h.start), h.start
}

// clear forgets what is in memory.
func (h *history) clear() { h.start, h.buf = h.end(), nil }

// tail is where the last lines begin. earlier is what of them only the log has; it comes before position at.
func (h *history) tail(lines int) (earlier []byte, at int64) {
	i, enough := lastLines(h.buf, lines)
	if enough || h.log == nil || h.log.start >= h.start {
		return nil, h.start + int64(i)
	}
	logged := h.log.read(h.log.start, h.start)
	i, _ = lastLines(slices.Concat(logged, h.buf), lines)
	if i >= len(logged) {
		return nil, h.start + int64(i-len(logged))
	}
	return logged[i:], h.start
}

// lastLines is the index at which the last lines of text begin; enough says that there are so many. All of a text is
// always enough.
func lastLines(text []byte, lines int) (i int, enough bool) {
	if lines < 0 {
		return 0, true
	}
	i = len(text)
	if lines > 0 && i > 0 && text[i-1] == '\n' {
		i--
	}
	for range lines {
		if i = bytes.LastIndexByte(text[:i], '\n'); i < 0 {
			return 0, false
		}
	}
	if lines > 0 {
		i++
	}
	return i, true
}
