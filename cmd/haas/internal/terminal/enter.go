package terminal

// Enter turns the lines of a text into what a keyboard sends for them: the key Enter is a carriage return, which boot
// menus insist on. The zero value is at the beginning.
type Enter struct{ afterReturn bool }

// Keys are the keys for the next piece of the text. A line may end with LF or CR LF, also over two pieces.
func (e *Enter) Keys(text []byte) []byte {
	keys := make([]byte, 0, len(text))
	for _, b := range text {
		switch {
		case b != '\n':
			keys = append(keys, b)
		case !e.afterReturn:
			keys = append(keys, '\r')
		}
		e.afterReturn = b == '\r'
	}
	return keys
}
