package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// errNoPostgres says that the programs are not on this machine.
var errNoPostgres = errors.New("PostgreSQL is not installed")

// patience bounds the start of a cluster and each statement about databases, on a machine that is busy with tests.
const patience = time.Minute

// poll is how often a starting cluster is asked whether it answers.
const poll = 20 * time.Millisecond

// superuser is the role that owns everything in the cluster.
const superuser = "haas"

// cluster is a running PostgreSQL server whose data is in a temporary folder.
type cluster struct {
	dir string
	bin string
	// as is whom the server runs as: it refuses root. nil for the user who runs the tests.
	as   *syscall.Credential
	cmd  *exec.Cmd
	said bytes.Buffer
	// ended is closed when the server has ended.
	ended chan struct{}
}

func startCluster() (*cluster, error) {
	c := &cluster{ended: make(chan struct{})}
	steps := []func() error{c.findPrograms, c.chooseUser, c.makeFolder, c.initialise, c.launch, c.await}
	for _, step := range steps {
		if err := step(); err != nil {
			c.stop()
			return nil, err
		}
	}
	return c, nil
}

func (c *cluster) findPrograms() error {
	// Debian keeps each version's programs outside the PATH; the newest comes last.
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		return errNoPostgres
	}
	c.bin = filepath.Dir(found[len(found)-1])
	return nil
}

func (c *cluster) chooseUser() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("PostgreSQL refuses to run as root, and there is no user postgres: %w", err)
	}
	uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
	c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return errors.Join(errUID, errGID)
}

func (c *cluster) makeFolder() (err error) {
	if c.dir, err = os.MkdirTemp("", "haas-postgres-"); err != nil || c.as == nil {
		return err
	}
	return os.Chown(c.dir, int(c.as.Uid), int(c.as.Gid))
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) initialise() error {
	// A collation that is not by byte, as most installations have, shows who forgot to ask for one.
	cmd := c.command("initdb", "--pgdata", c.data(), "--username", superuser, "--auth", "trust", "--no-sync",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en-US")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// launch starts the server on a thread that lives as long as the server does: the kernel ends the server when the
// thread that started it ends, which is at the latest when the test binary does, however that ends.
func (c *cluster) launch() error {
	c.cmd = c.command("postgres", "-D", c.data(), "-k", c.dir, "-c", "listen_addresses=", "-c", "max_connections=500",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "autovacuum=off", "-c", "deadlock_timeout=50ms")
	c.cmd.Stdout, c.cmd.Stderr = &c.said, &c.said
	c.cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer close(c.ended)
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait() // what it said is shown where it matters
		}
	}()
	return <-started
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"LC_ALL=C.UTF-8", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

// await waits until the server answers.
func (c *cluster) await() error {
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		err := c.exec("SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-c.ended:
			return fmt.Errorf("postgres ended: %s", c.said.String())
		case <-limit.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-tick.C:
		}
	}
}

// uri is the URI of one of the cluster's databases, over its socket.
func (c *cluster) uri(database string) string {
	query := url.Values{"host": {c.dir}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgresql", User: url.User(superuser), Host: "", Path: "/" + database, RawQuery: query.Encode()}).String()
}

// stop ends the server at once and removes its data.
func (c *cluster) stop() {
	if c.cmd != nil && c.cmd.Process != nil {
		_ = c.cmd.Process.Signal(syscall.SIGQUIT) // it may have ended already
		<-c.ended
	}
	_ = os.RemoveAll(c.dir) // a leftover in the temporary folder harms nobody
}
