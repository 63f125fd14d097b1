package console

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

const (
	// columns is where a line is cut that never ends: no device prints one so long, and memory has an end.
	columns = 1 << 16
	// erased is a cell that shows nothing: a blank within a line, nothing at its end. Devices send it as padding only.
	erased = 0
)

// terminal is the last line of a terminal: it does what a screen would do with backspaces, carriage returns and control
// sequences, and tells each line that is finished. How the bytes were cut into pieces on the way makes no difference.
type terminal struct {
	cells   []byte
	cursor  int
	state   state
	params  []byte // of the control sequence under way
	pressed bool   // a key was pressed at a pager, and the device has not begun to wipe its question
}

// state is what the next byte belongs to.
type state int

const (
	plain state = iota
	escape
	charset // the byte after "ESC (" and the like
	control // the parameters after "ESC ["
	title   // the text after "ESC ]", until BEL or ESC
)

// put takes one byte; finished says that it ended a line, which is then told.
func (t *terminal) put(c byte) (line string, finished bool) {
	switch t.state {
	case escape:
		t.escaped(c)
	case charset:
		t.state = plain
	case control:
		t.controlled(c)
	case title:
		t.titled(c)
	default:
		return t.shown(c)
	}
	return "", false
}

func (t *terminal) escaped(c byte) {
	switch c {
	case '[':
		t.state, t.params = control, t.params[:0]
	case ']':
		t.state = title
	case '(', ')', '*', '+', '#', '%', ' ':
		t.state = charset
	case '\x1b':
	default:
		t.state = plain
	}
}

func (t *terminal) titled(c byte) {
	switch c {
	case '\a':
		t.state = plain
	case '\x1b':
		t.state = escape
	}
}

// maxParams is longer than the parameters of any sequence that matters here.
const maxParams = 32

func (t *terminal) controlled(c byte) {
	switch {
	case c == '\x1b':
		t.state = escape
	case c < ' ' || c >= 0x7f:
		t.state = plain
	case c >= '@':
		t.state = plain
		t.obey(c)
	case len(t.params) < maxParams:
		t.params = append(t.params, c)
	}
}

// obey does what a control sequence says that stays on the line; the others paint only.
func (t *terminal) obey(final byte) {
	n, known := t.param()
	if !known {
		return
	}
	switch final {
	case 'K', 'J':
		t.erase(n)
	case 'C':
		t.move(t.cursor + max(n, 1))
	case 'D':
		t.move(t.cursor - max(n, 1))
	case 'G':
		t.move(n - 1)
	case 'P':
		end := min(len(t.cells), t.cursor+max(n, 1))
		t.cells = slices.Delete(t.cells, min(t.cursor, end), end)
	default:
		return
	}
	t.pressed = false
}

// param is the first parameter, 0 if there is none; it is not known if it is no number.
func (t *terminal) param() (int, bool) {
	first, _, _ := strings.Cut(string(t.params), ";")
	if first == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(first, 10, 16)
	return int(n), err == nil
}

// erase wipes the line from the cursor on (0), up to it (1), or whole (2).
func (t *terminal) erase(which int) {
	if which == 0 {
		t.cells = t.cells[:min(t.cursor, len(t.cells))]
		return
	}
	end := len(t.cells)
	if which == 1 {
		end = min(t.cursor+1, end)
	}
	clear(t.cells[:end])
}

func (t *terminal) move(column int) { t.cursor = min(max(column, 0), columns-1) }

func (t *terminal) shown(c byte) (string, bool) {
	switch {
	case c == '\x1b':
		t.state = escape
	case c == '\n':
		return t.end(), true
	case c == '\r':
		t.move(0)
		t.pressed = false
	case c == '\b':
		t.move(t.cursor - 1)
		t.pressed = false
	case c == '\t' || c >= ' ' && c != 0x7f:
		return t.write(c)
	}
	return "", false
}

// write puts a character where the cursor is. A blank over something is how devices wipe.
func (t *terminal) write(c byte) (line string, finished bool) {
	if t.pressed {
		t.reset()
	}
	if t.cursor >= columns-1 {
		line, finished = t.end(), true
	}
	if missing := t.cursor + 1 - len(t.cells); missing > 0 {
		t.cells = append(t.cells, make([]byte, missing)...)
		t.cells[t.cursor] = c
	} else if c != ' ' {
		t.cells[t.cursor] = c
	} else {
		t.cells[t.cursor] = erased
	}
	t.cursor++
	return line, finished
}

// end tells the line and begins the next.
func (t *terminal) end() string {
	line := t.line()
	t.reset()
	return line
}

func (t *terminal) reset() { t.cells, t.cursor, t.pressed = t.cells[:0], 0, false }

// line is what the line shows so far, without what was wiped behind the cursor.
func (t *terminal) line() string {
	shown := max(len(bytes.TrimRight(t.cells, string(rune(erased)))), min(t.cursor, len(t.cells)))
	line := bytes.ReplaceAll(t.cells[:shown], []byte{erased}, []byte{' '})
	return strings.ToValidUTF8(string(line), "\uFFFD")
}

// wipe takes the last n characters off the line, as the device is about to do itself; if it does not, and goes on
// printing, it does so at the beginning of the line.
func (t *terminal) wipe(n int) {
	clear(t.cells[max(0, len(t.cells)-n):])
	t.pressed = true
}
