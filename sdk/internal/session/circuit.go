package session

import (
	"fmt"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/sdk"
)

// lockout is how long a device that rejected its password is left alone: devices lock accounts after a few attempts, and
// forgive after a few minutes. Other settings are another target, and tried at once.
const lockout = 10 * time.Minute

// circuit remembers which targets rejected their password, and keeps them from being tried over and over.
type circuit struct {
	mu     sync.Mutex
	denied map[key]denial // guarded by mu
}

type denial struct {
	err   *sdk.Error
	until time.Time
}

// refusal is why the target is left alone, nil if it is not.
func (c *circuit) refusal(k key) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.denied[k]
	if !ok {
		return nil
	}
	if left := time.Until(d.until); left > 0 {
		e := *d.err
		e.Text = fmt.Sprintf("%s; not tried again for %s, so that the account is not locked: register the right user name and password",
			e.Text, left.Round(time.Second))
		return &e
	}
	delete(c.denied, k)
	return nil
}

// watch passes on why a session could not be opened, and leaves the target alone if its password was rejected.
func (c *circuit) watch(k key, err error) error {
	if sdk.CodeOf(err) != sdk.Denied {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.denied == nil {
		c.denied = map[key]denial{}
	}
	c.denied[k] = denial{err: sdk.AsError(err), until: time.Now().Add(lockout)}
	return err
}
