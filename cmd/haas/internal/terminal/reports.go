package terminal

import "regexp"

// report is what a terminal says as if it were typed: what it is, where its cursor stands, how it is set, which colours and
// title it has, whether it has the focus. Programs on the machine ask for that. A function key with Shift may look the same.
var report = regexp.MustCompile(`\x1b\[[?>=]?[0-9;]*(?:[Rcnt]|\$y)|\x1b\[[IO]|\x1b[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)`)

// spoken is what was typed without what the terminal said. Of all who look on each terminal is asked, and again when old
// output is shown, but one is to answer: that of who has the keyboard. The others' would take it without anybody's wish.
func (s *session) spoken(typed []byte) []byte {
	if s.keyboard.isMine() {
		return typed
	}
	return report.ReplaceAll(typed, nil)
}
