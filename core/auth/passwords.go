package auth

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/GehirnInc/crypt/sha512_crypt"
	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/bcrypt"

	"github.com/CCI-MOC/haas/core"
)

// maxPassword bounds what is hashed: a hash of a long text costs memory and time for nothing.
const maxPassword = 1024

// HashPassword makes the hash that is stored for a password: argon2id in PHC form.
func HashPassword(password string) (string, error) {
	switch {
	case password == "":
		return "", core.FieldErrorf(core.BadArgument, "password", "must not be empty")
	case len(password) > maxPassword:
		return "", core.FieldErrorf(core.BadArgument, "password", "must not be longer than %d bytes", maxPassword)
	}
	hash, err := argon2id.CreateHash(password, argon2id.DefaultParams)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// verifyPassword compares a password with a stored hash: argon2id, bcrypt, or the predecessor's sha512_crypt. stale says
// that the hash should be replaced by one of HashPassword. A password that HashPassword would refuse is never right.
func verifyPassword(hash, password string) (ok, stale bool, err error) {
	if password == "" || len(password) > maxPassword {
		return false, false, nil
	}
	switch {
	case strings.HasPrefix(hash, "$argon2id$"):
		ok, err = argon2id.ComparePasswordAndHash(password, hash)
	case strings.HasPrefix(hash, "$6$"):
		ok, err = compareSHA512Crypt(hash, password)
		stale = true
	case strings.HasPrefix(hash, "$2"):
		ok, err = compared(bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)), bcrypt.ErrMismatchedHashAndPassword)
	default:
		err = errors.New("the stored password hash is of no known kind")
	}
	return ok, stale, err
}

// compareSHA512Crypt hashes again and compares: the library's own Verify misreads a hash that names its rounds and has
// a salt of less than 16 characters.
func compareSHA512Crypt(hash, password string) (bool, error) {
	salt := hash[:strings.LastIndexByte(hash, '$')]
	again, err := sha512_crypt.New().Generate([]byte(password), []byte(salt))
	return subtle.ConstantTimeCompare([]byte(again), []byte(hash)) == 1, err
}

// compared turns a comparison that reports a mismatch as an error into a yes or no.
func compared(err, mismatch error) (bool, error) {
	if errors.Is(err, mismatch) {
		return false, nil
	}
	return err == nil, err
}
