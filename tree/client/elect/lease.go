package elect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Lease is the election of Kubernetes' client-go on a Lease object. Here the object is a persistent
// node, and the node's version is the resourceVersion. A record in the node says who leads and for
// how long; every write of the record is a compare-and-swap. The leader renews the record every
// RetryPeriod. The other candidates read the record every RetryPeriod, with jitter, and note by
// their own clocks when the record last changed. If the record has not changed for the duration
// that is written in it, these candidates try to write their own names into the record.
//
// Each program uses only its own clock. The clocks may show different times, but must run at
// similar rates: a leader stops when it has not renewed the record for RenewDeadline, and other
// candidates try to take over after Duration. Two leaders can act at the same time if a leader is
// paused, or if one clock runs more than Duration/RenewDeadline times as fast as another. A comment
// in client-go says: "this implementation does not guarantee that only one client is acting as a
// leader". So the program marks its leadership as a [client.Lease]. For a lease, package
// linearizability/promise allows several leaders at the same time, and requires only that a leader
// stops in time ([client.Mark.Renews]). [Term.Token] is one more than the number of times that the
// leader has changed. A resource could use this number as a fencing token, but Kubernetes does not.
//
// A Kubernetes API server has no sessions. So here a leader's term does not end with the session of
// its client: only the record and the leader's clock end it.
//
// Source: k8s.io/client-go master (commit 32ce75a), tools/leaderelection: acquire, renew, tryAcquireOrRenew, tryRelease.
type Lease struct {
	Path string // of the node with the record
	// Duration is how long the others leave an unchanged record alone, default 15 s.
	Duration sim.Time
	// RenewDeadline is how long a leader tries to renew before it stops, default 10 s. It must be
	// shorter than Duration.
	RenewDeadline sim.Time
	// RetryPeriod is the time between two attempts, default 2 s. RenewDeadline must be longer than
	// 1.2 times RetryPeriod.
	RetryPeriod sim.Time
	// Hold is how long a leader leads before it resigns, which ends Run; 0 means for ever.
	Hold sim.Time
	// Keep makes a leader that stops leave its record as it is, so that the others wait for
	// Duration. That is client-go's default; the opposite is its ReleaseOnCancel.
	Keep bool
	// NoDeadline makes a leader go on until it reads that another one leads. Without a deadline a
	// leader that is cut off leads as long as it is cut off.
	NoDeadline bool
}

// Defaults are the times of client-go's users (LeaseDuration, RenewDeadline, RetryPeriod).
const (
	defaultDuration = 15 * sim.Second
	defaultDeadline = 10 * sim.Second
	defaultRetry    = 2 * sim.Second
)

// record is what the node of a lease holds.
type record struct {
	holder      string   // empty if the lease is released
	duration    sim.Time // for which others leave it alone
	renewed     sim.Time // by the holder's clock: others only see that it changes
	transitions int64
}

// String is the record as a node has it.
func (r record) String() string {
	return fmt.Sprintf("%s %d %d %d", r.holder, r.duration, r.renewed, r.transitions)
}

func parseRecord(data []byte) (r record) {
	words := strings.Split(string(data), " ")
	if len(words) != 4 {
		return record{}
	}
	number := func(s string) int64 {
		n, _ := strconv.ParseInt(s, 10, 64)
		return n
	}
	return record{words[0], sim.Time(number(words[1])), sim.Time(number(words[2])),
		number(words[3])}
}

// elector is a candidate for a lease, with what it has observed.
type elector struct {
	Lease
	p        *client.Proc
	observed record
	version  int32
	at       sim.Time // when it has observed a change, by the local clock
}

// Check returns an error if Duration, RenewDeadline and RetryPeriod contradict each other.
func (l *Lease) Check() error {
	def := func(t *sim.Time, d sim.Time) {
		if *t == 0 {
			*t = d
		}
	}
	def(&l.Duration, defaultDuration)
	def(&l.RenewDeadline, defaultDeadline)
	def(&l.RetryPeriod, defaultRetry)
	switch {
	case l.Duration <= l.RenewDeadline:
		return fmt.Errorf("lease %s: Duration %s must be longer than RenewDeadline %s", l.Path,
			l.Duration, l.RenewDeadline)
	case l.RenewDeadline*10 <= l.RetryPeriod*12:
		return fmt.Errorf("lease %s: RenewDeadline %s must be longer than 1.2 times RetryPeriod %s",
			l.Path, l.RenewDeadline, l.RetryPeriod)
	}
	return nil
}

