package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/CCI-MOC/haas/core"
	"github.com/CCI-MOC/haas/core/auth"
	"github.com/CCI-MOC/haas/core/store"
)

// users are users in memory, who belong to projects 1 and 2.
type users struct {
	mu     sync.Mutex
	hashes map[string]string // guarded by mu
	// err is what every call fails with, guarded by mu.
	err error
}

var _ auth.Users = (*users)(nil)

// Memberships finds a user.
func (u *users) Memberships(_ context.Context, name string) ([]store.Membership, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	hash, ok := u.hashes[name]
	if !ok {
		return nil, nil
	}
	user := core.User{ID: int64(len(name)), Label: name, IsAdmin: name == "root", PasswordHash: hash}
	return []store.Membership{{User: user, ProjectID: 1}, {User: user, ProjectID: 2}}, nil
}

// UpgradePassword replaces a hash.
func (u *users) UpgradePassword(_ context.Context, id int64, from, to string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, hash := range u.hashes {
		if u.err == nil && int64(len(name)) == id && hash == from {
			u.hashes[name] = to
		}
	}
	return u.err
}

func (u *users) hash(name string) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.hashes[name]
}

func (u *users) set(name, hash string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.hashes[name] = hash
}

func (u *users) remove(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.hashes, name)
}

// cheap is a hash that costs little.
func cheap(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

func newUsers(t *testing.T) *users {
	t.Helper()
	return &users{hashes: map[string]string{"alice": cheap(t, "right"), "root": cheap(t, "right")}}
}

func login(ctx context.Context, a auth.Authenticator, name, password string) error {
	_, err := a.Authenticate(ctx, name, password, true)
	return err
}

func wantUnauthorized(t *testing.T, err error) {
	t.Helper()
	if core.KindOf(err) != core.Unauthorized {
		t.Errorf("got %v, want Unauthorized", err)
	}
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	d := auth.NewDatabase(newUsers(t), true)
	alice, err := d.Authenticate(t.Context(), "alice", "right", true)
	if err != nil || alice.Name != "alice" || alice.Admin || !alice.MemberOf(1) || !alice.MemberOf(2) || alice.MemberOf(3) {
		t.Errorf("alice is %+v, %v", alice, err)
	}
	if root, err := d.Authenticate(t.Context(), "root", "right", true); err != nil || !root.Admin {
		t.Errorf("root is %+v, %v", root, err)
	}
	wrongPassword, unknownUser := login(t.Context(), d, "alice", "wrong"), login(t.Context(), d, "mallory", "right")
	wantUnauthorized(t, wrongPassword)
	wantUnauthorized(t, unknownUser)
	if wrongPassword.Error() != unknownUser.Error() {
		t.Errorf("a wrong password (%q) can be told from an unknown user (%q)", wrongPassword, unknownUser)
	}
	for name, password := range map[string]string{"empty": "", "overlong": strings.Repeat("x", 1<<20)} {
		if err := login(t.Context(), d, "alice", password); core.KindOf(err) != core.Unauthorized {
			t.Errorf("%s password: %v", name, err)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	_, err := auth.NewDatabase(newUsers(t), true).Authenticate(t.Context(), "", "", false)
	wantUnauthorized(t, err)
	c, err := auth.NewDatabase(newUsers(t), false).Authenticate(t.Context(), "", "", false)
	if err != nil || c.Admin || len(c.Projects) != 0 {
		t.Errorf("a request without credentials is from %+v, %v", c, err)
	}
	wantUnauthorized(t, login(t.Context(), auth.NewDatabase(newUsers(t), false), "alice", "wrong"))
}

func TestNull(t *testing.T) {
	t.Parallel()
	for _, given := range []bool{true, false} {
		if c, err := (auth.Null{}).Authenticate(t.Context(), "x", "y", given); err != nil || !c.Admin {
			t.Errorf("given %v: %+v, %v", given, c, err)
		}
	}
}

// gone is a context that has ended: whoever has to hash gives up, and who need not succeeds.
func gone(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestVerifiedPasswordIsRemembered(t *testing.T) {
	t.Parallel()
	u := newUsers(t)
	d := auth.NewDatabase(u, true)
	if err := login(gone(t), d, "alice", "right"); !errors.Is(err, context.Canceled) {
		t.Fatalf("before the first login: %v", err)
	}
	if err := login(t.Context(), d, "alice", "right"); err != nil {
		t.Fatal(err)
	}
	if err := login(gone(t), d, "alice", "right"); err != nil {
		t.Errorf("the second login hashes: %v", err)
	}
	if err := login(gone(t), d, "alice", "wrong"); err == nil {
		t.Error("a wrong password is let in")
	}
	wantUnauthorized(t, login(t.Context(), d, "alice", "wrong"))
	u.set("alice", cheap(t, "new"))
	wantUnauthorized(t, login(t.Context(), d, "alice", "right"))
	u.remove("alice")
	wantUnauthorized(t, login(t.Context(), d, "alice", "right"))
}

func TestMemoryOfPasswordsEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := auth.NewDatabase(newUsers(t), true)
		if err := login(t.Context(), d, "alice", "right"); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		if err := login(gone(t), d, "alice", "right"); !errors.Is(err, context.Canceled) {
			t.Errorf("an hour later: %v", err)
		}
	})
}

func TestWaitingForATurnToHash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := auth.NewDatabase(newUsers(t), true)
		if err := login(t.Context(), d, "root", "right"); err != nil {
			t.Fatal(err)
		}
		release := d.Occupy()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, name := range []string{"alice", "mallory"} {
			if err := login(ctx, d, name, "right"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s waits and gets %v", name, err)
			}
		}
		if err := login(t.Context(), d, "root", "right"); err != nil {
			t.Errorf("who need not hash waits: %v", err)
		}
		release()
		if err := login(t.Context(), d, "alice", "right"); err != nil {
			t.Error(err)
		}
	})
}

