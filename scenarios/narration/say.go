package narration

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// say returns a record's sentence, the key of its explanation, and its kind of key moment. The last
// two may be empty.
func (t *narrator) say(r *sim.Record) (say, why, key string) {
	who := t.name(r.Node)
	switch b := r.Body.(type) {
	case sim.Fault:
		return t.sayFault(r, &b)
	case Role:
		return t.sayRole(who, &b)
	case Voted:
		whom := t.leaderName(b.Vote.Leader)
		return fmt.Sprintf("%s votes for %s in round %d", who, whom, b.Round), "vote", ""
	case Elected:
		return fmt.Sprintf("a quorum promises to follow leader %s in epoch "+
			"%d", who, b.Epoch), "elected", ""
	case Established:
		say = fmt.Sprintf("%s leads: epoch %d is established", who, b.Epoch)
		return say, "established", "leader"
	case Promised:
		say = fmt.Sprintf("%s has epochs on disk: accepted %d, current %d",
			who, b.Accepted, b.Current)
		return say, "epoch", ""
	case Logged:
		return fmt.Sprintf("%s logs %v: %s", who, b.Zxid, txnText(b.Txn)), "log", ""
	case Durable:
		return fmt.Sprintf("%s's log is on disk up to %v", who, b.Zxid), "durable", ""
	case Acked:
		return fmt.Sprintf("%s acknowledges %v", who, b.Zxid), "ack", ""
	case Committed:
		return fmt.Sprintf("%s commits %v: a quorum has the transaction", who, b.Zxid), "commit", ""
	case Applied:
		return t.sayApplied(who, &b)
	case Truncated:
		return fmt.Sprintf("%s truncates its log after %v", who, b.Zxid), "trunc", "trunc"
	case Installed:
		return fmt.Sprintf("%s replaces its log with a snapshot at %v", who, b.Zxid), "snap", "snap"
	case Snapped:
		return fmt.Sprintf("%s has a snapshot at %v on disk", who, b.Zxid), "snap", ""
	case Restored:
		return fmt.Sprintf("%s rebuilds its tree from a snapshot", who), "boot", ""
	case CatchUp:
		return fmt.Sprintf("%s brings %s up to date with %s", who, t.name(b.To), b.Kind), "sync", ""
	case Recovered:
		return fmt.Sprintf("%s reads its disk: log up to %v", who, b.Last), "boot", ""
	case Refused:
		return who + ": " + b.Why, "", ""
	}
	return t.sayClients(r, who)
}

// sayClients does the same as say, for the bodies about sessions, watches and operations.
func (t *narrator) sayClients(r *sim.Record, who string) (say, why, key string) {
	switch b := r.Body.(type) {
	case Expired:
		say = fmt.Sprintf("%s: %s was silent for %s; %[2]s's session expires",
			who, t.clientName(b.Session), b.Silent.Brief())
		return say, "expire", "expire"
	case SessionOpened:
		return fmt.Sprintf("%s opens %s's session", who, t.clientName(b.Session)), "session", ""
	case SessionClosed:
		return fmt.Sprintf("%s ends %s's session", who, t.clientName(b.Session)), "session", ""
	case SessionMoved:
		return t.clientName(b.Session) + "'s session moves to another server", "session", ""
	case WatchSet:
		return fmt.Sprintf("%s watches %s on %s", t.clientName(b.Session), b.Path, who), "watch", ""
	case WatchFired:
		if t.isClient(r.Node) {
			return fmt.Sprintf("%s hears: %s", who, eventWords(b.Event)), "watch", "watch"
		}
		return who + " tells " + t.clientName(b.Session) + ": " + eventWords(b.Event), "watch", ""
	case OpCalled:
		return fmt.Sprintf("%s asks: %s", who, opWords(&b.What)), "op", "call"
	case OpReturned:
		return t.sayReturned(who, &b)
	case ClientState:
		word := strings.ToLower(b.State.String())
		if word == "connected" {
			return fmt.Sprintf("%s is connected to %s", who, t.name(b.Server)), "session", ""
		}
		return fmt.Sprintf("%s is %s", who, word), "session", word
	case Belief:
		if b.Leads {
			return who + " believes that it leads", "belief", "belief"
		}
		return who + " no longer believes that it leads", "belief", "belief"
	case nil:
		return t.sayPlain(r, who)
	}
	return t.sayOther(r, who)
}

