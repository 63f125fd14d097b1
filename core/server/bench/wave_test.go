package bench_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/CCI-MOC/haas/core"
)

const (
	// watchers is how many clients of a wave ask at once how their actions are going, every poll; more would take the
	// processor from those watched.
	watchers = 16
	// clientPoll is how often each of them asks.
	clientPoll = 10 * time.Millisecond
)

// post is a node on a port of a simulated switch, with the client who wants it on networks.
type post struct {
	at              *rack
	node, port, url string
}

// call is a connection with the server for as long as something lasts. In between the server would end it.
func (p *post) call(something func(*client) error) error {
	c, err := open(p.url)
	if err != nil {
		return err
	}
	defer func() { _ = c.conn.Close() }() // nothing is lost
	return something(c)
}

// act makes a networking request, and gives its action.
func (p *post) act(verb string, network int) (action string, err error) {
	body := fmt.Sprintf(`{"network": %q}`, tenantLabel(network))
	err = p.call(func(c *client) error {
		answer, err := c.do(request(http.MethodPost, "/v0/node/"+p.node+"/nic/eth0/"+verb+"_network", body))
		if err != nil {
			return err
		}
		var got struct {
			ID string `json:"status_id"`
		}
		err = json.Unmarshal([]byte(answer), &got)
		action = got.ID
		return err
	})
	return action, err
}

// follow waits until an action is done.
func (p *post) follow(action string) error {
	return p.call(func(c *client) error {
		return within(patience, "an action of "+p.node+" ends", func() (bool, error) {
			status, err := c.state(action)
			return status == core.Done, err
		})
	})
}

// pending wants an action not to have ended.
func (p *post) pending(action string) error {
	return p.call(func(c *client) error {
		status, err := c.state(action)
		if err == nil && status != core.Pending {
			err = fmt.Errorf("an action of %s is %s", p.node, status)
		}
		return err
	})
}

// state asks once how an action is going. That it failed is an error.
func (c *client) state(action string) (core.ActionStatus, error) {
	answer, err := c.do(request(http.MethodGet, "/v0/networking_action/"+action, ""))
	if err != nil {
		return "", err
	}
	var got struct {
		Status core.ActionStatus
		Error  string
	}
	if err = json.Unmarshal([]byte(answer), &got); err == nil && got.Status == core.Failed {
		err = errors.New(got.Error)
	}
	return got.Status, err
}

// within waits until what is asked about is so.
func within(limit time.Duration, what string, so func() (bool, error)) error {
	for began := time.Now(); time.Since(began) < limit; {
		if ok, err := so(); ok || err != nil {
			return err
		}
		<-time.After(clientPoll)
	}
	return fmt.Errorf("not within %v: %s", limit, what)
}

// wave is clients who all ask at the same moment.
type wave struct {
	posts []*post
	// networks is how many networks the posts want, in equal blocks; if it is 0, all want one, another in each round.
	networks int
	// figure is what counts of the times until each had what it wanted.
	figure func([]time.Duration) time.Duration
	// before is what must be so before they ask; it may be nil.
	before func() error
}

// network is what a post wants.
func (w *wave) network(i, round int) int {
	if w.networks == 0 {
		return round % tenants
	}
	for n := range w.networks {
		if i < blocked(n+1, len(w.posts), w.networks) {
			return n
		}
	}
	return 0
}

// rush is one request of all. It is wrong if a port does not carry in the end what it should.
func (w *wave) rush(verb string, round int) (time.Duration, error) {
	if w.before != nil {
		if err := w.before(); err != nil {
			return 0, err
		}
	}
	took, failures := make([]time.Duration, len(w.posts)), make([]error, len(w.posts))
	watching := make(chan struct{}, watchers)
	var all sync.WaitGroup
	began := time.Now()
	for i, p := range w.posts {
		all.Go(func() {
			action, err := p.act(verb, w.network(i, round))
			if err == nil {
				watching <- struct{}{}
				err = p.follow(action)
				<-watching
			}
			took[i], failures[i] = time.Since(began), err
		})
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		return 0, err
	}
	return w.figure(took), w.check(verb, round)
}

func (w *wave) check(verb string, round int) error {
	var wrong []error
	for i, p := range w.posts {
		vlan := 0
		if verb == "connect" {
			vlan = vlanOf(w.network(i, round))
		}
		wrong = append(wrong, carries(p.at, p.port, vlan))
	}
	return errors.Join(wrong...)
}

// times are those of connecting and of detaching, in milliseconds.
type times struct{ in, out float64 }

// tides lets each wave connect and detach in turns, and gives the medians. The first round only warms up.
func tides(n int, waves ...*wave) ([]times, error) {
	in, out := make([][]time.Duration, len(waves)), make([][]time.Duration, len(waves))
	for round := range n + 1 {
		for i, w := range waves {
			connected, err := w.rush("connect", round)
			if err != nil {
				return nil, err
			}
			detached, err := w.rush("detach", round)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				in[i], out[i] = append(in[i], connected), append(out[i], detached)
			}
		}
	}
	found := make([]times, len(waves))
	for i := range waves {
		found[i] = times{milliseconds(median(in[i])), milliseconds(median(out[i]))}
	}
	return found, nil
}

// p95 is the time that all but a twentieth kept to.
func p95(took []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(took))[(len(took)*95+99)/100-1]
}

// last is the time when all were done.
func last(took []time.Duration) time.Duration { return slices.Max(took) }
