package elect

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Fenced is a lock whose holder writes to a resource outside the ensemble, with the lock's fencing
// token. A holder that is paused or cut off does not know that it has lost the lock (H2), so the
// lock alone does not protect the resource. The resource must refuse a token that is older than one
// it has accepted. Guard says who checks what. Only [Durably] protects the resource.
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

// Guard says who checks whether a writer still holds the lock.
type Guard uint8

// The guards.
const (
	// Durably: the resource keeps the newest token with its data, and compares each write's token
	// with it in one step.
	Durably Guard = iota
	// Unguarded: nobody checks. A late write of an old holder overwrites its successor's.
	Unguarded
	// ByHolder: the holder looks whether its node still exists, right before each write. The lock can
	// be lost between the look and the write.
	ByHolder
	// InMemory: the resource compares tokens, but keeps the newest one in memory. After a restart it
	// accepts the old holder's write.
	InMemory
)

// checks has the check that the resource makes, by guard.
var checks = [...]client.Check{
	Durably: client.CheckDurable, Unguarded: client.CheckNothing, ByHolder: client.CheckNothing,
	InMemory: client.CheckInMemory,
}

// Run acquires the lock, writes, and releases it, again and again, until its session is over and no
// new session follows.
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