// sayOther is the method say for the bodies of other packages.
func (t *narrator) sayOther(r *sim.Record, who string) (say, why, key string) {
	if s, ok := r.Body.(fmt.Stringer); ok {
		return s.String(), "", ""
	}
	return r.Text, "", ""
}

func (t *narrator) leaderName(id zab.ID) string {
	if id == 0 {
		return "nobody"
	}
	return t.name(id)
}

func (t *narrator) clientName(session int64) string {
	if name := t.run.ClientOf(session); name != "" {
		return name
	}
	return "somebody"
}

// sayRole says which role a server takes.
func (t *narrator) sayRole(who string, b *Role) (say, why, key string) {
	leader := t.leaderName(b.Leader)
	switch roleWord(b) {
	case "looking":
		return who + " has no leader and looks for one", "role", "looking"
	case "leading":
		return fmt.Sprintf("%s leads epoch %d", who, b.Epoch), "role", ""
	case "following", "observing":
		return fmt.Sprintf("%s follows %s in epoch %d", who, leader, b.Epoch), "role", ""
	}
	phase := strings.ToLower(b.Phase.String())
	if b.State == zab.Leading {
		return who + " prepares to lead: " + phase, "role", ""
	}
	return who + " joins " + leader + ": " + phase, "role", ""
}

func (t *narrator) sayApplied(who string, b *Applied) (say, why, key string) {
	verb := "applies"
	if b.Replayed {
		verb = "replays"
	}
	return fmt.Sprintf("%s %s %v: %s", who, verb, b.Zxid, txnText(b.Txn)), "apply", ""
}

// sayReturned says how a call ends.
func (t *narrator) sayReturned(who string, b *OpReturned) (say, why, key string) {
	what := opWords(&t.run.Ops[b.Op].Op)
	switch b.Outcome.String() {
	case "ok":
		return fmt.Sprintf("%s hears: ok (%s)", who, what), "op", "ret"
	case "unknown":
		return fmt.Sprintf("%s gets no answer to %s", who, what), "unknown", "ret"
	}
	return fmt.Sprintf("%s hears: %s (%s)", who, b.Code.Error(), what), "op", "ret"
}

// opWords is an operation in a few words: "set /x".
func opWords(o *tree.Op) string {
	switch o.Type {
	case tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		return "create " + o.Path
	case tree.OpGetChildren2:
		return "children " + o.Path
	case tree.OpGetData:
		return "get " + o.Path
	case tree.OpSetData:
		return "set " + o.Path
	case tree.OpExists:
		if o.Watch {
			return "watch " + o.Path
		}
	case tree.OpCloseSession:
		return "close"
	}
	return strings.TrimSpace(o.Type.String() + " " + o.Path)
}

// eventWords returns a watch event in a few words: "/x was created".
func eventWords(e tree.WatchEvent) string {
	switch e.Type {
	case tree.NodeCreated:
		return e.Path + " was created"
	case tree.NodeDeleted:
		return e.Path + " was deleted"
	case tree.NodeDataChanged:
		return e.Path + " has changed"
	}
	return "the children of " + e.Path + " have changed"
}

