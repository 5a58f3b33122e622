package client

import "github.com/zablab/zablab/sim"

// Primary returns a program that holds a lock for life, as the primary server of a database does:
// fail-over is expensive, so only death or the loss of the session ends it. While the program holds
// the lock it runs the function serve, if not nil, which should return when [Held.Still] is false.
// The next primary may begin before this one learns of its loss (H2): send [Held.Token] to the
// resource that serve writes to.
func Primary(l Lock, serve func(p *Proc, held *Held)) func(*Proc) {
	return func(p *Proc) {
		for {
			held, err := l.Acquire(p)
			if err != nil {
				return
			}
			p.leads(held.Node)
			if serve != nil {
				serve(p, held)
			}
			held.holds(true, false)
			p.Until(sim.Never, held.hears)
			p.believe(false)
			held.letsGo()
		}
	}
}

// Worker returns a program that acquires a lock, does one job, releases the lock and queues again
// after all other workers, so that they take turns. It does so for a number of jobs, or, if jobs is
// 0, until its session ends.
//
// A worker that dies during its job leaves the job half done; when its session expires, the next
// worker gets the lock. The lock does not record progress, so a job must be restartable.
func Worker(l Lock, jobs int, job func(p *Proc, held *Held)) func(*Proc) {
	return func(p *Proc) {
		for n := 0; jobs == 0 || n < jobs; n++ {
			held, err := l.Acquire(p)
			if err != nil {
				return
			}
			p.leads(held.Node)
			job(p, held)
			p.believe(false) // before the lock is free, so that two workers never seem to hold it
			held.Release()
		}
	}
}
