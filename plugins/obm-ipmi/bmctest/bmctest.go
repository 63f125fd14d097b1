// Package bmctest is a controller (BMC) and its machine in memory, for tests and simulations: it speaks IPMI 2.0 over UDP
// to any client, on the server half of go-ipmi. It is not for the quirks of real controllers but those it names, and its
// sessions are those of the same library as the driver's: a second opinion is OpenIPMI's ipmi_sim.
package bmctest

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/bougou/go-ipmi/pkg/bmc"
	"github.com/bougou/go-ipmi/pkg/clock"
	"github.com/bougou/go-ipmi/pkg/server"
	"github.com/bougou/go-ipmi/pkg/types"
)

// How often output of a console is sent again that nobody acknowledges, and after how long, in units of 10 ms: as often
// as the controllers of Dell's servers do. Then it is lost.
const (
	retries       = 7
	retryInterval = 48
)

// User is an account on a controller.
type User struct {
	Name, Password string
	// Privilege is the most that the account may do; absent, Administrator.
	Privilege bmc.PrivilegeLevel
}

// Options are what a controller is made of.
type Options struct {
	// Users are its accounts.
	Users []User
	// Sessions is how many it has room for; absent, four, which the standard demands.
	Sessions int
	// Suites are the cipher suites it knows; absent, all that go-ipmi does.
	Suites []types.CipherSuiteID
	// Latency is how long it takes to answer.
	Latency time.Duration
	// Machine is what it controls; absent, one that echoes what is typed on its serial line.
	Machine Machine
}

// Controller is a simulated controller.
type Controller struct {
	options Options
	socket  *socket
	chassis *chassis
	serial  *serial
	stored  *stored

	mu      sync.Mutex // guards the fields below
	bmc     *bmc.BMC
	server  *server.Server
	running sync.WaitGroup
}

// Listen starts a controller at a UDP address, such as 127.0.0.1:0.
func Listen(address string, o Options) (*Controller, error) {
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, err
	}
	if o.Machine == nil {
		o.Machine = &Echo{}
	}
	c := &Controller{
		options: o, socket: &socket{UDPConn: conn, latency: o.Latency}, chassis: &chassis{machine: o.Machine}, serial: &serial{machine: o.Machine},
		stored: newStored(),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.boot(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// boot starts the controller without sessions. It is called with the lock held.
func (c *Controller) boot() error {
	info := bmc.DeviceInfo{DeviceID: 32, DeviceRevision: 1, FirmwareMajor: 1, IPMIVersion: 0x20, ManufacturerID: 0x157, ProductID: 1}
	c.bmc = bmc.New(info, [16]byte{'h', 'a', 'a', 's'}, hardware{c}, bmc.WithClock(clock.Real))
	if c.options.Sessions > 0 {
		c.bmc.Sessions = bmc.NewSessionStoreWithOptions(clock.Real, bmc.WithMaxSessions(c.options.Sessions))
		c.bmc.Sessions.SetOnRemove(c.bmc.SOL.DeactivateBySession)
	}
	for i, u := range c.options.Users {
		if err := addUser(c.bmc, uint8(i+2), u); err != nil {
			return err
		}
	}
	if len(c.options.Suites) > 0 {
		c.bmc.SetCipherSuites(c.options.Suites)
	}
	if code := c.bmc.SOL.Config().SetParam(4, []byte{retries, retryInterval}); code != types.CodeOK {
		return code
	}
	view := c.socket.view()
	c.server = server.NewServer(c.bmc, view, server.WithHandlerRegistry(c.commands()))
	s := c.server
	c.running.Go(func() { _ = s.Serve(context.Background()) }) // it ends with Close
	return nil
}

func addUser(b *bmc.BMC, id uint8, u User) error {
	account, err := b.Users.Add(id, u.Name)
	if err != nil {
		return err
	}
	if u.Privilege == 0 {
		u.Privilege = bmc.PrivilegeLevelAdministrator
	}
	account.SetPassword([]byte(u.Password))
	account.Enabled = true
	account.ChannelAccess[1] = bmc.UserChannelAccess{MaxPrivilege: u.Privilege, Enabled: true}
	return nil
}

// Address is where the controller listens.
func (c *Controller) Address() *net.UDPAddr { return c.socket.LocalAddr().(*net.UDPAddr) }

// Sessions counts those under way, half-open ones included.
func (c *Controller) Sessions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bmc.Sessions.Count()
}

// Restart makes the controller forget its sessions, as a firmware update does; the machine does not notice.
func (c *Controller) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.halt(); err != nil {
		return err
	}
	return c.boot()
}

func (c *Controller) halt() error {
	err := c.server.Close()
	c.running.Wait()
	return err
}

// SetDeaf makes the controller a black hole, or lets it hear again.
func (c *Controller) SetDeaf(deaf bool) { c.socket.deaf.Store(deaf) }

// SetDumb lets the controller hear and obey, but not answer, or lets it speak again.
func (c *Controller) SetDumb(dumb bool) { c.socket.dumb.Store(dumb) }

// Close stops the controller.
func (c *Controller) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.halt() // the socket is what counts
	return c.socket.Close()
}
