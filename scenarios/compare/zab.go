package compare

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// RunZab plays a run on the lab's own engine. It takes the seed, the servers, the links and the
// disks from s, and the settings that only ZAB has from z. RunZab ignores the settings of
// hashicorp/raft in s.
func RunZab(s *Settings, z engine.Stage) (*Result, error) {
	z.Seed, z.Servers, z.Latency, z.Fsync = s.Seed, s.Servers, s.Latency, s.Fsync
	z.Bandwidth, z.DiskBandwidth = s.Bandwidth, s.DiskBandwidth
	e, err := ensemble.New(ensemble.Config{Stage: z, Lenient: true, Keep: true})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	if err := startClients(e, s); err != nil {
		return nil, err
	}
	r := &Result{}
	p := running{
		s: s, r: r, world: e.World, servers: e.Servers(), run: e.Run,
		leader: func() int {
			if l := e.Leader(); l != nil {
				return int(l.Peer().ID())
			}
			return 0
		},
	}
	p.note = func(rec *sim.Record) { noteZab(&p, rec) }
	if err := p.play(); err != nil {
		return nil, fmt.Errorf("zab: seed %#x: %w", s.Seed, err)
	}
	for _, reign := range e.Reigns() {
		l := Leader{Server: int(reign.Leader), Term: uint64(reign.Epoch), From: reign.From}
		r.Leaders = append(r.Leaders, l)
	}
	r.Ops = opsOf(e.Ops())
	if s.Trace {
		r.Trace, err = traceOf(e, r, s, z.Tick)
	}
	return r, err
}

// startClients starts all clients a second before the first operation, so that each has a session
// in time.
func startClients(e *ensemble.Ensemble, s *Settings) error {
	if early := firstStart(s) - sim.Second; early > 0 && !e.Run(early, nil) {
		return e.Err()
	}
	for i := range s.Clients {
		c := &s.Clients[i]
		k, err := e.AddClientWith(c.Name, homeOf(c, e), client.Config{
			Renew: true, Programs: []func(*client.Proc){program(c, c.Program(s.Seed))},
		})
		if err != nil {
			return err
		}
		k.Start()
	}
	return nil
}

// traceOf returns the run as a trace (zablab.trace/1).
func traceOf(e *ensemble.Ensemble, r *Result, s *Settings, tick sim.Time) (string, error) {
	list, err := checks(r, false)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	h := trace.Header{
		Commit: "unknown", Scenario: "zab", Title: "ZAB under the faults of a plan", Seed: s.Seed,
		Actions: strings.Split(strings.TrimSpace(s.Plan), "\n"),
		Config: []trace.Setting{{Key: "servers", Number: int64(s.Servers)},
			{Key: "tick_us", Number: int64(tick)}, {Key: "engine", Word: "zab"}},
	}
	end := trace.End{Fingerprint: e.World.Fingerprint(), Invariants: list}
	err = e.Recording().WriteTrace(&b, h, len(e.World.Records()), end, &trace.Verdict{})
	return b.String(), err
}

func firstStart(s *Settings) sim.Time {
	first := s.From
	for _, c := range s.Clients {
		first = min(first, c.Start)
	}
	return first
}

// homeOf is the server to which a client connects first.
func homeOf(c *Client, e *ensemble.Ensemble) int {
	l := e.Leader()
	switch {
	case c.Home > 0:
		return c.Home
	case l == nil:
		return 1
	case c.Home == 0:
		return int(l.Peer().ID())
	}
	return int(l.Peer().ID())%len(e.Servers()) + 1
}

// program returns a client's program, which performs the same operations as in the Raft cluster. A
// restarted client continues where it was.
func program(c *Client, work *registers.Program) func(*client.Proc) {
	did := 0
	return func(p *client.Proc) {
		for k := range max(1, c.Keys) {
			for p.WaitConnected() {
				_, err := p.Create(fmt.Sprintf("/r%d", k), nil, tree.Persistent)
				if !client.Maybe(err) {
					break
				}
			}
		}
		p.Sleep(max(0, c.Start-p.Now()))
		for p.WaitConnected() && (c.Stop == 0 || p.Now() < c.Stop) &&
			(c.Most == 0 || did < c.Most) {
			o := work.Next()
			path := "/" + o.Register
			var err error
			if o.Read {
				if c.Way == Sync {
					err = p.Sync(path)
				}
				if err == nil {
					_, _, err = p.Get(path)
				}
			} else {
				_, err = p.Set(path, []byte(o.Value), tree.AnyVersion)
			}
			if err == nil {
				did++
			}
			if c.Pause > 0 {
				p.Sleep(work.Pause())
			}
		}
	}
}

// opsOf converts the sets and gets, and leaves out other operations. A sync and the get after it
// become one read.
func opsOf(ops []*engine.Op) (list []Op) {
	synced := map[string]*engine.Op{} // by client: a sync whose get has not come yet
	for _, o := range ops {
		op, ok := opOf(o)
		before := synced[o.Client]
		delete(synced, o.Client)
		switch {
		case o.Op.Type == tree.OpSync:
			synced[o.Client] = o
		case ok && op.Read && before != nil:
			op.Call = before.CalledAt
			fallthrough
		case ok:
			list = append(list, op)
		}
	}
	return list
}

// opOf converts a set or a get; ok is false for any other operation.
func opOf(o *engine.Op) (op Op, ok bool) {
	op = Op{
		Client: o.Client, Key: strings.TrimPrefix(o.Op.Path, "/"), Call: o.CalledAt,
		Return: o.ReturnedAt,
	}
	switch o.Op.Type {
	case tree.OpSetData:
		op.Value = string(o.Op.Data)
	case tree.OpGetData:
		op.Read, op.Value = true, string(o.Result.Data)
	default:
		return op, false
	}
	op.Version = uint64(o.Result.Stat.Version)
	switch o.Outcome {
	case client.OK:
		op.Outcome = OK
	case client.Failed, client.NotSent:
		op.Outcome = Failed
	default:
		op.Outcome = Unknown
	}
	return op, true
}

// noteZab notes a server's new state, and a write that it applies.
func noteZab(p *running, rec *sim.Record) {
	switch {
	case p.s.Watch && rec.Kind == narration.KindCommit && rec.At >= p.s.From:
		if a, ok := rec.Body.(narration.Applied); ok && !a.Replayed {
			if set, ok := a.Txn.Body.(*tree.SetDataTxn); ok {
				p.r.Applies = append(p.r.Applies, Apply{
					Server: int(rec.Node), Value: string(set.Data), At: rec.At,
				})
			}
		}
	case rec.Kind == narration.KindRole && p.isServer(rec.Node):
		if role, ok := rec.Body.(narration.Role); ok {
			p.r.States = append(p.r.States, State{
				Server: int(rec.Node), Term: uint64(role.Epoch), State: roleName(&role), At: rec.At,
			})
			p.r.Terms = max(p.r.Terms, uint64(role.Epoch))
		}
	}
}

func roleName(r *narration.Role) string {
	switch {
	case r.State == zab.Looking:
		return "looking"
	case r.State == zab.Leading && r.Phase == zab.Broadcast:
		return "leader"
	case r.State == zab.Leading:
		return "leading"
	case r.Phase == zab.Broadcast:
		return "follower"
	}
	return "joining"
}