// Run takes part in elections until the program has led for the time Hold, or until its session is
// over and its client opens no new session. It panics if [Lease.Check] returns an error.
func (l Lease) Run(p *client.Proc) {
	if err := l.Check(); err != nil {
		panic(err)
	}
	e := &elector{Lease: l, p: p}
	m := client.Mark{Office: l.Path, As: client.Lease}
	campaign(p, m, func() bool {
		if !e.try(p.Now() + l.RenewDeadline) {
			p.Sleep(e.jitter())
			return false
		}
		return e.lead(m)
	})
}

// jitter is the time until a candidate's next attempt: RetryPeriod and up to 1.2 times as much more.
func (e *elector) jitter() sim.Time {
	return e.RetryPeriod + e.p.Rand().Between(0, e.RetryPeriod*12/10)
}

// lead leads until the lease is lost, and reports whether the leader has led for Hold.
func (e *elector) lead(m client.Mark) (resigned bool) {
	m.Renews = e.RenewDeadline
	t := &Term{p: e.p, mark: m, deaf: true, // only the clock and the record end it
		Token: e.observed.transitions + 1} // 0 would mean that there is no token
	t.serve(e.Hold, func(p *client.Proc, t *Term) {
		for t.Still() && e.renew() {
			p.Sleep(min(e.RetryPeriod, t.until-p.Now()))
		}
	})
	if resigned = !t.Still(); resigned && !e.Keep {
		e.release()
	}
	return resigned
}

// renew tries to renew the lease until RenewDeadline is over. It reports whether it has.
func (e *elector) renew() bool {
	deadline := e.p.Now() + e.RenewDeadline
	if e.NoDeadline {
		deadline = sim.Never
	}
	for e.p.Now() < deadline {
		if e.try(deadline) {
			return true
		}
		if e.NoDeadline && !e.leads() {
			return false
		}
		e.p.Sleep(min(e.RetryPeriod, deadline-e.p.Now()))
	}
	return false
}

// try tries once to acquire or to renew the lease, and gives up at a deadline. A write that is not
// answered before may still happen: then the record names a leader that does not know that it
// leads.
func (e *elector) try(deadline sim.Time) bool {
	if e.leads() && e.valid() && e.update(deadline) {
		return true
	}
	get := e.call(tree.Op{Type: tree.OpGetData, Path: e.Path}, deadline)
	if get.Outcome == client.Pending || get.Err() != nil {
		if get.Outcome == client.Failed && get.Code == tree.NoNode {
			return e.create(deadline)
		}
		return false
	}
	if r := parseRecord(get.Result.Data); r != e.observed || e.version != get.Result.Stat.Version {
		e.observe(r, get.Result.Stat.Version)
	}
	if e.observed.holder != "" && e.valid() && !e.leads() {
		return false
	}
	return e.update(deadline)
}

func (e *elector) leads() bool { return e.observed.holder == e.p.Name() }

// valid reports whether the record has changed within its duration, by the local clock.
func (e *elector) valid() bool { return e.p.Now() < e.at+e.observed.duration }

func (e *elector) observe(r record, version int32) {
	e.observed, e.version, e.at = r, version, e.p.Now()
}

// create makes the first record.
func (e *elector) create(deadline sim.Time) bool {
	return e.write(tree.Op{Type: tree.OpCreate2, ACL: tree.OpenACL},
		record{e.p.Name(), e.Duration, e.p.Now(), 0}, deadline)
}

// update writes a record of the candidate's own over the one that it has observed, if nobody has
// written since.
func (e *elector) update(deadline sim.Time) bool {
	r := record{e.p.Name(), e.Duration, e.p.Now(), e.observed.transitions}
	if !e.leads() {
		r.transitions++
	}
	return e.swap(r, deadline)
}

func (e *elector) swap(r record, deadline sim.Time) bool {
	return e.write(tree.Op{Type: tree.OpSetData, Version: e.version}, r, deadline)
}

// write writes a record by an operation, and observes the record if the operation has succeeded.
func (e *elector) write(op tree.Op, r record, deadline sim.Time) bool {
	op.Path, op.Data = e.Path, []byte(r.String())
	call := e.call(op, deadline)
	if call.Outcome != client.OK {
		return false
	}
	e.observe(r, call.Result.Stat.Version)
	return true
}

// release writes a record without a holder, so that the others need not wait.
func (e *elector) release() {
	if e.leads() {
		e.swap(record{"", sim.Second, e.p.Now(), e.observed.transitions},
			e.p.Now()+e.RenewDeadline)
	}
}

// call starts an operation and waits for its answer, but not beyond a deadline.
func (e *elector) call(op tree.Op, deadline sim.Time) *client.Call {
	call := e.p.Start(op)
	e.p.Until(max(0, deadline-e.p.Now()), func() bool { return call.Outcome != client.Pending })
	return call
}