func TestHashesOfThePredecessor(t *testing.T) {
	t.Parallel()
	const hash = "$6$rounds=1000$saltsalt$dfMP2LY3oP.RCle.MrovYod7J5ZWd7wa2WJOtw1cdMugHgIZ8H3PUFaxN7fS6Rbcl4YomrlE/fCkobwA8g/as/"
	u := &users{hashes: map[string]string{"alice": hash}}
	d := auth.NewDatabase(u, true)
	wantUnauthorized(t, login(t.Context(), d, "alice", "wrong"))
	if u.hash("alice") != hash {
		t.Error("a wrong password changed the hash")
	}
	u.err = errors.New("read-only")
	if err := login(t.Context(), d, "alice", "right"); err != nil {
		t.Errorf("the right password is refused because its hash cannot be replaced: %v", err)
	}
	u.err = nil
	d = auth.NewDatabase(u, true)
	if err := login(t.Context(), d, "alice", "right"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.hash("alice"), "$argon2id$") {
		t.Errorf("the hash is %q", u.hash("alice"))
	}
	if err := login(gone(t), d, "alice", "right"); err != nil {
		t.Errorf("the login after the upgrade hashes again: %v", err)
	}
	d = auth.NewDatabase(u, true)
	if err := login(t.Context(), d, "alice", "right"); err != nil {
		t.Errorf("the new hash is refused: %v", err)
	}
	wantUnauthorized(t, login(t.Context(), d, "alice", "wrong"))
}

// TestSHA512Crypt has hashes of other programs: glibc's crypt and the predecessor's passlib.
func TestSHA512Crypt(t *testing.T) {
	t.Parallel()
	for _, hash := range []string{
		"$6$saltsalt$gzY3OAolfMFSB9Ld7iMdOQlViFqO3IOPeU0zkHsD.58tcMxRAFD0Qjfi2sjus3i.8aqWarEvFPREqzp18Jm291",
		"$6$rounds=1000$saltsalt$dfMP2LY3oP.RCle.MrovYod7J5ZWd7wa2WJOtw1cdMugHgIZ8H3PUFaxN7fS6Rbcl4YomrlE/fCkobwA8g/as/",
		"$6$rounds=656000$saltsaltsaltsalt$iI3ZppryVUBzqhOC2aASFzcUW4rUDspt/VOKnbcr2U.XT4.Neyz5SZ9YF5alX18rLbsmhZVJzo2SpPVbZAU5T/",
	} {
		d := auth.NewDatabase(&users{hashes: map[string]string{"alice": hash}}, true)
		wantUnauthorized(t, login(t.Context(), d, "alice", "wrong"))
		if err := login(t.Context(), d, "alice", "right"); err != nil {
			t.Errorf("%.20s: %v", hash, err)
		}
	}
}

func TestUnknownHashLetsNobodyIn(t *testing.T) {
	t.Parallel()
	for _, hash := range []string{"", "plain", "$1$md5", "$argon2id$junk", "$6$", "$2a$junk"} {
		d := auth.NewDatabase(&users{hashes: map[string]string{"alice": hash}}, true)
		for _, password := range []string{"", "plain", hash} {
			if err := login(t.Context(), d, "alice", password); err == nil {
				t.Errorf("hash %q lets %q in", hash, password)
			}
		}
	}
}

func TestHashPassword(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", strings.Repeat("x", 1025)} {
		if _, err := auth.HashPassword(password); core.KindOf(err) != core.BadArgument {
			t.Errorf("%d bytes: %v", len(password), err)
		}
	}
	for _, password := range []string{"x", "pässwörd", strings.Repeat("x", 1024), "with\x00zero"} {
		hash, err := auth.HashPassword(password)
		if err != nil || !strings.HasPrefix(hash, "$argon2id$") {
			t.Fatalf("%q: %s, %v", password, hash, err)
		}
		d := auth.NewDatabase(&users{hashes: map[string]string{"alice": hash}}, true)
		if err := login(t.Context(), d, "alice", password); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}
