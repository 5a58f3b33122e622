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
			return nil, fmt.Errorf("observers=%d: a cluster that zablab starts has no learners: "+
				"use --engine lab", s.Observers)
		}
		return etcd.NewEngine(ctx, etcd.Config{Stage: s})
	}
}

// notesOfEtcd returns the settings of a document that etcd does not have, or has otherwise.
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
			say("a session is a lease of %s, not %s: etcd counts in whole seconds, from %s",
				lease.Brief(), stage.SessionTimeout.Brief(), etcd.LeastLease.Brief())
		}
		if stage.ExpireOnDisconnect {
			say("expiry=disconnect is impossible on etcd: a lease does not end with a connection")
		}
		if stage.QuorumSync {
			say("sync=quorum is always so on etcd: a sync is a linearizable read")
		}
		if stage.Library != client.Plain {
			say("client=%s is impossible on etcd: it has a client library of its own", stage.Library)
		}
		for _, setting := range speeds(stage) {
			say("%s is impossible on etcd: %s", setting, whyNoSpeeds)
		}
	}
	return list
}

// whyOnEtcd says in a few words why an arrow came out on etcd in another way than in the simulated
// run; empty if etcd's ways are not the reason.
func whyOnEtcd(real, simulated *scenarios.Arrow) string {
	well := real.Verdict == scenarios.AsDrawn || real.Verdict == scenarios.Later
	waits := func(a *scenarios.Arrow, what scenarios.OmittedKind) bool {
		return slices.ContainsFunc(a.Omitted, func(o scenarios.Omitted) bool { return o.What == what })
	}
	said := real.Instead + real.Answer
	switch {
	case real.Kind == script.Packet:
		return ""
	case real.Kind == script.Event && well && simulated.Verdict == scenarios.Never:
		return "a watch of etcd misses no change"
	case strings.Contains(said, "a watch fires only once"):
		return "ZooKeeper's watch had missed the change for which etcd's fired"
	case strings.Contains(said, "session expired") &&
		!strings.Contains(simulated.Instead, "session expired"):
		return "a client of etcd counts the time of its lease itself"
	case strings.Contains(said, "connection lost") && simulated.Verdict == scenarios.Never:
		return "a call on etcd fails when no answer comes while its lease lives"
	case well && waits(real, scenarios.OmittedExpiry) && !waits(simulated, scenarios.OmittedExpiry):
		return "a lease ends by its time alone"
	case well && waits(simulated, scenarios.OmittedReconnect) &&
		!waits(real, scenarios.OmittedReconnect):
		return "a server of etcd keeps its clients during an election"
	case well && real.Kind == script.Reply && simulated.Verdict == scenarios.Different &&
		strings.HasPrefix(simulated.Instead, "ok:"):
		return "reads of etcd are linearizable"
	}
	return ""
}
