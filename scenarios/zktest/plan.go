package zktest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zablab/zablab/sim"
)

// leaderName stands, in a line of a plan, for the server that leads when the fault is made.
const leaderName = "LEADER"

// fault is a fault of a drawn plan, and what ends it.
type fault struct {
	at    time.Duration // after the start of the test
	line  string
	until time.Duration
	undo  string // "" if nothing ends it
}

// plan is a drawn plan, in the order of its moments.
type plan []fault

// String prints one line for each fault and each end of a fault, in the order of the moments.
func (p plan) String() string {
	var b strings.Builder
	for _, s := range p.steps() {
		fmt.Fprintf(&b, "\n  %8.3fs  %s", s.at.Seconds(), s.line)
	}
	return b.String()
}

// step is one moment of a plan.
type step struct {
	at    time.Duration
	line  string
	fault int // the index in the plan
}

func (p plan) steps() (list []step) {
	for i, f := range p {
		list = append(list, step{f.at, f.line, i})
		if f.undo != "" {
			list = append(list, step{f.until, f.undo, i})
		}
	}
	slices.SortStableFunc(list, func(a, b step) int { return int(a.at - b.at) })
	return list
}

// end is when the last fault ends.
func (p plan) end() (end time.Duration) {
	for _, f := range p {
		end = max(end, f.at, f.until)
	}
	return end
}

// drawer draws a plan.
type drawer struct {
	*sim.Rand
	servers, clients []string
	timeout          time.Duration // of the sessions
}

// draw draws a plan of one to six faults of one to four kinds, so that some plans have much of one
// thing. They begin within the given length, which is that of a run without faults.
func (d *drawer) draw(length time.Duration) (p plan) {
	kinds := []func() fault{d.crash, d.power, d.pauseServer, d.isolateLeader, d.splitServers}
	if len(d.clients) > 0 {
		kinds = append(kinds, d.cutClient, d.cutClient, d.pauseClient, d.reset, d.reset, d.expire)
	}
	some := make([]func() fault, 1+d.Intn(4))
	for i := range some {
		some[i] = one(d, kinds)
	}
	for range 1 + d.Intn(6) {
		f := one(d, some)()
		f.at = d.between(0, max(length, time.Millisecond))
		f.until += f.at
		p = append(p, f)
	}
	slices.SortStableFunc(p, func(a, b fault) int { return int(a.at - b.at) })
	return p
}

func one[T any](d *drawer, list []T) T { return list[d.Intn(len(list))] }

func (d *drawer) between(low, high time.Duration) time.Duration {
	return time.Duration(d.Between(virtual(low), virtual(high))) * time.Microsecond
}

// span is how long a fault lasts: shorter than the session timeout, or longer.
func (d *drawer) span() time.Duration {
	if d.Intn(2) == 0 {
		return d.between(10*time.Millisecond, d.timeout/2)
	}
	return d.between(d.timeout, 3*d.timeout)
}

// server is the leader in one of two cases.
func (d *drawer) server() string {
	if d.Intn(2) == 0 {
		return leaderName
	}
	return one(d, d.servers)
}

func (d *drawer) crash() fault {
	name := d.server()
	return fault{line: "crash " + name, until: d.span(), undo: "restart " + name}
}

func (d *drawer) power() fault {
	name := d.server()
	return fault{line: "power " + name, until: d.span(), undo: "restart " + name}
}

func (d *drawer) pauseServer() fault {
	return fault{line: "pause " + d.server() + " " + virtual(d.span()).String()}
}

func (d *drawer) isolateLeader() fault {
	return fault{line: "split " + leaderName + " | OTHERS", until: d.span(), undo: "heal"}
}

func (d *drawer) splitServers() fault {
	left := 1 + d.Intn(len(d.servers)/2+1)
	if left >= len(d.servers) {
		return d.crash() // one server alone
	}
	return fault{line: "split " + strings.Join(d.servers[:left], " ") + " | " +
		strings.Join(d.servers[left:], " "), until: d.span(), undo: "heal"}
}

func (d *drawer) cutClient() fault {
	return fault{line: "split " + one(d, d.clients) + " | " + strings.Join(d.servers, " "),
		until: d.span(), undo: "heal"}
}

func (d *drawer) pauseClient() fault {
	return fault{line: "pause " + one(d, d.clients) + " " + virtual(d.span()).String()}
}

func (d *drawer) reset() fault {
	return fault{line: "reset " + one(d, d.clients) + " " + one(d, d.servers)}
}

func (d *drawer) expire() fault { return fault{line: "expire " + one(d, d.clients)} }
