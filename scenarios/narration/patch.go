package narration

import (
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// patch is the change that a record makes to the state of its machine.
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
			record := trace.Record{Z: l.Zxid.String(), Op: txnText(l.Txn)}
			p.Reload.Records = append(p.Reload.Records, record)
		}
	case Truncated:
		p.Trunc = text(b.Zxid.String())
	case Installed:
		p.Reload = &trace.Reload{Base: b.Zxid.String()}
	case Restored:
		p.Wipe = true
		p.Tree = t.changes(b.Nodes)
		for _, s := range b.Sessions {
			p.Sess = append(p.Sess, trace.SessionChange{
				Open: true, ID: sessionText(s.ID), Client: t.run.ClientOf(s.ID), Ms: s.TimeoutMs,
			})
		}
	case Applied:
		p = t.appliedPatch(&b)
	case WatchSet:
		p.Watch = &trace.WatchChange{Set: true, Path: b.Path, Client: t.run.ClientOf(b.Session)}
	case WatchFired:
		if t.run.World.Machine(r.Node).Kind == "server" {
			p.Watch = &trace.WatchChange{Path: b.Event.Path, Client: t.run.ClientOf(b.Session)}
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

// plainPatch is the method patch for records without a body, which package sim writes.
func (t *narrator) plainPatch(r *sim.Record) (p trace.Patch) {
	m := t.run.World.Machine(r.Node)
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
	case r.Kind == sim.KindClose && m.Kind == "server" && r.To != 0 && t.isClient(r.To):
		p.Watch = &trace.WatchChange{All: true, Path: "*", Client: t.name(r.To)}
	}
	return p
}

// down is the patch for the end of a machine's process.
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
	m := t.run.World.Machine(r.Node)
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
	session := b.Txn.Session
	change := trace.SessionChange{ID: sessionText(session), Client: t.run.ClientOf(session)}
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
				if c.Owner = t.run.ClientOf(n.Owner); c.Owner == "" {
					c.Owner = sessionText(n.Owner)
				}
			}
		}
		list = append(list, c)
	}
	return list
}

// sessionText is a session's ID as ZooKeeper prints it.
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

// txnText is a transaction in a few words: "set /x".
func txnText(txn *tree.Txn) string {
	if txn == nil {
		return ""
	}
	s, _, _ := strings.Cut(txn.String(), " at ")
	return s
}

func text(s string) *string { return &s }
