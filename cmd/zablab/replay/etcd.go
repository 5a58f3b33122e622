package replay

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/etcd"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree/client"
)

// etcd returns a function that starts a cluster of etcd for each world. The cluster ends with its
// world, or with ctx.
func (f *flags) etcd(ctx context.Context) func(engine.Stage) (engine.Engine, error) {
	return func(s engine.Stage) (engine.Engine, error) {
		if s.Observers > 0 {
			return nil, fmt.Errorf("observers=%d: a cluster of etcd that zablab starts has only "+
				"voting members: use --engine lab", s.Observers)
		}
		return etcd.NewEngine(ctx, etcd.Config{Stage: s})
	}
}

// notesOfEtcd returns a note for each setting of a document that etcd lacks or changes.
func notesOfEtcd(s *script.Script) (list []string) {
	said := make(map[string]bool)
	for _, d := range s.Diagrams {
		say := func(format string, args ...any) {
			if text := fmt.Sprintf(format, args...); !said[text] {
				said[text] = true
				list = append(list, fmt.Sprintf("line %d: %s", d.Diagram.Line, text))
			}
		}
		stage := &d.Stage
		if lease := etcd.LeaseFor(stage.SessionTimeout); lease != stage.SessionTimeout {
			say("a session is a lease of %s, not %s: a lease of etcd lasts whole seconds, at "+
				"least %s",
				lease.Brief(), stage.SessionTimeout.Brief(), etcd.LeastLease.Brief())
		}
		if stage.ExpireOnDisconnect {
			say("expiry=disconnect is impossible on etcd: a lease does not end with a connection")
		}
		if stage.Leader != 0 {
			say("leader=S%d is impossible on etcd: its servers elect their first leader themselves",
				stage.Leader)
		}
		if stage.QuorumSync {
			say("on etcd every sync asks a quorum (sync=quorum): it is a linearizable read")
		}
		if stage.Library != client.Plain {
			say("client=%s is impossible on etcd: etcd has its own client library", stage.Library)
		}
		for _, setting := range speeds(stage) {
			say("%s is impossible on etcd: %s", setting, whyNoSpeeds)
		}
	}
	return list
}

// whyItDiffers returns why an arrow differs on etcd from the simulated run, or "" if etcd is not the
// reason.
func whyItDiffers(d *difference) string {
	call := callOf(d.simulatedRun, d.simulated)
	if why := whyOnEtcd(d.real, d.simulated, call); why != "" || call == nil {
		return why
	}
	return whyNotReconnected(d, call)
}

// whyNotReconnected returns why a call did not have to wait for a new connection on etcd, although
// it had to in the simulated run; "" if it had to, or if etcd is not the reason.
func whyNotReconnected(d *difference, call *scenarios.Arrow) string {
	elected, before := d.reconnected(call)
	switch {
	case elected:
		return "etcd servers keep their client connections during an election"
	case before != nil:
		return fmt.Sprintf("%s had already opened its new connection on etcd, during its call "+
			"of line %d", before.From, before.Line)
	}
	return ""
}

// reconnected returns what spared a call on real servers the wait for a new connection that it had
// in the simulated run: an election since the client's last call, or an earlier call of the client
// that waited for the connection. It returns neither if the call was not spared a wait.
func (d *difference) reconnected(call *scenarios.Arrow) (elected bool, before *scenarios.Arrow) {
	if d.real.Verdict.Wrong() || d.simulated.Verdict.Wrong() ||
		d.real.Omits(scenarios.OmittedReconnect) || !d.simulated.Omits(scenarios.OmittedReconnect) {
		return false, nil
	}
	for i := range d.simulatedRun.Arrows {
		a := &d.simulatedRun.Arrows[i]
		switch {
		case a == call:
			return elected, nil
		case elects(a):
			elected = true
		case a.Kind == script.Call && a.From == call.From:
			elected = false
			if real := sameArrow(d.realRun, a); real != nil &&
				real.Omits(scenarios.OmittedReconnect) && !a.Omits(scenarios.OmittedReconnect) {
				return false, a
			}
		}
	}
	return false, nil
}

// elects reports whether an arrow expects an election, or that a server leads.
func elects(a *scenarios.Arrow) bool {
	return a.Kind == script.Happening &&
		(strings.HasSuffix(a.Says, ": elects a leader") || strings.HasSuffix(a.Says, ": leads"))
}

// whyOnEtcd returns the property of etcd because of which an arrow differs from the simulated run,
// or "" if there is another reason. The call is the arrow itself, or the call that it answers; nil if
// there is none.
func whyOnEtcd(real, simulated, call *scenarios.Arrow) string {
	well := real.Verdict == scenarios.AsDrawn || real.Verdict == scenarios.Later
	more := func(what scenarios.OmittedKind) bool { return real.Omits(what) && !simulated.Omits(what) }
	said := real.Instead + real.Answer
	switch {
	case real.Kind == script.Packet:
		return ""
	case real.Verdict == scenarios.Never && elects(real) && strings.HasSuffix(said, " leads"):
		return "etcd elects the server whose election timeout, which is random, ends first"
	case real.Kind == script.Event && well && simulated.Verdict == scenarios.Never:
		return "an etcd watch misses no change"
	case strings.Contains(said, "a watch fires only once"):
		return "etcd's watch had already fired, for a change that ZooKeeper's watch missed"
	case strings.Contains(said, "session expired") &&
		!strings.Contains(simulated.Instead, "session expired"):
		return "an etcd client decides by its own clock that its lease is over"
	case strings.Contains(said, "connection lost") && simulated.Verdict == scenarios.Never:
		return "an etcd call fails if no answer comes within the time to live of a lease"
	case strings.Contains(said, "connection lost") && simulated.Verdict == scenarios.Later &&
		simulated.Omits(scenarios.OmittedReconnect):
		return "if a server does not renew an etcd client's lease in time, the client leaves the " +
			"server, and the calls that wait there fail"
	case well && more(scenarios.OmittedExpiry):
		return "an etcd lease that nobody revokes ends only when its time to live is over"
	case well && simulated.Omits(scenarios.OmittedReconnect) &&
		simulated.Omits(scenarios.OmittedElection) && !real.Omits(scenarios.OmittedReconnect):
		return "etcd servers keep their client connections during an election"
	case well && real.Kind == script.Reply && simulated.Verdict == scenarios.Different &&
		strings.HasPrefix(simulated.Instead, "ok:"):
		return "reads of etcd are linearizable"
	case well && more(scenarios.OmittedElection) && reads(real):
		return "etcd answers a read only while it has a leader"
	case well && more(scenarios.OmittedReconnect) && call != nil &&
		strings.HasPrefix(call.Says, "multi"):
		return "a multi on etcd begins with a read, which the client repeats if its answer is lost"
	case well && more(scenarios.OmittedReconnect) && call != nil && reads(call) &&
		strings.HasPrefix(simulated.Instead, "connection lost"):
		return "an etcd client repeats a read whose answer is lost"
	}
	return ""
}

// reads reports whether an arrow is a read, or the answer to one, which names a value.
func reads(a *scenarios.Arrow) bool {
	verb, _, _ := strings.Cut(a.Says, " ")
	return slices.Contains([]string{"get", "exists", "children", "sync"}, verb) ||
		strings.HasPrefix(a.Says, "answer: [")
}
