package consoletest

// Family is how the devices of a family talk. Texts that are sent as they stand (of the login, of the pager) have "\r\n"
// where the device has it; texts that commands print have "\n".
type Family struct {
	// Hostname and Sessions are those of the factory.
	Hostname string
	Sessions int
	Login    Login
	Telnet   Offers
	// Modes are the modes. The first is exec mode; if Options.Enable is set or the family is Unprivileged, the second is
	// the one after the login.
	Modes        []Mode
	Unprivileged bool
	// Arguments are the kinds of arguments that commands name, besides <word>, <number> and <text>.
	Arguments map[string]Argument
	Words     Words
	Pager     Pager
	// Enter is the echo of the Enter key.
	Enter string
	// Lead comes before every prompt, EmptyLead before the one after an empty line; if that is empty, Lead comes there too.
	Lead, EmptyLead string
	// Wraps says that the line editor breaks typed lines at the terminal's width.
	Wraps bool
	// Pipes lets "| no-more", "| include" and "| exclude" follow a command.
	Pipes bool
	// Do lets "do" precede a command of exec mode in the others.
	Do bool
	// LineFeed says that "\n" is an Enter key of its own.
	LineFeed bool
	// Keys are keys that enter a line, like CTRL-Z the line "end".
	Keys map[byte]string
	// Boot loads the startup configuration; it is called with the device locked.
	Boot func()
	// Left is called with the device locked when a session has gone, for what it held.
	Left func(s *Session)
	// Noise is a log line as the device writes it, for the faults that want one.
	Noise string
}

// Login is the dialogue of a login over telnet, and what follows it.
type Login struct {
	// Banner comes before the first question.
	Banner string
	// Username and Password are the questions.
	Username, Password string
	// Mask is echoed for each character of a password.
	Mask string
	// Rejected is said to a wrong name or password; then the questions come again, until the connection is closed after
	// Tries of them.
	Rejected string
	Tries    int
	// Welcome comes before the first prompt.
	Welcome string
	// Full is said to one session too many.
	Full string
}

// Mode is what can be typed between two changes of the prompt.
type Mode struct {
	// Name is what Call.Enter calls it; it is empty for exec mode.
	Name string
	// Prompt follows the host name.
	Prompt string
	// Parent is the mode to which "exit" leads.
	Parent string
	// Falls says that commands which this mode does not have are tried in its parent, which is entered by that.
	Falls bool
	// Exec says that the commands of exec mode can be typed here too.
	Exec     bool
	Commands []Command
	// Leave is called when a session leaves the mode, with the device locked, for what is done or refused only then.
	Leave func(s *Session) error
}

// Command is one line of the device's grammar and what it does.
type Command struct {
	// Line is words and <arguments>; "a|b" are alternatives. Words may be shortened as long as they are clear.
	Line string
	// Config says that it configures something, so that a device that only pretends leaves it out.
	Config bool
	// Run has the effect, with the device locked. An error is what the device says instead of having it.
	Run func(c *Call) error
}

// Words are what a device says of lines it does not understand.
type Words struct {
	// Unknown is of a first word, Invalid of a later one, Extra of one too many, Argument of one that is no argument of
	// any kind wanted there; all are Unknown if empty.
	Unknown, Invalid, Extra, Argument string
	// Incomplete is of a line that ends too soon, Missing if what is missing is an argument.
	Incomplete, Missing string
	Ambiguous           string
	// Caret puts a line with "^" under the place before the words.
	Caret bool
	// Lead is what every refusal begins with.
	Lead string
}

// Pager is how a device shows long outputs.
type Pager struct {
	// Text is the question, Erase what follows the key.
	Text, Erase string
	// Page, Line and Quit are the keys.
	Page, Line, Quit string
	// Length is how many lines a page has, 0 for no paging.
	Length int
}

// completed fills in what is the same as something else.
func (w Words) completed() Words {
	w.Invalid = either(w.Invalid, w.Unknown)
	w.Extra = either(w.Extra, w.Unknown)
	w.Argument = either(w.Argument, w.Invalid)
	w.Incomplete = either(w.Incomplete, w.Unknown)
	w.Missing = either(w.Missing, w.Incomplete)
	w.Ambiguous = either(w.Ambiguous, w.Unknown)
	return w
}
