package consoletest

import (
	"strings"
	"sync"
	"time"
)

// Session is one user's conversation with a device. What is exported is for commands, which run with the device locked.
type Session struct {
	// Width and Length are the terminal's; 0 switches wrapping and paging off.
	Width, Length int
	// Monitor says that log lines are wanted.
	Monitor bool

	device  *Device
	id      int
	mode    string
	subject any
	// parting is what a mode had to say when it was left.
	parting error
	// left says that the top mode was left; dead, that the device has forgotten the session.
	left, dead bool

	wire wire
	// keys are typed and not yet read; column is where the cursor is.
	keys   []byte
	column int
	out    screen
}

// screen is what a session prints, in order, also when a log line comes from elsewhere.
type screen struct {
	mu      sync.Mutex
	pending []byte
	// busy says that a command is being answered; notices are log lines that wait for the prompt.
	busy    bool
	notices []string
}

// ID counts the sessions of the device from 1; 0 is the serial console.
func (s *Session) ID() int { return s.id }

// Mode is the mode the session is in.
func (s *Session) Mode() string { return s.mode }

// Subject is what is being configured, as Call.Enter was told.
func (s *Session) Subject() any { return s.subject }

// enter changes the mode. What the old one has to say about that comes after the answer.
func (s *Session) enter(mode string, subject any) {
	if leave := s.device.modes[s.mode].Leave; leave != nil {
		s.parting = leave(s)
	}
	s.mode, s.subject = mode, subject
}

func (s *Session) leave() {
	mode := s.device.modes[s.mode]
	if mode.Parent == s.mode {
		s.left = true
		return
	}
	s.enter(mode.Parent, nil)
}

// prompt is what the device shows when it waits for a line, without what leads to it.
func (s *Session) prompt() string {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	return s.device.hostname + s.device.modes[s.mode].Prompt
}

// converse takes lines until the session ends.
func (s *Session) converse() {
	f := &s.device.family
	lead := f.Lead
	for {
		s.showPrompt(lead)
		line, ok := s.readLine()
		if !ok {
			return
		}
		if lead = f.EmptyLead; strings.TrimSpace(line) == "" {
			continue
		}
		if lead = f.Lead; !s.obey(line) || s.ended() {
			s.flush()
			return
		}
	}
}

func (s *Session) ended() bool {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	return s.left || s.dead
}

func (s *Session) showPrompt(lead string) {
	prompt := s.prompt()
	s.print(lead + prompt)
	s.column = len(prompt)
	s.out.mu.Lock()
	s.out.busy = false
	for _, notice := range s.out.notices {
		s.out.pending = append(s.out.pending, notice+"\r\n"...)
	}
	s.out.notices = nil
	s.out.mu.Unlock()
}

// print adds to what the next flush sends; texts are sent as they stand.
func (s *Session) print(text string) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.pending = append(s.out.pending, text...)
}

func (s *Session) flush() {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if len(s.out.pending) > 0 {
		_, _ = s.wire.Write(s.out.pending) // a peer that has gone is noticed when its keys end
	}
	s.out.pending = nil
}

// notify writes a log line where the cursor is; in the middle of an answer it waits for the prompt.
func (s *Session) notify(line string) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	if s.out.busy {
		s.out.notices = append(s.out.notices, line)
		return
	}
	_, _ = s.wire.Write([]byte(line + "\r\n"))
}

// key waits for the next key; what is printed is sent before.
func (s *Session) key() (byte, bool) {
	if len(s.keys) == 0 {
		s.flush()
		if !s.more() {
			return 0, false
		}
	}
	k := s.keys[0]
	s.keys = s.keys[1:]
	return k, true
}

// more waits for the peer to type, as long as the device is patient.
func (s *Session) more() bool {
	var idle <-chan time.Time
	if patience := s.device.options.Idle; patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		idle = timer.C
	}
	select {
	case typed, ok := <-s.wire.Keys():
		s.keys = typed
		return ok
	case <-idle:
		return false
	case <-s.device.done:
		return false
	}
}

// wait lets time pass; false if the device was switched off meanwhile.
func (s *Session) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	s.flush()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.device.done:
		return false
	}
}

// waitTogether is wait, but ends as soon as the peer has gone.
func (s *Session) waitTogether(d time.Duration) bool {
	s.flush()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.wire.Gone():
		return false
	case <-s.device.done:
		return false
	}
}

// hang takes keys and says nothing, until the peer has gone.
func (s *Session) hang() {
	for ok := true; ok; _, ok = s.key() {
		s.keys = nil
	}
}
