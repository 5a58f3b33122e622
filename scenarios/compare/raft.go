package compare

import (
	"context"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// OpenRaft opens the server of a Raft library: the program in file, or, if file is empty, a program
// that it builds from this module. tell, if not nil, is called before a build.
func OpenRaft(ctx context.Context, lib trial.Library, file string, tell func(string)) (*guest.Host,
	error) {
	if file != "" {
		return guest.OpenFile(ctx, file)
	}
	h, err := guest.OpenPackage(ctx, lib.Package(), tell)
	if err != nil {
		err = fmt.Errorf("%w; instead of building the server, you can pass a prebuilt server with "+
			"--guest", err)
	}
	return h, err
}

// RunRaft plays a run on a Raft library. The argument host holds the compiled server program that
// uses this library.
func RunRaft(host *guest.Host, lib trial.Library, s *Settings) (*Result, error) {
	c := trial.Config{
		Seed: s.Seed, Servers: s.Servers, Latency: s.Latency, Fsync: s.Fsync,
		Bandwidth: s.Bandwidth, DiskBandwidth: s.DiskBandwidth,
		Heartbeat: s.Heartbeat, Election: s.Election, Lease: s.Lease, Commit: s.CommitTimeout,
		Timeout: s.Timeout, Append: s.MaxAppend, Pipeline: s.Pipeline,
		Snapshots: int(s.SnapThreshold), Trailing: int(s.TrailingLogs), Prevote: !s.PreVoteOff,
		Bug: s.Bug, Keep: true,
	}
	for i := range s.Clients {
		c.Clients = append(c.Clients, raftClient(&s.Clients[i]))
	}
	t, err := trial.New(host, lib, c)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	r := &Result{}
	p := running{
		s: s, r: r, world: t.World, servers: t.Servers(), run: t.Run,
		leader: func() int { return numberOf(t, t.Leader()) },
	}
	p.note = func(rec *sim.Record) { noteRaft(&p, rec) }
	if err := p.play(); err != nil {
		return nil, fmt.Errorf("raft: seed %#x: %w", s.Seed, err)
	}
	for _, reign := range t.Reigns() {
		r.Leaders = append(r.Leaders, Leader{
			Server: numberOf(t, reign.Server), Term: reign.Term, From: reign.From,
		})
	}
	for _, o := range t.Ops() {
		r.Ops = append(r.Ops, raftOp(t, o))
	}
	if s.Trace {
		r.Trace, err = raftTrace(t, r, s)
	}
	return r, err
}

// numberOf is the number of a server; 0 for the name "".
func numberOf(t *trial.Trial, name string) int {
	if m := t.World.Find(name); m != nil {
		return int(m.ID)
	}
	return 0
}

func raftClient(c *Client) trial.Client {
	local := c.Way == Local
	return trial.Client{
		Name: c.Name, Mix: registers.Mix{
			Registers: c.Keys, Reads: c.Reads, Size: c.Size, Pause: c.Pause,
		},
		Start: c.Start, Stop: c.Stop, Most: c.Most, Local: local,
		Home: func(t *trial.Trial) int {
			leader := numberOf(t, t.Leader())
			switch {
			case c.Home > 0:
				return c.Home
			case leader > 0 && c.Home < 0 && local: // others would name the leader at once
				return leader%t.Config.Servers + 1
			}
			return max(1, leader)
		},
	}
}

// noteRaft notes a server's new state, and a write that it applies.
func noteRaft(p *running, rec *sim.Record) {
	switch b := rec.Body.(type) {
	case trial.Became:
		p.r.States = append(p.r.States, State{
			Server: int(rec.Node), Term: b.Term, State: b.Role, At: rec.At,
		})
		p.r.Terms = max(p.r.Terms, b.Term)
	case trial.Took:
		if p.s.Watch && rec.At >= p.s.From && !b.Restored {
			p.r.Applies = append(p.r.Applies, Apply{
				Server: int(rec.Node), Value: b.Value, At: rec.At,
			})
		}
	}
}

func raftOp(t *trial.Trial, o *trial.Op) Op {
	outcome := Unknown
	switch o.Status {
	case contract.OK:
		outcome = OK
	case contract.Refused:
		outcome = Failed
	}
	return Op{
		Client: o.Client, Read: o.Do != contract.Write, Key: o.Key, Value: o.Value, Call: o.CalledAt,
		Return: o.ReturnedAt, Outcome: outcome, Server: numberOf(t, o.Server), Version: o.Version,
	}
}

// raftTrace returns the run as a trace (zablab.trace/1).
func raftTrace(t *trial.Trial, r *Result, s *Settings) (string, error) {
	list, err := checks(r, true)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	h := t.Header()
	h.Scenario, h.Title = "raft", t.Library.Name()+" under the faults of a plan"
	for line := range strings.Lines(s.Plan) {
		h.Actions = append(h.Actions, strings.TrimSpace(line))
	}
	err = t.WriteTrace(&b, h, trace.End{Fingerprint: t.World.Fingerprint(), Invariants: list})
	return b.String(), err
}