// sayFault says what a fault does.
func (t *narrator) sayFault(r *sim.Record, f *sim.Fault) (say, why, key string) {
	who := t.name(r.Node)
	switch f.Kind {
	case sim.FaultCrash:
		return who + " crashes", "crash", "crash"
	case sim.FaultPower:
		return who + " loses power", "power", "crash"
	case sim.FaultWipe:
		return who + " loses its disk", "disk", "crash"
	case sim.FaultPause:
		return fmt.Sprintf("%s pauses for %s", who, f.Span), "pause", "pause"
	case sim.FaultSplit:
		return "the network splits: " + strings.TrimPrefix(r.Text, "split "), "partition", "split"
	case sim.FaultHeal:
		return "the network heals", "partition", "heal"
	case sim.FaultCut, sim.FaultMend, sim.FaultDelay, sim.FaultHold, sim.FaultRelease,
		sim.FaultReset, sim.FaultBandwidth:
		return r.Text, "partition", f.Kind.String()
	case sim.FaultClock, sim.FaultWall:
		return r.Text, "clock", f.Kind.String()
	case sim.FaultExpire:
		return f.Who[0] + "'s session is forced to expire", "expire", "expire"
	}
	return r.Text, "disk", f.Kind.String()
}

// sayPlain does the same as say, for records without a body, which package sim writes.
func (t *narrator) sayPlain(r *sim.Record, who string) (say, why, key string) {
	switch r.Kind {
	case sim.KindBoot:
		return who + " starts", "boot", ""
	case sim.KindRestart:
		return who + " restarts", "boot", "restart"
	case sim.KindCrash:
		return r.Text, "crash", "crash"
	case sim.KindResume:
		return who + " resumes", "pause", "resume"
	case sim.KindSend:
		say = fmt.Sprintf("%s sends %s to %s", who, messageWords(r.Message), t.name(r.To))
		return say, messageWhy(r.Message), ""
	case sim.KindRecv:
		say = fmt.Sprintf("%s gets %s from %s", who, messageWords(r.Message), t.name(r.To))
		return say, messageWhy(r.Message), ""
	case sim.KindDrop:
		return messageWords(r.Message) + " to " + who + " is lost: no connection", "connection", ""
	case sim.KindOpen:
		return fmt.Sprintf("%s has a new connection", who), "connection", ""
	case sim.KindClose:
		return fmt.Sprintf("%s loses a connection", who), "connection", ""
	case sim.KindFsync:
		return fmt.Sprintf("an fsync of %s completes", who), "durable", ""
	case sim.KindTimerFire:
		return fmt.Sprintf("a timer of %s fires", who), "", ""
	case sim.KindViolation:
		return r.Text, "violation", "violation"
	case sim.KindNote:
		if r.Message != nil {
			return fmt.Sprintf("%s gets a command", who), "", ""
		}
	case sim.KindDisk:
		return fmt.Sprintf("%s cannot write to its disk", who), "disk", "disk"
	}
	if r.Text != "" {
		return r.Text, "", ""
	}
	return KindName(r.Kind) + " at " + who, "", ""
}

// messageWords is a message's kind, with its zxid or its vote if it has one.
func messageWords(m sim.Message) string {
	switch b := m.(type) {
	case *zab.Notification:
		return fmt.Sprintf("a vote for S%d", b.Vote.Leader)
	case zab.Message:
		if z := zxidText(b.At()); z != "" {
			return b.Name() + " " + z
		}
	}
	return m.Name()
}

func messageWhy(m sim.Message) string {
	switch m.Name() {
	case "NOTIFICATION":
		return "vote"
	case "PROPOSAL":
		return "propose"
	case "ACK":
		return "ack"
	case "COMMIT", "INFORM":
		return "commit"
	case "FOLLOWERINFO", "OBSERVERINFO", "LEADERINFO", "ACKEPOCH":
		return "epoch"
	case "DIFF", "TRUNC", "SNAP", "SNAPDATA", "NEWLEADER", "UPTODATE":
		return "sync"
	case "REQUEST", "REPLY":
		return "op"
	case "EVENT":
		return "watch"
	case "CONNECT", "CONNECTED", "REVALIDATE":
		return "session"
	}
	return ""
}
