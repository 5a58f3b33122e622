package ensemble

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Whys is the catalogue of explanations that events refer to.
func Whys() []trace.Explanation {
	return []trace.Explanation{
		{Key: "boot", Text: "A server that starts reads its disk first: a snapshot, and every logged change behind it, committed or not."},
		{Key: "crash", Text: "The process is gone, its disk is not. Its connections break at once, and whoever was connected notices."},
		{Key: "power", Text: "A machine without power says nothing to anybody. What was not synced to its disk is lost."},
		{Key: "vote", Text: "Who has no leader votes first for itself, then for the best candidate it hears of: newest epoch, then longest log, then highest number."},
		{Key: "role", Text: "Looking, then discovery of the epoch, then synchronisation, then broadcast. Only in broadcast are clients served."},
		{Key: "elected", Text: "A quorum has promised this epoch and will join no older one. It still has to get the leader's history."},
		{Key: "established", Text: "A quorum holds the leader's whole history on disk. From now on the leader may propose and clients are served."},
		{Key: "epoch", Text: "A promise counts only once it is on disk: a server that forgot it could help two leaders of one epoch."},
		{Key: "sync", Text: "The leader brings each follower to its own history: by the changes it lacks, by cutting off what nobody committed, or by a snapshot."},
		{Key: "propose", Text: "The leader gives each change the next number, epoch/counter, and every server logs them in that order."},
		{Key: "log", Text: "The change is in the log's file, and not yet safe: a loss of power could take it away until the sync is done."},
		{Key: "durable", Text: "The sync is done. Up to here the log survives even a loss of power."},
		{Key: "ack", Text: "An acknowledgement says: I hold this on disk. It is sent behind the sync, never before."},
		{Key: "commit", Text: "A quorum holds the change on disk, so no later leader can be without it. Only now is it applied."},
		{Key: "apply", Text: "The change takes effect in this server's tree. All servers apply the same changes in the same order."},
		{Key: "trunc", Text: "What is cut off was never committed: nobody was told that it happened."},
		{Key: "snap", Text: "A whole state instead of the changes that led to it: for a server that is too far behind."},
		{Key: "session", Text: "A session outlives its connection. It ends when its client closes it, or has not been heard of for its timeout."},
		{Key: "expire", Text: "The leader has not heard of the session for its timeout, rounded up to a tick. It ends through the log, like any change."},
		{Key: "watch", Text: "A watch is a promise to be told once of the next change. The event comes before any answer that shows the new state."},
		{Key: "op", Text: "A write goes to the leader and comes back as a committed change. A read is answered by the server at hand."},
		{Key: "unknown", Text: "The connection broke before the answer came. The change may have happened, may yet happen, or may never."},
		{Key: "connection", Text: "Connections keep their order and break: then both ends forget what was under way on them."},
		{Key: "partition", Text: "Nothing crosses the cut. Only a side with a quorum of servers can go on."},
		{Key: "pause", Text: "The process stands still, as in a long garbage collection. It does not know, and acts on what it knew when it goes on."},
		{Key: "disk", Text: "Disks are slow, fail, fill up, tear the last record or flip a bit. A server that cannot trust its disk ends itself."},
		{Key: "clock", Text: "Each machine has its own clock. Nothing may depend on two of them agreeing."},
		{Key: "belief", Text: "What a client believes is not what the ensemble knows: between the two lies the time that news takes."},
		{Key: "violation", Text: "Something that must always hold does not. The run stops here."},
	}
}

