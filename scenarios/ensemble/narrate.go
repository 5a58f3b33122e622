package ensemble

import (
	"io"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// WriteTrace writes the first n records of the run as zablab.trace/1; h needs no nodes and no
// catalogue. The end line's operations are filled in.
func (e *Ensemble) WriteTrace(out io.Writer, h trace.Header, n int, end trace.End, v *trace.Verdict) error {
	h.Nodes, h.Why = e.Nodes(), Whys()
	w := trace.NewWriter(out, &h)
	e.Tell(n, func(event *trace.Event) {
		w.Add(event)
		end.T = event.T
	})
	for i := range e.ops {
		o := e.ops[i]
		if o.CallIndex >= int64(n) {
			break
		}
		op := trace.Op{
			Client: o.Client, What: o.Op.Type.String(), Path: o.Op.Path, Call: o.CallIndex,
			Return: o.RetIndex, Status: "unknown",
		}
		if o.RetIndex >= int64(n) {
			op.Return = -1
		}
		switch o.Outcome.String() {
		case "ok":
			op.Status = "ok"
		case "failed", "not sent":
			op.Status = "err"
		}
		end.Ops = append(end.Ops, op)
	}
	return w.End(&end, v)
}

// Tell tells the first n records of the run as events of a trace, with the run's own numbers. An
// event is good until the next one.
func (e *Ensemble) Tell(n int, do func(*trace.Event)) {
	records := e.World.Records()
	t := &narrator{e: e, clientOf: e.ClientOf}
	for i := range records[:min(n, len(records))] {
		event := t.event(&records[i])
		do(&event)
	}
}

// Nodes is everybody in the run, as a trace's header has them.
func (e *Ensemble) Nodes() (list []trace.Node) {
	for _, m := range e.World.Machines() {
		n := trace.Node{ID: m.Name, Kind: m.Kind}
		switch {
		case m.Kind == "server" && !e.voters.Has(m.ID):
			n.Kind = "observer"
		case m.Kind == "client":
			if c := e.Client(m.Name); c != nil {
				n.Home = "S" + strconv.Itoa(c.home)
			}
		}
		list = append(list, n)
	}
	return list
}

// narrator turns records into events of a trace, in their order.
type narrator struct {
	e        *Ensemble
	clientOf func(session int64) string
	ended    map[int64]bool // sessions whose end is drawn
	deleted  string         // what the end of a session that was applied last deletes, in words
}

func (t *narrator) name(id sim.NodeID) string {
	if m := t.e.World.Machine(id); m != nil {
		return m.Name
	}
	return "net"
}

func (t *narrator) event(r *sim.Record) trace.Event {
	v := trace.Event{I: r.Index, T: int64(r.At), N: t.name(r.Node), K: kindName(r.Kind), Cause: r.Cause}
	switch r.Kind {
	case sim.KindSend, sim.KindRecv, sim.KindDrop:
		v.M = r.Number
	case sim.KindOpen, sim.KindClose:
		if _, fault := r.Body.(sim.Fault); !fault {
			v.K = sim.KindNote.String()
		}
	}
	if r.Kind == sim.KindSend {
		v.Msg = t.message(r)
	}
	v.Patch = t.patch(r)
	say, why, key := t.say(r)
	v.Say, v.Why, v.Key = short(say), why, key
	v.Drawn = strings.ToValidUTF8(t.drawn(r), "\ufffd")
	return v
}

// short keeps a sentence to its length.
func short(s string) string {
	if n := []rune(s); len(n) > trace.MaxSay {
		return string(n[:trace.MaxSay-1]) + "…"
	}
	return s
}

func (t *narrator) message(r *sim.Record) *trace.Message {
	m := &trace.Message{To: t.name(r.To), Kind: r.Message.Name(), Bytes: r.Message.Size(), At: int64(r.Arrive)}
	switch b := r.Message.(type) {
	case zab.Message:
		m.Z, m.Epoch = zxidText(b.At()), b.At().Epoch()
		if b.At() == zab.NoZxid {
			m.Epoch = 0
		}
	case *tree.Reply:
		m.Z = zxidText(zab.Zxid(b.Zxid))
	}
	return m
}

func zxidText(z zab.Zxid) string {
	if z == 0 || z == zab.NoZxid {
		return ""
	}
	return z.String()
}

func text(s string) *string { return &s }

// patch is how a record changes the state of its node.
func (t *narrator) patch(r *sim.Record) (p trace.Patch) {
	switch b := r.Body.(type) {
	case sim.Fault:
		return t.faultPatch(r, &b)
	case Role:
		leader := ""
		if b.Leader != 0 {
			leader = t.name(b.Leader)
		}
		p.Role, p.Epoch, p.Leader = roleWord(&b), &b.Epoch, &leader
		if b.State == zab.Looking {
			p.Watch = &trace.WatchChange{All: true, Path: "*"}
		}
	case Promised:
		p.Acc, p.Cur = &b.Accepted, &b.Current
	case Durable:
		p.Durable = text(b.Zxid.String())
	case Logged:
		p.Log = &trace.Record{Z: b.Zxid.String(), Op: txnText(b.Txn)}
	case Recovered:
		p.Acc, p.Cur = &b.Accepted, &b.Current
		p.Reload = &trace.Reload{Base: b.Base.String()}
		for _, l := range b.Log {
			p.Reload.Records = append(p.Reload.Records, trace.Record{Z: l.Zxid.String(), Op: txnText(l.Txn)})
		}
	case Truncated:
		p.Trunc = text(b.Zxid.String())
	case Installed:
		p.Reload = &trace.Reload{Base: b.Zxid.String()}
	case Restored:
		p.Wipe = true
		p.Tree = t.changes(b.Nodes)
		for _, s := range b.Sessions {
			p.Sess = append(p.Sess, trace.SessionChange{Open: true, ID: sessionText(s.ID), Client: t.clientOf(s.ID), Ms: s.TimeoutMs})
		}
	case Applied:
		p = t.appliedPatch(&b)
	case WatchSet:
		p.Watch = &trace.WatchChange{Set: true, Path: b.Path, Client: t.clientOf(b.Session)}
	case WatchFired:
		if t.e.World.Machine(r.Node).Kind == "server" {
			p.Watch = &trace.WatchChange{Path: b.Event.Path, Client: t.clientOf(b.Session)}
		}
	case ClientState:
		p.Role = strings.ToLower(b.State.String())
		server := ""
		if b.Server != 0 {
			server = t.name(b.Server)
		}
		p.Server = &server
	case Belief:
		p.Belief = &b.Leads
	case nil:
		p = t.plainPatch(r)
	}
	return p
}

// plainPatch is for what sim says by itself.
func (t *narrator) plainPatch(r *sim.Record) (p trace.Patch) {
	m := t.e.World.Machine(r.Node)
	switch {
	case m == nil:
	case r.Kind == sim.KindCrash:
		p = down(m)
	case (r.Kind == sim.KindBoot || r.Kind == sim.KindRestart) && m.Kind == "client":
		p.Role = "connecting"
	case (r.Kind == sim.KindBoot || r.Kind == sim.KindRestart) && m.Kind == "resource":
		p.Role = "up"
	case r.Kind == sim.KindBoot || r.Kind == sim.KindRestart:
		p.Role = "looking"
	case r.Kind == sim.KindClose && m.Kind == "server" && r.To != 0 && t.e.Client(t.name(r.To)) != nil:
		p.Watch = &trace.WatchChange{All: true, Path: "*", Client: t.name(r.To)}
	}
	return p
}

// down is what a machine loses with its process.
func down(m *sim.Machine) (p trace.Patch) {
	p.Role = "down"
	if m.Kind == "client" {
		p.Server, p.Belief = text(""), new(bool)
		return p
	}
	p.Epoch, p.Leader, p.Com, p.Wipe = new(uint32), text(""), text(""), true
	return p
}

func (t *narrator) faultPatch(r *sim.Record, f *sim.Fault) (p trace.Patch) {
	m := t.e.World.Machine(r.Node)
	switch f.Kind {
	case sim.FaultCrash, sim.FaultPower:
		return down(m)
	case sim.FaultWipe:
		p = down(m)
		if m.Kind != "client" {
			p.Acc, p.Cur, p.Durable, p.Reload = new(uint32), new(uint32), text(""), &trace.Reload{}
		}
	case sim.FaultSplit:
		p.Groups = f.Groups
	case sim.FaultHeal:
		p.Groups = [][]string{}
	}
	return p
}

func (t *narrator) appliedPatch(b *Applied) (p trace.Patch) {
	if !b.Replayed {
		p.Com = text(b.Zxid.String())
	}
	p.Tree = t.changes(b.Changes)
	change := trace.SessionChange{ID: sessionText(b.Txn.Session), Client: t.clientOf(b.Txn.Session)}
	switch body := b.Txn.Body.(type) {
	case *tree.CreateSessionTxn:
		change.Open, change.Ms = true, body.TimeoutMs
		p.Sess = append(p.Sess, change)
	case *tree.CloseSessionTxn:
		p.Sess = append(p.Sess, change)
	}
	return p
}

func (t *narrator) changes(nodes []NodeState) (list []trace.TreeChange) {
	for _, n := range nodes {
		c := trace.TreeChange{Path: n.Path, Deleted: n.Deleted}
		if !n.Deleted {
			c.Data, c.Version = strings.ToValidUTF8(n.Data, "\ufffd"), n.Version
			c.Cz, c.Mz = zab.Zxid(n.Czxid).String(), zab.Zxid(n.Mzxid).String()
			if n.Owner != 0 {
				if c.Owner = t.clientOf(n.Owner); c.Owner == "" {
					c.Owner = sessionText(n.Owner)
				}
			}
		}
		list = append(list, c)
	}
	return list
}

// sessionText is a session's id as ZooKeeper prints it.
func sessionText(id int64) string { return "0x" + strconv.FormatUint(uint64(id), 16) }

func roleWord(r *Role) string {
	switch {
	case r.State == zab.Looking:
		return "looking"
	case r.Phase != zab.Broadcast:
		return "syncing"
	case r.State == zab.Leading:
		return "leading"
	case r.State == zab.Observing:
		return "observing"
	}
	return "following"
}

// txnText is a transaction in a few words.
func txnText(txn *tree.Txn) string {
	if txn == nil {
		return ""
	}
	s, _, _ := strings.Cut(txn.String(), " at ")
	return s
}
