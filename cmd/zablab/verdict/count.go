package verdict

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
)

// Count holds the numbers of checks by verdict. A check that found nothing to check in the run is
// not counted.
type Count struct {
	Good, Bad       int // checks that hold; that broke a property which ZooKeeper does not promise
	Lost, Undecided int // checks of promised properties that are broken; that are undecided
}

// Add counts checks.
func (n *Count) Add(checks []judge.Check) {
	for i := range checks {
		switch c := &checks[i]; {
		case c.Idle:
		case c.Verdict == lin.Undecided:
			n.Undecided++
		case c.Verdict == lin.Broken && c.Promised:
			n.Lost++
		case c.Verdict == lin.Broken, c.Bad:
			n.Bad++
		default:
			n.Good++
		}
	}
}

// Say returns the counts in words, each after the mark of its verdict, such as ✓ or ✗.
func (n *Count) Say(p terminal.Paint) string {
	parts := []string{p.Green("✓") + " " + terminal.Plural(n.Good, "check", "checks")}
	if n.Bad > 0 {
		parts = append(parts, p.Yellow("!")+fmt.Sprintf(" %d with an unwanted result that "+
			"ZooKeeper allows",
			n.Bad))
	}
	if n.Undecided > 0 {
		parts = append(parts, p.Yellow("?")+fmt.Sprintf(" %d undecided", n.Undecided))
	}
	if n.Lost > 0 {
		parts = append(parts, p.Red("✗")+fmt.Sprintf(" %d broken", n.Lost))
	}
	return strings.Join(parts, ", ")
}
