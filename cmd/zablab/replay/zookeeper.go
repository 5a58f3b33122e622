package replay

import (
	"context"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree/client"
)

func (f *flags) addresses() []string {
	if f.connect == "" {
		return nil
	}
	return strings.Split(f.connect, ",")
}

// zookeeper returns a function that starts a real ensemble for each world. The ensemble ends with
// its world, or with ctx.
func (f *flags) zookeeper(ctx context.Context) func(engine.Stage) (engine.Engine, error) {
	return func(s engine.Stage) (engine.Engine, error) {
		if s.Observers > 0 {
			return nil, fmt.Errorf(
				"observers=%d: an ensemble that zablab starts has no observers: use --engine lab",
				s.Observers)
		}
		return apache.NewEngine(ctx, apache.Config{Stage: s, Connect: f.addresses()})
	}
}

// unplayable returns the settings of a document that are impossible on real servers, and why.
func unplayable(s *script.Script) (list []string) {
	for _, d := range s.Diagrams {
		say := func(setting, why string) {
			list = append(list, fmt.Sprintf("line %d: %s is impossible on real servers: %s",
				d.Diagram.Line, setting, why))
		}
		if d.Stage.ExpireOnDisconnect {
			say("expiry=disconnect", "a real session does not end with its connection")
		}
		if n := d.Stage.Leader; n != 0 && d.Fresh {
			say(fmt.Sprintf("leader=S%d", n), "real servers start together, and elect their first leader "+
				"themselves")
		}
		if d.Stage.QuorumSync {
			say("sync=quorum", "a real sync call asks the leader")
		}
		if l := d.Stage.Library; l != client.Plain && l != client.Go {
			say("client="+l.String(), "on real servers the lab's clients always use the library "+
				"go-zookeeper")
		}
		for _, setting := range speeds(&d.Stage) {
			say(setting, whyNoSpeeds)
		}
	}
	return list
}

// whyOnZooKeeper returns why an arrow differs on Apache ZooKeeper from the simulated run, if a server
// that lags behind is the reason; else "". Real servers lag longer than the lab's when the machine
// has much else to do.
func whyOnZooKeeper(d *difference) string {
	well := d.real.Verdict == scenarios.AsDrawn || d.real.Verdict == scenarios.Later
	call := callOf(d.simulatedRun, d.simulated)
	switch {
	case d.real.Kind == script.Event && well && d.real.Omits(scenarios.OmittedReconnect) && d.simulated.Verdict == scenarios.Never:
		return "the client's new server lagged behind: when the watch was set there again, that " +
			"server had not yet applied the later write that undid the change"
	case d.real.Kind == script.Event && strings.Contains(d.real.Instead, "a watch fires only once"):
		return "the watch had already fired, for an earlier change"
	case d.real.Kind == script.Reply && call != nil && reads(call) &&
		d.realRun.Figures.Stale > d.simulatedRun.Figures.Stale:
		return fmt.Sprintf("the server that answered lagged behind; stale reads in this run: %d",
			d.realRun.Figures.Stale)
	}
	return ""
}
