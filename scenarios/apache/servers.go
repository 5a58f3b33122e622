package apache

import (
	"slices"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// poll asks one server for its status every 15 ms, and posts each change to the inbox. It does not
// ask a server that is down or paused, and ignores an answer if the server was killed or started
// before the answer is processed.
func (e *Engine) poll(i int) {
	var last Status
	var lastEpoch uint32
	tick := time.NewTicker(ask)
	defer tick.Stop()
	for first := true; ; first = false {
		var s Status
		var n uint32
		turns := e.turns(i)
		switch {
		case e.private != nil && e.private.Paused(i+1):
			s, n = last, lastEpoch
		case e.private == nil || e.private.Up(i+1):
			s, _ = AskStatus(e.addresses[i]) // a server that does not answer does not serve
			if n = uint32(s.Zxid >> 32); e.private != nil && s.Serves() {
				n = epoch(e.private.servers[i].dir)
			}
			if e.private != nil && e.private.Paused(i+1) {
				s, n = last, lastEpoch
			}
		}
		if first || s != last || n != lastEpoch {
			last, lastEpoch = s, n
			e.Post(false, func(at sim.Time) {
				if e.turns(i) == turns {
					e.stands(i, s, n, at)
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

func (e *Engine) turns(i int) int {
	if e.private == nil {
		return 0
	}
	return e.private.turns(i + 1)
}

// stands records a server's status and epoch, and the beginning or the end of a reign that follows
// from them.
func (e *Engine) stands(i int, s Status, epoch uint32, at sim.Time) {
	e.status[i], e.epochs[i] = s, epoch
	id := zab.ID(i + 1)
	last := -1
	for k := range e.reigns {
		if e.reigns[k].Leader == id && e.reigns[k].To < 0 {
			last = k
		}
	}
	switch {
	case s.Leads() && (last < 0 || e.reigns[last].Epoch != epoch):
		if last >= 0 {
			e.reigns[last].To = at
		}
		e.reigns = append(e.reigns, engine.Reign{
			Leader: id, Epoch: epoch, From: at, To: -1, Index: e.Next(),
		})
	case !s.Leads() && last >= 0:
		e.reigns[last].To = at
	}
}

// Serves reports whether every running server serves clients, and one server leads.
func (e *Engine) Serves() bool {
	for i := range e.status {
		if !e.status[i].Serves() &&
			(e.private == nil || e.private.Up(i+1) && !e.private.Paused(i+1)) {
			return false
		}
	}
	return e.LeaderName() != ""
}

// ServerNames returns S1, S2 and so on, in the order of the servers' addresses.
func (e *Engine) ServerNames() (names []string) {
	for i := range e.addresses {
		names = append(names, name(i))
	}
	return names
}

func name(i int) string { return engine.ServerName(zab.ID(i + 1)) }

// number is a server's number, from 1; 0 for any other name.
func (e *Engine) number(server string) int { return slices.Index(e.ServerNames(), server) + 1 }

// Up reports whether a server's process exists. Servers that the lab did not start count as up.
func (e *Engine) Up(server string) bool {
	n := e.number(server)
	return n > 0 && (e.private == nil || e.private.Up(n))
}

// LeaderName returns the name of the leader with the highest epoch; empty if no server leads.
func (e *Engine) LeaderName() string {
	best := -1
	for i, s := range e.status {
		if s.Leads() && e.Up(name(i)) && (best < 0 || e.epochs[i] > e.epochs[best]) {
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
	for i, s := range e.status {
		if s.Mode == "follower" && e.Up(name(i)) {
			return name(i)
		}
	}
	return ""
}

// Stands reports whether the state of a server is the given one, Following or Looking. A server
// that is up but does not serve clients counts as looking.
func (e *Engine) Stands(server string, as zab.State) bool {
	n := e.number(server)
	if n == 0 || !e.Up(server) {
		return false
	}
	if as == zab.Following {
		return e.status[n-1].Mode == "follower"
	}
	return as == zab.Looking && !e.status[n-1].Serves()
}
