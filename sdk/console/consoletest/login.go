package consoletest

// defaultWidth is that of a terminal that does not say its own.
const defaultWidth = 80

// welcome reports whether the device talks to a newcomer at all.
func (s *Session) welcome() bool {
	d := s.device
	if _, hung := d.faults.strike(HangSession); hung {
		s.hang()
		return false
	}
	if f, refused := d.faults.strike(RefuseSession); refused {
		s.print(either(f.Text, d.family.Login.Full))
		s.flush()
		return false
	}
	return true
}

// greet says the banner.
func (s *Session) greet() {
	banner := s.device.family.Login.Banner
	if f, changed := s.device.faults.strike(ChangeBanner); changed {
		banner = f.Text
	}
	s.print(banner)
}

// login asks for name and password until they are right or the device has had enough.
func (s *Session) login() bool {
	s.greet()
	l := &s.device.family.Login
	for range either(l.Tries, 3) {
		s.print(l.Username)
		name, ok := s.readName()
		if !ok {
			return false
		}
		s.print(l.Password)
		password, ok := s.readSecret()
		if !ok || !s.wait(s.device.options.Login) {
			return false
		}
		if s.device.accepts(name, password) {
			return true
		}
		s.print(l.Rejected)
	}
	s.flush()
	return false
}

func (d *Device) accepts(name, password string) bool {
	_, broken := d.faults.strike(RejectLogin)
	ok := !broken && name == d.options.Username && password == d.options.Password
	d.options.Log.Debug("login", "user", name, "accepted", ok)
	return ok
}

// serve welcomes a user who has logged in, and obeys.
func (s *Session) serve() {
	d := s.device
	width, length := s.wire.Window()
	s.Width, s.Length = either(width, defaultWidth), either(length, d.family.Pager.Length)
	d.View(func() { d.logins++ })
	s.print(d.family.Login.Welcome)
	s.converse()
}
