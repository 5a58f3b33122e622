package serve

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/gateway/live"
	"github.com/zablab/zablab/scenarios/judge"
)

// session is a session of real clients, or one that was played again.
type session struct {
	world   *gateway.World
	figures live.Figures
	again   string // the file with which to play it again
	full    bool   // it has used its memory

	replayed *gateway.Replayed // of a session that was played again
	name     string            // of its file
	checks   []judge.Check
}

// JSON is the output of zablab serve --json, and of zablab replay --json for a recorded session.
// Its keys are stable: keys may be added, but never renamed.
type JSON struct {
	Seconds     float64       `json:"seconds"`
	Clients     int           `json:"clients"`
	Operations  int           `json:"operations"`
	Parts       int           `json:"parts,omitempty"` // of the history, checked one by one
	Faults      uint64        `json:"faults"`
	LagMs       int64         `json:"lag_ms"`
	SlippedMs   int64         `json:"slipped_ms"`
	Fingerprint string        `json:"fingerprint"`
	Same        *bool         `json:"same,omitempty"`        // as in the recorded run; absent if unknown
	MemoryUsed  bool          `json:"memory_used,omitempty"` // and therefore it has ended
	Checks      []judge.Check `json:"checks"`
}

// print prints the figures and the checks of a session, and returns the exit status.
func (s *session) print(cmd *cobra.Command) error {
	checks, err := s.world.Judge()
	if err != nil {
		return err
	}
	s.checks = checks
	e := s.world.Ensemble
	stats := e.World.Stats()
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		command.WriteJSON(out, JSON{
			float64(e.Now()) / 1e6, len(e.Clients()), e.NumOps(), s.parts(), stats.Faults,
			s.figures.Lag.Milliseconds(), s.figures.Slipped.Milliseconds(),
			fmt.Sprintf("%016x", e.World.Fingerprint()), s.same(), s.full, checks,
		})
	} else {
		s.text(out, checks)
	}
	if code := verdict.Code(checks); code != command.OK {
		return command.Status(code)
	}
	return nil
}

// parts returns in how many parts the history was checked; 0 if it was checked as a whole.
func (s *session) parts() int {
	if n := s.world.Parts(); n > 0 {
		return n + 1
	}
	return 0
}

// same reports whether a session that was played again had the fingerprint of the recorded run; nil
// if that is unknown.
func (s *session) same() *bool {
	if s.replayed == nil || !s.replayed.Complete {
		return nil
	}
	return &s.replayed.Same
}

// text prints a session as text: its figures, how many checks hold, and each that does not.
func (s *session) text(out io.Writer, checks []judge.Check) {
	p := verdict.NewPrinter(out)
	e := s.world.Ensemble
	fmt.Fprintf(out, "\n%s  %s, %s, %s, %s\n", p.Bold("Run"), e.Now().Seconds(),
		terminal.Plural(len(e.Clients()), "client", "clients"),
		terminal.Plural(e.NumOps(), "operation", "operations"),
		terminal.Plural(int(e.World.Stats().Faults), "fault", "faults"))
	if s.figures.Slipped > 0 {
		fmt.Fprintf(out, "  the simulation was slower than real time: its clock lags real time "+
			"by %v\n",
			s.figures.Slipped.Round(time.Millisecond))
	}
	var n verdict.Count
	n.Add(checks)
	events := terminal.Plural(int(e.World.Stats().Events), "event", "events")
	if n := s.parts(); n > 0 {
		events += fmt.Sprintf(", the history in %d parts", n)
	}
	fmt.Fprintf(out, "%s  %s\n", p.Bold("Checked"),
		terminal.Fold(out, n.Say(p.Paint)+", "+events, 9))
	for i := range checks {
		if c := &checks[i]; c.Bad || c.Verdict != lin.Linearizable {
			p.Row(c)
		}
	}
	fmt.Fprintf(out, "%s  %016x%s\n", p.Bold("Fingerprint"), e.World.Fingerprint(),
		s.compared(p.Paint))
	if s.again != "" {
		fmt.Fprintf(out, "%s  zablab replay %s\n", p.Bold("Again"), s.again)
	}
}

// compared says how a session that was played again compares with the recorded run.
func (s *session) compared(p terminal.Paint) string {
	switch {
	case s.replayed == nil:
		return ""
	case !s.replayed.Complete:
		return p.Yellow("  ? not comparable with the recorded run: the recording has no end line, " +
			"because the program that wrote it was killed")
	case !s.replayed.Same:
		return p.Red("  ✗ the recorded run had another fingerprint: another version of the lab " +
			"recorded it")
	}
	return p.Green("  ✓ as recorded")
}
