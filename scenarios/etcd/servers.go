package etcd

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// status is what a server says of itself.
type status struct {
	member   uint64 // its ID; 0 while it does not answer
	leader   uint64 // the ID of the member that it takes for the leader; 0 for none
	term     uint64
	revision int64
}

func (s *status) leads() bool  { return s.member != 0 && s.member == s.leader }
func (s *status) serves() bool { return s.member != 0 && s.leader != 0 }

// askStatus asks a server for its status.
func askStatus(ctx context.Context, c *http.Client, address string) (s status, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var r statusResponse
	if err := post(ctx, c, address, callStatus, struct{}{}, &r); err != nil {
		return s, err
	}
	return status{r.Header.Member, r.Leader, r.Header.Term, r.Header.Revision}, nil
}

// ask is the time between two requests for a server's status.
const ask = 20 * time.Millisecond

// poll asks one server for its status, and posts each change to the inbox. It does not ask a server
// that is down or paused, and ignores an answer if the server was killed or started before the
// answer is processed.
func (e *Engine) poll(i int) {
	c := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer c.CloseIdleConnections()
	var last status
	tick := time.NewTicker(ask)
	defer tick.Stop()
	server := e.cluster.servers[i]
	for first := true; ; first = false {
		var s status
		turns := server.Turns()
		switch {
		case server.Paused():
			s = last
		case server.Up():
			s, _ = askStatus(e.ctx, c, e.cluster.Address(i+1))
			if server.Paused() {
				s = last
			}
		}
		if first || s != last {
			last = s
			e.Post(false, func(at sim.Time) {
				if server.Turns() == turns {
					e.stands(i, s, at)
				}
			})
		}
		select {
		case <-tick.C:
		case <-e.ctx.Done():
			return
		}
	}
}

// stands records a server's status, and the beginning or the end of a reign that follows from it. A
// server reports the term of the last entry that it has applied (EtcdServer.apply). So a new leader
// that reports the term of another one, or one in which it has led before, has not applied its own
// first entry: it does not lead yet.
func (e *Engine) stands(i int, s status, at sim.Time) {
	id := zab.ID(i + 1)
	if s.leads() && (s.term <= e.over[id] || slices.ContainsFunc(e.reigns, func(r engine.Reign) bool {
		return r.Leader != id && r.Epoch >= uint32(s.term)
	})) {
		s.leader = 0
	}
	e.status[i] = s
	last := slices.IndexFunc(e.reigns, func(r engine.Reign) bool {
		return r.Leader == id && r.To < 0
	})
	switch {
	case s.leads() && (last < 0 || e.reigns[last].Epoch != uint32(s.term)):
		if last >= 0 {
			e.reigns[last].To = at
		}
		e.reigns = append(e.reigns, engine.Reign{
			Leader: id, Epoch: uint32(s.term), From: at, To: -1, Index: e.Next(),
		})
	case !s.leads() && last >= 0:
		e.reigns[last].To = at
		if s.member != 0 || !e.Up(name(i)) { // not if it only did not answer
			e.over[id] = uint64(e.reigns[last].Epoch)
		}
	}
}

// Serves reports whether every running server knows a leader, and one server leads.
func (e *Engine) Serves() bool {
	for i, s := range e.cluster.servers {
		if !e.status[i].serves() && s.Up() && !s.Paused() {
			return false
		}
	}
	return e.LeaderName() != ""
}

// ServerNames returns S1, S2 and so on.
func (e *Engine) ServerNames() (names []string) {
	for i := range e.cluster.servers {
		names = append(names, name(i))
	}
	return names
}

func name(i int) string { return engine.ServerName(zab.ID(i + 1)) }

// number is a server's number, from 1; 0 for any other name.
func (e *Engine) number(server string) int { return slices.Index(e.ServerNames(), server) + 1 }

// Up reports whether a server's process exists.
func (e *Engine) Up(server string) bool {
	n := e.number(server)
	return n > 0 && e.cluster.servers[n-1].Up()
}

// LeaderName returns the name of the leader with the highest term; empty if no server leads.
func (e *Engine) LeaderName() string {
	best := -1
	for i := range e.status {
		if s := &e.status[i]; s.leads() && e.Up(name(i)) &&
			(best < 0 || s.term > e.status[best].term) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return name(best)
}

// FollowerName returns the name of the follower with the lowest number; empty if no server follows.
func (e *Engine) FollowerName() string {
	for i := range e.status {
		if e.Stands(name(i), zab.Following) {
			return name(i)
		}
	}
	return ""
}

// Stands reports whether a server is in the given state, Following or Looking. A server counts as
// looking if it is up and knows no leader.
func (e *Engine) Stands(server string, as zab.State) bool {
	n := e.number(server)
	if n == 0 || !e.Up(server) {
		return false
	}
	s := &e.status[n-1]
	if as == zab.Following {
		return s.serves() && !s.leads()
	}
	return as == zab.Looking && !s.serves()
}
