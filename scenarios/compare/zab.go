package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// RunZab plays a run on the lab's own engine. The seed, the servers, the links and the disks are
// taken from s, and the settings that only ZAB has from z. RunZab ignores the settings of
// hashicorp/raft in s.
func RunZab(s *task.Settings, z engine.Stage) (*task.Result, error) {
	z.Seed, z.Servers, z.Latency, z.Fsync = s.Seed, s.Servers, s.Latency, s.Fsync
	e, err := ensemble.New(ensemble.Config{Stage: z, Lenient: true, Keep: true})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	if err := startClients(e, s); err != nil {
		return nil, err
	}
	aimed, err := schedule(e, s.Plan)
	if err != nil {
		return nil, err
	}
	r := &task.Result{}
	notes := &notes{s: s, r: r, counts: map[task.Count]*task.Count{}}
	var before []uint64
	run := func(t sim.Time) bool {
		return e.Run(t, func() bool {
			if !s.Trace && len(e.World.Records()) > fewRecords {
				notes.take(e.World.Records())
				e.World.Forget()
			}
			return false
		})
	}
	until := func(t sim.Time) bool {
		if before == nil && t >= s.From {
			if !run(s.From) {
				return false
			}
			for _, m := range e.Servers() {
				before = append(before, m.Disk().Fsyncs())
			}
		}
		return run(t)
	}
	for _, a := range aimed {
		if !until(a.At) {
			break
		}
		if err := aim(e, &a, s.Servers); err != nil {
			r.Missed = append(r.Missed, a.Line+": "+err.Error())
		}
	}
	until(s.Length)
	if err := e.Err(); err != nil {
		return nil, fmt.Errorf("zab: seed %#x: %w", s.Seed, err)
	}
	r.Fingerprint = fmt.Sprintf("%016x", e.World.Fingerprint())
	r.Events, r.Virtual = e.World.Stats().Events, e.World.Now()
	for i, m := range e.Servers() {
		r.Fsyncs = append(r.Fsyncs, m.Disk().Fsyncs()-before[i])
	}
	notes.take(e.World.Records())
	notes.close()
	if s.Trace {
		if r.Trace, err = traceOf(e, s, z.Tick); err != nil {
			return nil, err
		}
	}
	for _, reign := range e.Reigns() {
		l := task.Leader{Server: int(reign.Leader), Term: uint64(reign.Epoch), From: reign.From}
		r.Leaders = append(r.Leaders, l)
	}
	r.Ops = opsOf(e.Ops())
	return r, nil
}

// schedule schedules the faults of a plan that name machines. It returns the other faults, which
// name LEADER, NEXT or OTHERS, in the order of their times.
func schedule(e *ensemble.Ensemble, text string) ([]task.Aimed, error) {
	plan, aimed, err := task.Aim(text)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(aimed, func(a, b task.Aimed) int { return int(a.At - b.At) })
	return aimed, e.World.Schedule(plan)
}

// aim carries out a fault that names LEADER, NEXT or OTHERS, now.
func aim(e *ensemble.Ensemble, a *task.Aimed, servers int) error {
	l := e.Leader()
	if l == nil {
		return errors.New("no server leads")
	}
	f, err := a.Fault(int(l.Peer().ID()), servers)
	if err != nil {
		return err
	}
	return e.World.Inject(f)
}

// startClients starts all clients a second before the first operation, so that each has a session
// in time.
func startClients(e *ensemble.Ensemble, s *task.Settings) error {
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
func traceOf(e *ensemble.Ensemble, s *task.Settings, tick sim.Time) (string, error) {
	var b strings.Builder
	h := trace.Header{
		Commit: "unknown", Scenario: "zab", Title: "ZAB under a plan", Seed: s.Seed,
		Actions: strings.Split(strings.TrimSpace(s.Plan), "\n"),
		Config: []trace.Setting{{Key: "servers", Number: int64(s.Servers)},
			{Key: "tick_us", Number: int64(tick)}, {Key: "engine", Word: "zab"}},
	}
	end := trace.End{Fingerprint: e.World.Fingerprint()}
	err := e.Recording().WriteTrace(&b, h, len(e.World.Records()), end, &trace.Verdict{})
	return b.String(), err
}

func firstStart(s *task.Settings) sim.Time {
	first := s.From
	for _, c := range s.Clients {
		first = min(first, c.Start)
	}
	return first
}

// homeOf is the server to which a client connects first.
func homeOf(c *task.Client, e *ensemble.Ensemble) int {
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
func program(c *task.Client, work *registers.Program) func(*client.Proc) {
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
				if c.Way == task.Sync {
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
func opsOf(ops []*engine.Op) (list []task.Op) {
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
func opOf(o *engine.Op) (op task.Op, ok bool) {
	op = task.Op{
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
		op.Outcome = task.OK
	case client.Failed, client.NotSent:
		op.Outcome = task.Failed
	default:
		op.Outcome = task.Unknown
	}
	return op, true
}

// notes collects from the world's records: counts of messages between servers, the servers' changes
// of state, and the writes that they apply.
type notes struct {
	s      *task.Settings
	r      *task.Result
	counts map[task.Count]*task.Count // by kind and sender
}

// fewRecords is the number of records after which notes takes them and the world drops them.
const fewRecords = 10_000

func (n *notes) take(records []sim.Record) {
	server := func(id sim.NodeID) bool { return id >= 1 && int(id) <= n.s.Servers }
	for i := range records {
		rec := &records[i]
		switch {
		case rec.Kind == sim.KindSend && server(rec.Node) && server(rec.To) && rec.At >= n.s.From:
			key := task.Count{Kind: rec.Message.Name(), From: int(rec.Node)}
			c := n.counts[key]
			if c == nil {
				c = &task.Count{Kind: key.Kind, From: key.From}
				n.counts[key] = c
			}
			c.N++
			c.Bytes += rec.Message.Size()
		case n.s.Watch && rec.Kind == narration.KindCommit && rec.At >= n.s.From:
			if a, ok := rec.Body.(narration.Applied); ok && !a.Replayed {
				if set, ok := a.Txn.Body.(*tree.SetDataTxn); ok {
					n.r.Applies = append(n.r.Applies, task.Apply{
						Server: int(rec.Node), Value: string(set.Data), At: rec.At,
					})
				}
			}
		case rec.Kind == narration.KindRole && server(rec.Node):
			if role, ok := rec.Body.(narration.Role); ok {
				n.r.States = append(n.r.States, task.State{
					Server: int(rec.Node), Term: uint64(role.Epoch), State: roleName(&role),
					At: rec.At,
				})
				n.r.Terms = max(n.r.Terms, uint64(role.Epoch))
			}
		}
	}
}

// close adds the counts to the result, sorted by sender and kind.
func (n *notes) close() {
	for _, c := range n.counts { // order: sorted
		n.r.Counts = append(n.r.Counts, *c)
	}
	slices.SortFunc(n.r.Counts, func(a, b task.Count) int {
		if a.From != b.From {
			return a.From - b.From
		}
		return strings.Compare(a.Kind, b.Kind)
	})
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
