package client

import "github.com/zablab/zablab/sim"

// Primary returns a program that acquires a lock and never releases it, like the primary server of
// a database: fail-over is expensive, so the program stays primary until its process dies or its
// session ends. While the program holds the lock, it runs the function serve, which may be nil.
// serve should return when [Held.Still] is false. The next primary may start before this program
// learns that its session has ended (hazard H2), so serve should send [Held.Token] with every write
// to a resource.
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

// Worker returns a program that acquires a lock, does one job, releases the lock and joins the end
// of the line again, so that the workers take turns. The program returns after the given number of
// jobs (0 means no limit), or when its session ends and its client opens no new session.
//
// If a worker dies during its job, the job stays half done. When the worker's session expires, the
// next worker gets the lock. The lock does not record progress, so it must be possible to start a
// job again.
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
