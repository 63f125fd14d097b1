package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/store"
)

// cacheFor is how long a verified password is believed without hashing again. Hashing costs tens of milliseconds;
// deleting a user or changing a hash takes effect at once all the same, for the entry is bound to the stored hash.
const cacheFor = 5 * time.Minute

// cacheSize bounds the memory of the cache; beyond it, it starts afresh.
const cacheSize = 10_000

// Users is what the database backend asks the store.
type Users interface {
	Memberships(ctx context.Context, user string) ([]store.Membership, error)
	UpgradePassword(ctx context.Context, user int64, from, to string) error
}

// Database is the backend that knows users by name and password (HTTP basic).
type Database struct {
	users Users
	// required says that a request without credentials is refused.
	required bool
	now      func() time.Time
	// key makes the cache's digests worthless outside this process.
	key [32]byte
	// decoy is compared with for unknown users, so that they cannot be told from known ones by time.
	decoy func() string

	// hashing has room for those who hash now: one hash takes 64 MB, and more of them than processors gain nothing.
	hashing chan struct{}

	mu sync.Mutex
	// verified are digests of name, hash and password with the end of their life, guarded by mu.
	verified map[[32]byte]time.Time
}

var _ Authenticator = (*Database)(nil)

// NewDatabase makes the backend. Unless required, a request without credentials comes from nobody instead of being refused.
func NewDatabase(users Users, required bool) *Database {
	d := &Database{
		users: users, required: required, now: time.Now,
		hashing: make(chan struct{}, runtime.GOMAXPROCS(0)), verified: map[[32]byte]time.Time{},
	}
	_, _ = rand.Read(d.key[:]) // never fails: crypto/rand ends the program instead
	d.decoy = sync.OnceValue(func() string {
		hash, _ := HashPassword("decoy") // fails only for passwords that are empty or too long
		return hash
	})
	return d
}

// Authenticate finds the user. An unknown name and a wrong password are the same error.
func (d *Database) Authenticate(ctx context.Context, name, password string, given bool) (Caller, error) {
	if !given {
		return d.nobody()
	}
	rows, err := d.users.Memberships(ctx, name)
	if err != nil {
		return Caller{}, err
	}
	if len(rows) == 0 {
		return Caller{}, d.pretend(ctx, password)
	}
	if err := d.verify(ctx, rows[0].User, password); err != nil {
		return Caller{}, err
	}
	return caller(rows), nil
}

func (d *Database) nobody() (Caller, error) {
	if d.required {
		return Caller{}, core.Errorf(core.Unauthorized, "this server requires a user name and a password")
	}
	return Caller{}, nil
}

func wrong() error { return core.Errorf(core.Unauthorized, "the user name or the password is wrong") }

func caller(rows []store.Membership) Caller {
	c := Caller{ID: rows[0].ID, Name: rows[0].Label, Admin: rows[0].IsAdmin}
	for _, r := range rows {
		if r.ProjectID != 0 {
			c.Projects = append(c.Projects, r.ProjectID)
		}
	}
	return c
}

// pretend refuses an unknown user, who is to wait as long as a known one.
func (d *Database) pretend(ctx context.Context, password string) error {
	release, err := d.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, _, _ = verifyPassword(d.decoy(), password) // for the time it takes
	return wrong()
}

func (d *Database) verify(ctx context.Context, u core.User, password string) error {
	key := d.digest(u, password)
	if d.cached(key) {
		return nil
	}
	release, err := d.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	// Meanwhile another request may have brought the same password.
	if d.cached(key) {
		return nil
	}
	ok, stale, err := verifyPassword(u.PasswordHash, password)
	if err != nil {
		return fmt.Errorf("verify password of %s: %w", u.Label, err)
	}
	if !ok {
		return wrong()
	}
	d.remember(key)
	if stale {
		d.upgrade(ctx, u, password)
	}
	return nil
}

// takeTurn waits until fewer hash than there are processors.
func (d *Database) takeTurn(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case d.hashing <- struct{}{}:
		return func() { <-d.hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// upgrade replaces a stale hash. Where that fails, the old one serves until the next time.
func (d *Database) upgrade(ctx context.Context, u core.User, password string) {
	hash, err := HashPassword(password)
	if err != nil || d.users.UpgradePassword(ctx, u.ID, u.PasswordHash, hash) != nil {
		return
	}
	u.PasswordHash = hash
	d.remember(d.digest(u, password))
}

func (d *Database) digest(u core.User, password string) [32]byte {
	h := sha256.New()
	_, _ = h.Write(d.key[:])
	_, _ = fmt.Fprintf(h, "%d:%s:%s", u.ID, u.PasswordHash, password)
	return [32]byte(h.Sum(nil))
}

func (d *Database) cached(key [32]byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	until, ok := d.verified[key]
	return ok && d.now().Before(until)
}

func (d *Database) remember(key [32]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.verified) >= cacheSize {
		clear(d.verified)
	}
	d.verified[key] = d.now().Add(cacheFor)
}