// say tells a record in a sentence, with the key of its explanation and, for a key moment, its mark.
func (t *narrator) say(r *sim.Record) (say, why, key string) {
	who := t.name(r.Node)
	switch b := r.Body.(type) {
	case sim.Fault:
		return t.sayFault(r, &b)
	case Role:
		return t.sayRole(who, &b)
	case Voted:
		return fmt.Sprintf("%s votes for %s in round %d", who, t.leaderName(b.Vote.Leader), b.Round), "vote", ""
	case Elected:
		return fmt.Sprintf("a quorum promises %s epoch %d", who, b.Epoch), "elected", ""
	case Established:
		return fmt.Sprintf("%s leads: epoch %d is established", who, b.Epoch), "established", "leader"
	case Promised:
		return fmt.Sprintf("%s has on disk: accepted %d, current %d", who, b.Accepted, b.Current), "epoch", ""
	case Logged:
		return fmt.Sprintf("%s logs %v: %s", who, b.Zxid, txnText(b.Txn)), "log", ""
	case Durable:
		return fmt.Sprintf("%s has its log on disk up to %v", who, b.Zxid), "durable", ""
	case Acked:
		return fmt.Sprintf("%s acknowledges %v", who, b.Zxid), "ack", ""
	case Committed:
		return fmt.Sprintf("%s commits %v: a quorum has it", who, b.Zxid), "commit", ""
	case Applied:
		return t.sayApplied(who, &b)
	case Truncated:
		return fmt.Sprintf("%s cuts its log off behind %v", who, b.Zxid), "trunc", "trunc"
	case Installed:
		return fmt.Sprintf("%s takes a snapshot at %v for its log", who, b.Zxid), "snap", "snap"
	case Snapped:
		return fmt.Sprintf("%s has a snapshot at %v on disk", who, b.Zxid), "snap", ""
	case Restored:
		return fmt.Sprintf("%s rebuilds its tree from a snapshot", who), "boot", ""
	case Synced:
		return fmt.Sprintf("%s brings %s up to date by %s", who, t.name(b.To), b.Kind), "sync", ""
	case Recovered:
		return fmt.Sprintf("%s reads its disk: log up to %v", who, b.Last), "boot", ""
	case Refused:
		return who + ": " + b.Why, "", ""
	}
	return t.sayClients(r, who)
}

