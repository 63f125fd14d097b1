package consoletest

import "io"

// wire is a connection as a session sees it: text both ways.
type wire interface {
	// Write sends text as it stands.
	io.Writer
	// Keys are what the peer types; the channel is closed when it has gone, after the last of them.
	Keys() <-chan []byte
	// Gone is closed when the peer has gone, whatever is still unread.
	Gone() <-chan struct{}
	// Echoes reports whether the device is to echo.
	Echoes() bool
	// Window is the peer's terminal size, 0 where it said none.
	Window() (width, length int)
}

// keyboard is what every wire does with incoming text. The channel's room is so large that a peer's going is noticed
// while a command runs.
type keyboard struct {
	keys chan []byte
	gone chan struct{}
	// stopped is closed when nobody reads keys any more.
	stopped chan struct{}
}

func newKeyboard() keyboard {
	return keyboard{keys: make(chan []byte, 256), gone: make(chan struct{}), stopped: make(chan struct{})}
}

func (k keyboard) Keys() <-chan []byte   { return k.keys }
func (k keyboard) Gone() <-chan struct{} { return k.gone }

func (k keyboard) stop() { close(k.stopped) }

// pump reads until the peer has gone or nobody wants to know. decode turns bytes into keys.
func (k keyboard) pump(from io.Reader, decode func([]byte) []byte) {
	defer close(k.keys)
	defer close(k.gone)
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if typed := decode(buffer[:n]); len(typed) > 0 {
			select {
			case k.keys <- typed:
			case <-k.stopped:
				return
			}
		}
		if err != nil {
			return
		}
	}
}
