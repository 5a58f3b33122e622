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

// Why arrows differ on Apache ZooKeeper from the simulated run.
const (
	whyNoQuick = "a session of real servers does not end with its connection, but at its timeout"
	whyOneVote = "real servers do not start at the same instant, and of the votes that wait for a " +
		"connection a server sends only the newest"
	whyReconnected = "the client had its new connection before this call: go-zookeeper gives up an " +
		"attempt to connect after one second, and the lab's client after the session timeout " +
		"divided by the number of servers"
	aboutAsLong = "the two take about as long"
)

// whyOnZooKeeper returns why an arrow differs on Apache ZooKeeper from the simulated run, if the
// reason is known; else "".
func whyOnZooKeeper(d *difference) string {
	call := callOf(d.simulatedRun, d.simulated)
	switch {
	case !d.real.Verdict.Wrong() && d.realRun.Stage.ExpireOnDisconnect &&
		d.real.Omits(scenarios.OmittedExpiry) && !d.simulated.Omits(scenarios.OmittedExpiry):
		return whyNoQuick
	case d.real.Kind == script.Packet && d.real.Verdict == scenarios.Never &&
		strings.HasPrefix(d.real.Says, "message NOTIFICATION") &&
		strings.Contains(d.real.Instead, "only: vote for "):
		return whyOneVote
	case d.real.Kind == script.Reply:
		if why := d.whichFirst(); why != "" {
			return why
		}
	}
	if call != nil {
		if elected, _ := d.reconnected(call); elected {
			return whyReconnected
		}
	}
	return whyLagging(d, call)
}

// whichFirst says whether a lost connection or an election was first on real servers, if that is
// what differs; else "". The two need about the same time: a leader without followers gives up
// after syncLimit ticks.
func (d *difference) whichFirst() string {
	if d.real.Verdict.Wrong() || d.simulated.Verdict.Wrong() ||
		!strings.HasSuffix(d.real.Says, "connection lost") ||
		d.real.Omits(scenarios.OmittedElection) == d.simulated.Omits(scenarios.OmittedElection) {
		return ""
	}
	first, second := "connection", "election"
	if d.real.Omits(scenarios.OmittedElection) {
		first, second = second, first
	}
	return fmt.Sprintf("on these servers the %s ended before the %s; %s", first, second, aboutAsLong)
}

// whyLagging returns why an arrow differs, if a server that lags behind is the reason; else "".
// Real servers lag longer than the lab's when the machine has much else to do.
func whyLagging(d *difference, call *scenarios.Arrow) string {
	well := d.real.Verdict == scenarios.AsDrawn || d.real.Verdict == scenarios.Later
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
