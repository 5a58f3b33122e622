package script

import (
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
)

// caseFaults are nouns for faults of a client in the title of a case: on disconnect.
var caseFaults = newLexicon([]phrase[sim.FaultKind]{
	{"disconnect", sim.FaultSplit}, {"disconnection", sim.FaultSplit},
	{"connection loss", sim.FaultSplit}, {"session loss", sim.FaultSplit},
	{"session timeout", sim.FaultSplit}, {"session expiry", sim.FaultSplit},
	{"session expiration", sim.FaultSplit}, {"timeout", sim.FaultSplit},
	{"crash", sim.FaultCrash}, {"failure", sim.FaultCrash}, {"node failure", sim.FaultCrash},
	{"process crash", sim.FaultCrash}, {"client crash", sim.FaultCrash},
})

// caseBelow reads a note that ends with a colon, such as "on disconnect:", as the fault that it
// names, if the next line shows the effect of that fault.
func (c *compiler) caseBelow(a *Act, over []string, l line) bool {
	who := over[0]
	if len(over) > 1 {
		who = c.cast.onlyClient(over, nil)
	}
	words := l.words
	if len(words) < 2 || !strings.HasSuffix(strings.TrimSpace(l.text), ":") ||
		!has(words[:1], "on", "upon", "after", "at") || c.cast.Roles[who].Kind != RoleClient ||
		!c.showsEnd() {
		return false
	}
	n, kind := caseFaults.at(words[1:])
	if n == 0 || n+1 != len(words) {
		return false
	}
	a.Kind = Fault
	if a.Fault = (FaultNote{Fault: sim.Crash(who)}); kind == sim.FaultSplit {
		a.Fault = FaultNote{Fault: c.isolate(who), Parts: who}
		c.cut[who] = true
	}
	a.told("this note is read as a fault of %s, because the next line shows the effect of the "+
		"fault",
		c.cast.Drawn(who))
	c.hurt(&a.Fault)
	return true
}

// showsEnd says whether the line below is the ensemble's, and says that a node or a session ends.
func (c *compiler) showsEnd() bool {
	text, from := "", ""
	switch it := c.next.(type) {
	case *diagram.Arrow:
		text, from = it.Text, c.cast.name(it.From)
	case *diagram.Note:
		if len(it.Over) == 1 {
			text, from = it.Text, c.cast.name(it.Over[0])
		}
	}
	if c.cast.Roles[from].Kind != RoleEnsemble {
		return false
	}
	_, what := happeningIn(lineOf(diagram.Plain(text)).words, ensembleHappenings, true)
	return what == NodeDeleted || what == SessionOver
}
