package console

import (
	"slices"
	"time"

	"github.com/CCI-MOC/haas/core"
)

// patience is how long a writer who was asked for the keyboard may neither type nor answer before it is taken: nobody
// should be kept from a machine by a colleague who has gone home.
const patience = 15 * time.Second

// Keyboard is who may type on a console, as a viewer sees it.
type Keyboard struct {
	// Writer is the name of the viewer who types, AskedBy that of the next who wants to; empty if there is none.
	Writer, AskedBy string
	// Mine says that the writer is the viewer itself.
	Mine bool
}

// keyboard is for one viewer at a time. The line's mu guards it.
type keyboard struct {
	writer *Viewer
	asking []*Viewer
	// typed is when the writer typed last, asked when the first of those asking did, or came to be the first.
	typed, asked time.Time
	timer        *time.Timer
	// version changes with everything that viewers see.
	version int
}

// take makes v the writer if there is none.
func (k *keyboard) take(v *Viewer) (mine bool) {
	if k.writer == nil {
		k.writer = v
		k.version++
	}
	return k.writer == v
}

// refused says who types instead.
func (k *keyboard) refused() error {
	return core.Errorf(core.Blocked, "%s has the keyboard; ask for it", k.writer.name)
}

// pass gives the keyboard to the first who asks, to nobody if there is none.
func (k *keyboard) pass() {
	k.writer = nil
	if len(k.asking) > 0 {
		k.writer = k.asking[0]
		k.asking = k.asking[1:]
	}
	k.asked = time.Now()
	k.version++
}

// ask puts v into the queue.
func (k *keyboard) ask(v *Viewer) {
	if slices.Contains(k.asking, v) {
		return
	}
	if len(k.asking) == 0 {
		k.asked = time.Now()
	}
	k.asking = append(k.asking, v)
	k.version++
}

// unask takes v out of the queue.
func (k *keyboard) unask(v *Viewer) {
	if i := slices.Index(k.asking, v); i >= 0 {
		k.asking = slices.Delete(k.asking, i, i+1)
		k.asked = time.Now()
		k.version++
	}
}

// arm makes expire run when the writer's patience is over, if somebody asks.
func (k *keyboard) arm(expire func()) {
	k.stop()
	if len(k.asking) > 0 {
		k.timer = time.AfterFunc(k.left(), expire)
	}
}

// left is how long the writer may go on without typing or answering.
func (k *keyboard) left() time.Duration {
	last := k.asked
	if k.typed.After(last) {
		last = k.typed
	}
	return patience - time.Since(last)
}

func (k *keyboard) stop() {
	if k.timer != nil {
		k.timer.Stop()
	}
}

// clear takes the keyboard from everybody.
func (k *keyboard) clear() {
	k.stop()
	*k = keyboard{version: k.version + 1}
}

// seenBy is the keyboard as v sees it.
func (k *keyboard) seenBy(v *Viewer) Keyboard {
	seen := Keyboard{Mine: k.writer == v}
	if k.writer != nil {
		seen.Writer = k.writer.name
	}
	if len(k.asking) > 0 {
		seen.AskedBy = k.asking[0].name
	}
	return seen
}

// onKeyboard changes the keyboard for a viewer, unless all that the viewer knows is forgotten.
func (v *Viewer) onKeyboard(change func(*keyboard)) {
	v.line.mu.Lock()
	defer v.line.mu.Unlock()
	if v.id == v.line.id {
		v.line.changeKeyboard(change)
	}
}

// changeKeyboard changes the keyboard, and tells the viewers. The caller holds mu.
func (l *line) changeKeyboard(change func(*keyboard)) {
	was := l.keyboard.version
	change(&l.keyboard)
	if l.keyboard.version == was {
		return
	}
	l.keyboard.arm(l.expire)
	l.wake()
}

// expire takes the keyboard from a writer who has neither typed nor answered.
func (l *line) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.keyboard.asking) == 0:
	case l.keyboard.left() > 0:
		l.keyboard.arm(l.expire)
	default:
		l.changeKeyboard((*keyboard).pass)
	}
}

// Ask asks for the keyboard. Who has it may give it; it is given at once if nobody has it.
func (v *Viewer) Ask() {
	v.onKeyboard(func(k *keyboard) {
		if !k.take(v) {
			k.ask(v)
		}
	})
}

// Give hands the keyboard to who asked first, or lays it down. It does nothing without the keyboard.
func (v *Viewer) Give() {
	v.onKeyboard(func(k *keyboard) {
		if k.writer == v {
			k.pass()
		}
	})
}

// Keep refuses the one who asked first. It does nothing without the keyboard.
func (v *Viewer) Keep() {
	v.onKeyboard(func(k *keyboard) {
		if k.writer == v && len(k.asking) > 0 {
			k.unask(k.asking[0])
		}
	})
}
