package console

import (
	"sync"
	"time"
)

// lease is for how long the other servers count this one as alive. What it has claimed is its own as long as no two of its
// signs of life are further apart: a later one does not bring back what may be somebody else's by now.
type lease struct {
	length time.Duration

	mu sync.Mutex
	// last is when the last sign of life was begun, and number counts the times without break. mu guards them.
	last   time.Time
	number int
}

// beat notes a sign of life whose making began at the time, and that has arrived. It gives the number of what is claimed
// with it.
func (l *lease) beat(began time.Time) (number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) >= l.length { // it may have arrived too late
		l.number++
	}
	if began.After(l.last) {
		l.last = began
	}
	return l.number
}

// alive reports that the other servers count this one as alive.
func (l *lease) alive() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last) < l.length
}

// holds reports that what was claimed with the number is this server's still.
func (l *lease) holds(number int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return number == l.number && time.Since(l.last) < l.length
}
