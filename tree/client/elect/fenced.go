package elect

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Fenced is a lock whose holder writes to a resource outside the ensemble, with the lock's fencing
// token. A holder that is paused or cut off does not know that it has lost the lock (hazard H2 of
// package client), so the lock alone does not protect the resource. The resource must refuse every
// token that is older than the newest token it has accepted. The field Guard says who checks
// whether a write is allowed. Only the guard [Durably] protects the resource.
//
// Source: M. Kleppmann, How to do distributed locking, 2016; M. Burrows, The Chubby lock service for
// loosely-coupled distributed systems, OSDI 2006, section 2.4 (sequencers).
type Fenced struct {
	Path     string // of the lock
	Resource string // that the holder writes to
	Guard    Guard
	// Flight is how long a write is under way at most, from the holder's last look to the resource,
	// default 200 ms. A pause of the holder comes on top.
	Flight sim.Time
	// Writes is how many writes a holder makes before it releases the lock, default 5.
	Writes int
	// Restarts is after how many writes the resource restarts, on average; 0 means never.
	Restarts int
}

// Guard says who checks, before a write, whether the writer still holds the lock.
type Guard uint8

// These are the guards.
const (
	// Durably means that the resource checks the token of each write. It stores the newest token
	// together with its data, and compares and writes in one step.
	Durably Guard = iota
	// Unguarded means that nobody checks whether the writer still holds the lock. A late write of
	// an old holder overwrites what its successor has written.
	Unguarded
	// ByHolder means that the holder checks whether its node still exists, right before each write.
	// The holder can lose the lock between this check and the write.
	ByHolder
	// InMemory means that the resource checks the token of each write, but keeps the newest token
	// only in memory. After a restart the resource accepts a write of an old holder.
	InMemory
)

// checks has the check that the resource makes, by guard.
var checks = [...]client.Check{
	Durably: client.CheckDurable, Unguarded: client.CheckNothing, ByHolder: client.CheckNothing,
	InMemory: client.CheckInMemory,
}

// Run acquires the lock, writes, and releases the lock, again and again, until its session is over
// and its client opens no new session.
func (f Fenced) Run(p *client.Proc) {
	if f.Flight == 0 {
		f.Flight = 200 * sim.Millisecond
	}
	if f.Writes == 0 {
		f.Writes = 5
	}
	for p.WaitConnected() {
		held, err := client.Lock{Path: f.Path}.Acquire(p)
		if err != nil {
			return
		}
		p.Hold(held.Node)
		for n := 0; n < f.Writes && held.Still(); n++ {
			if f.Guard == ByHolder && !f.looks(p, held) {
				break
			}
			p.Sleep(p.Rand().Between(0, f.Flight))
			restarted := f.Restarts > 0 && p.Rand().Intn(f.Restarts) == 0
			if !p.UseAs(client.Use{Resource: f.Resource, Token: held.Token,
				Check: checks[f.Guard], Restarted: restarted}) {
				break // the resource has a newer holder
			}
		}
		p.Believe(false)
		held.Release()
	}
}

// looks asks the ensemble whether the holder's node still exists.
func (f Fenced) looks(p *client.Proc, held *client.Held) bool {
	if err := p.Sync(held.Node); err != nil {
		return false
	}
	found, _, err := p.Exists(held.Node)
	return err == nil && found
}
