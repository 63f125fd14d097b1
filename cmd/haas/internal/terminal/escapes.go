package terminal

// escape begins an escape at the start of a line, as in ssh.
const escape = '~'

// The escapes: what stands behind the tilde.
const (
	escLeave = '.'
	escHelp  = '?'
	escAsk   = 'a'
	escGive  = 'g'
	escKeep  = 'k'
	escSize  = 'w'
)

// Stroke is a piece of what was typed: keys for the machine, or an escape for this program.
type Stroke struct {
	Keys   []byte
	Escape byte
}

// Escapes finds the escapes in what is typed. The zero value is at the start of a line.
type Escapes struct {
	// inLine says that the last key was none that ends a line, so that a tilde is only a tilde.
	inLine bool
	// pending says that there was a tilde, of which only the next key tells what it means.
	pending bool
}

// Parse takes what is typed apart. Keys that are part of no escape come out as they are, whatever the pieces they came
// in; a tilde that may begin an escape waits for the next key.
func (e *Escapes) Parse(typed []byte) []Stroke {
	var strokes []Stroke
	var keys []byte
	for _, key := range typed {
		command, passed := e.next(key)
		keys = append(keys, passed...)
		if command == 0 {
			continue
		}
		if len(keys) > 0 {
			strokes = append(strokes, Stroke{Keys: keys})
			keys = nil
		}
		strokes = append(strokes, Stroke{Escape: command})
	}
	if len(keys) > 0 {
		strokes = append(strokes, Stroke{Keys: keys})
	}
	return strokes
}

// next is the escape that a key completes, or the keys that it lets through.
func (e *Escapes) next(key byte) (command byte, passed []byte) {
	switch {
	case e.pending && isEscape(key):
		e.pending = false // and still at the start of the line
		return key, nil
	case e.pending && key == escape:
		e.pending, e.inLine = false, true
		return 0, []byte{escape}
	case e.pending:
		passed = []byte{escape}
	case key == escape && !e.inLine:
		e.pending = true
		return 0, nil
	}
	e.pending, e.inLine = false, key != '\r' && key != '\n'
	return 0, append(passed, key)
}

func isEscape(key byte) bool {
	switch key {
	case escLeave, escHelp, escAsk, escGive, escKeep, escSize:
		return true
	default:
		return false
	}
}

// Rest are the keys that still wait for the next one, when there will be none.
func (e *Escapes) Rest() []byte {
	if !e.pending {
		return nil
	}
	*e = Escapes{inLine: true}
	return []byte{escape}
}
