package explore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// base is the setup whose name a world of a document has.
const base = "oracle"

// drawn is what a document has that a small world can have too. Of several worlds of the document,
// the bounds allow what any of them has.
type drawn struct {
	set  explore.Setup
	left []string // lines that a small world has no equal of
}

// ofDocument returns a small world with the servers, the writes and the servers' faults of a
// document, in any order, and a sentence that says so.
func ofDocument(doc *diagram.Document) (s explore.Setup, says string, err error) {
	compiled, err := script.Compile(doc, script.Options{})
	if err != nil {
		return s, "", err
	}
	d := drawn{}
	d.set, _ = explore.FindSetup(base)
	d.set.Atomic = true
	for _, w := range compiled.Worlds {
		d.world(w)
	}
	s = d.set
	faults := s.Crashes + s.Powers + s.Wipes + s.Timeouts
	if s.Writes+faults == 0 {
		return s, "", fmt.Errorf("explore %s: no client of this document writes and no server fails, so "+
			"there is nothing to try in another order: name a setup (--list), or see zablab odds and "+
			"zablab atlas", doc.Name)
	}
	s.MaxEpoch = uint32(1 + max(1, faults))
	says = fmt.Sprintf("%s: every order of what servers of this document may meet, not the order that is "+
		"drawn: %s", doc.Name, s.Bounds())
	if len(d.left) > 0 {
		says += "; left out: " + strings.Join(d.left, ", ")
	}
	return s, says, nil
}

// world adds a world of a document.
func (d *drawn) world(w *script.World) {
	one := explore.Setup{}
	for _, scene := range w.Scenes {
		for _, a := range scene.Arrows {
			switch {
			case a.Kind == script.Fault:
				d.fault(&one, a.Fault.Fault, a.Fault.Target, a.Pos.Line)
			case a.Kind == script.Call && a.Op.Type.Writes():
				one.Writes++
			}
		}
	}
	for _, f := range w.Faults {
		d.fault(&one, f.Fault, script.ByName, f.Pos.Line)
	}
	for _, c := range w.Calls {
		if c.Op.Type.Writes() {
			one.Writes++
		}
	}
	s := &d.set
	s.Servers, s.Observers = max(s.Servers, w.Stage.Servers), max(s.Observers, w.Stage.Observers)
	s.Writes, s.Crashes = max(s.Writes, one.Writes), max(s.Crashes, one.Crashes)
	s.Powers, s.Wipes = max(s.Powers, one.Powers), max(s.Wipes, one.Wipes)
	s.Timeouts = max(s.Timeouts, one.Timeouts)
}

// fault adds a fault of servers. A server that is paused or cut off is to the others one whose
// timeout comes early.
func (d *drawn) fault(one *explore.Setup, f sim.Fault, target script.Target, line int) {
	server := target == script.LeaderServer || target == script.FollowerServer
	for _, who := range slices.Concat(append(f.Groups, f.Who)...) {
		server = server || isServer(who)
	}
	switch {
	case f.Kind == sim.FaultRestart, f.Kind == sim.FaultHeal, f.Kind == sim.FaultMend,
		f.Kind == sim.FaultRelease:
		return // a server may restart whenever it is down
	case server && f.Kind == sim.FaultCrash:
		one.Crashes++
	case server && f.Kind == sim.FaultPower:
		one.Powers++
	case server && f.Kind == sim.FaultWipe:
		one.Wipes++
	case server && slices.Contains([]sim.FaultKind{sim.FaultPause, sim.FaultSplit, sim.FaultCut,
		sim.FaultReset}, f.Kind):
		one.Timeouts++
	case server:
		d.left = append(d.left, fmt.Sprintf("line %d (%s)", line, f.Kind))
	default:
		d.left = append(d.left, fmt.Sprintf("line %d (a client's fault)", line))
	}
}

// isServer reports whether a name of a run is that of a server, S1 to S9.
func isServer(who string) bool {
	for i := range engine.MaxServers {
		if who == engine.ServerName(zab.ID(i+1)) {
			return true
		}
	}
	return false
}

// terminalNotice is a sentence for the error output.
func terminalNotice(says string) string { return terminal.Wrap("zablab: "+says, 96, "  ") }