// sayClients tells what concerns sessions, watches and operations.
func (t *narrator) sayClients(r *sim.Record, who string) (say, why, key string) {
	switch b := r.Body.(type) {
	case Expired:
		return fmt.Sprintf("%s: silent for %s, %s's session expires", who, b.Silent.Brief(), t.clientName(b.Session)), "expire", "expire"
	case SessionOpened:
		return fmt.Sprintf("%s knows %s's session", who, t.clientName(b.Session)), "session", ""
	case SessionClosed:
		return fmt.Sprintf("on %s the session of %s is over", who, t.clientName(b.Session)), "session", ""
	case SessionMoved:
		return fmt.Sprintf("%s's session moves to another server", t.clientName(b.Session)), "session", ""
	case WatchSet:
		return fmt.Sprintf("%s watches %s on %s", t.clientName(b.Session), b.Path, who), "watch", ""
	case WatchFired:
		if t.e.World.Machine(r.Node).Kind == "client" {
			return fmt.Sprintf("%s is told: %s %s", who, b.Event.Path, eventWord(b.Event.Type)), "watch", "watch"
		}
		return fmt.Sprintf("%s tells %s that %s is %s", who, t.clientName(b.Session), b.Event.Path, eventWord(b.Event.Type)), "watch", ""
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

// sayOther is for bodies that others have put on records.
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
	if name := t.clientOf(session); name != "" {
		return name
	}
	return "somebody"
}

func (t *narrator) sayRole(who string, b *Role) (say, why, key string) {
	switch roleWord(b) {
	case "looking":
		return who + " has no leader and looks for one", "role", "looking"
	case "leading":
		return fmt.Sprintf("%s leads epoch %d", who, b.Epoch), "role", ""
	case "following", "observing":
		return fmt.Sprintf("%s follows %s in epoch %d", who, t.leaderName(b.Leader), b.Epoch), "role", ""
	}
	if b.State == zab.Leading {
		return fmt.Sprintf("%s is to lead: %s", who, strings.ToLower(b.Phase.String())), "role", ""
	}
	return fmt.Sprintf("%s joins %s: %s", who, t.leaderName(b.Leader), strings.ToLower(b.Phase.String())), "role", ""
}

func (t *narrator) sayApplied(who string, b *Applied) (say, why, key string) {
	verb := "applies"
	if b.Replayed {
		verb = "replays"
	}
	return fmt.Sprintf("%s %s %v: %s", who, verb, b.Zxid, txnText(b.Txn)), "apply", ""
}

func (t *narrator) sayReturned(who string, b *OpReturned) (say, why, key string) {
	what := opWords(&t.e.ops[b.Op].Op)
	switch b.Outcome.String() {
	case "ok":
		return fmt.Sprintf("%s hears: ok (%s)", who, what), "op", "ret"
	case "unknown":
		return fmt.Sprintf("%s never hears of %s", who, what), "unknown", "ret"
	}
	return fmt.Sprintf("%s hears: %s (%s)", who, b.Code.Error(), what), "op", "ret"
}

// opWords is an operation in a few words.
func opWords(o *tree.Op) string {
	switch o.Type {
	case tree.OpCreate2:
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

func eventWord(e tree.EventType) string {
	switch e {
	case tree.NodeCreated:
		return "there"
	case tree.NodeDeleted:
		return "gone"
	case tree.NodeDataChanged:
		return "changed"
	}
	return "with other children"
}

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
		return fmt.Sprintf("%s stands still for %s", who, f.Span), "pause", "pause"
	case sim.FaultSplit:
		return "the network splits: " + strings.TrimPrefix(r.Text, "split "), "partition", "split"
	case sim.FaultHeal:
		return "the network is whole again", "partition", "heal"
	case sim.FaultCut, sim.FaultMend, sim.FaultDelay, sim.FaultHold, sim.FaultRelease, sim.FaultReset:
		return r.Text, "partition", f.Kind.String()
	case sim.FaultClock, sim.FaultWall:
		return r.Text, "clock", f.Kind.String()
	case sim.FaultExpire:
		return "the session of " + f.Who[0] + " is to end", "expire", "expire"
	}
	return r.Text, "disk", f.Kind.String()
}

// sayPlain tells what sim says by itself.
func (t *narrator) sayPlain(r *sim.Record, who string) (say, why, key string) {
	switch r.Kind {
	case sim.KindBoot:
		return who + " starts", "boot", ""
	case sim.KindRestart:
		return who + " starts again", "boot", "restart"
	case sim.KindCrash:
		return r.Text, "crash", "crash"
	case sim.KindResume:
		return who + " goes on", "pause", "resume"
	case sim.KindSend:
		return fmt.Sprintf("%s sends %s to %s", who, messageWords(r.Message), t.name(r.To)), messageWhy(r.Message), ""
	case sim.KindRecv:
		return fmt.Sprintf("%s gets %s from %s", who, messageWords(r.Message), t.name(r.To)), messageWhy(r.Message), ""
	case sim.KindDrop:
		return fmt.Sprintf("%s for %s is lost: nobody is there", messageWords(r.Message), who), "connection", ""
	case sim.KindOpen:
		return fmt.Sprintf("%s has a new connection", who), "connection", ""
	case sim.KindClose:
		return fmt.Sprintf("a connection of %s is gone", who), "connection", ""
	case sim.KindFsync:
		return fmt.Sprintf("%s: a sync of the disk is done", who), "durable", ""
	case sim.KindTimerFire:
		return fmt.Sprintf("a timer of %s runs out", who), "", ""
	case KindViolation:
		return r.Text, "violation", "violation"
	case sim.KindNote:
		if r.Message != nil {
			return fmt.Sprintf("%s is told what to do", who), "", ""
		}
	case sim.KindDisk:
		return fmt.Sprintf("a write of %s fails", who), "disk", "disk"
	}
	if r.Text != "" {
		return r.Text, "", ""
	}
	return kindName(r.Kind) + " at " + who, "", ""
}

// messageWords is a message's kind, with its zxid or its vote.
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
