package client

import "github.com/zablab/zablab/sim"

// Primary is a program that holds a lock for life, as a database's primary does: to change places
// is dear, so it is left only by dying, or by losing the session. serve is what it does meanwhile,
// and may be nil; it should return when held is [Held.Still] no more. That of the next primary may
// begin before this one knows (H2): show [Held.Token] to whatever serve writes to.
func Primary(l Lock, serve func(p *Proc, held *Held)) func(*Proc) {
	return func(p *Proc) {
		for {
			held, err := l.Acquire(p)
			if err != nil {
				return
			}
			p.Hold(held.Node)
			if serve != nil {
				serve(p, held)
			}
			p.Until(sim.Never, func() bool { return !held.Still() })
			p.Believe(false)
		}
	}
}

// Worker is a program that gets a lock, does one job, gives the lock back and stands in line
// again, behind all the others: so they take turns. It does that for a number of jobs, or, if that
// is 0, as long as there is a session.
//
// A worker that dies in the middle of its job leaves the lock to the next one when its session
// expires, and the job half done. The lock does not tell the next one how far it came: a job must
// be one that may be begun again.
func Worker(l Lock, jobs int, job func(p *Proc, held *Held)) func(*Proc) {
	return func(p *Proc) {
		for n := 0; jobs == 0 || n < jobs; n++ {
			held, err := l.Acquire(p)
			if err != nil {
				return
			}
			p.Hold(held.Node)
			job(p, held)
			p.Believe(false) // before the lock is free, lest two seem to have it
			held.Release()
		}
	}
}
