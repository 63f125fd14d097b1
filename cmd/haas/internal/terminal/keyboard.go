package terminal

import (
	"sync"

	"github.com/CCI-MOC/haas/openapi/client"
)

// keyboard is what is known of who may type, and turns changes of it into notices.
type keyboard struct {
	// readOnly says that the person here does not want to type.
	readOnly bool

	// mu guards what follows.
	mu      sync.Mutex
	you     string
	writer  string
	mine    bool
	askedBy string
	// wanted says that the person here asked, and has not been told what came of it.
	wanted bool
}

// welcome notes the name that others see. Whoever comes back has nothing any more.
func (k *keyboard) welcome(you string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.you, k.askedBy, k.wanted = you, "", false
	if k.mine {
		k.writer, k.mine = "", false
	}
}

// isMine reports whether the person here may type.
func (k *keyboard) isMine() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mine
}

// ask notes that the person here wants the keyboard.
func (k *keyboard) ask() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wanted = true
}

// change notes who may type now, and returns what a person should be told of it. Somebody who just types gets the
// keyboard without a word.
func (k *keyboard) change(m *client.ConsoleMessage) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	writer, mine, askedBy := k.writer, k.mine, k.askedBy
	k.writer, k.mine, k.askedBy = value(m.Writer), value(m.Mine), value(m.AskedBy)
	switch {
	case k.mine && !mine:
		return k.granted(writer)
	case k.mine && k.askedBy != "" && k.askedBy != askedBy:
		return k.askedBy + " asks for the keyboard: ~g gives it, ~k keeps it; without an answer it goes over after 15 seconds"
	case k.mine:
		return ""
	case k.writer != "" && k.writer != writer:
		return k.writer + " has the keyboard" + k.hint("~a asks for it")
	case k.writer == "" && writer != "":
		return "nobody has the keyboard" + k.hint("typing takes it")
	default:
		return k.asking(askedBy)
	}
}

// granted tells of the keyboard if that is news.
func (k *keyboard) granted(from string) string {
	if !k.wanted && from == "" {
		return ""
	}
	k.wanted = false
	return "you have the keyboard"
}

// asking tells how one's own request goes while the writer stays the same.
func (k *keyboard) asking(before string) string {
	switch {
	case k.askedBy == k.you && before != k.you && k.you != "":
		return "asked " + k.writer + " for the keyboard"
	case k.wanted && before == k.you && k.askedBy != k.you:
		k.wanted = false
		return k.writer + " keeps the keyboard"
	default:
		return ""
	}
}

// hint tells those who type what they can do.
func (k *keyboard) hint(text string) string {
	if k.readOnly {
		return ""
	}
	return "; " + text
}

// value is what a member of a message says, the zero value if it was left out.
func value[T any](member *T) T {
	if member == nil {
		return *new(T)
	}
	return *member
}
