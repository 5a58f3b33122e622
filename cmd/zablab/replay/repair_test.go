package replay

import (
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// TestRepairedAfterStop: who interrupts the correction gets the document as it was, and no changes.
func TestRepairedAfterStop(t *testing.T) {
	const text = "sequenceDiagram\nA->>ZK: create /x (ephemeral)\nA->>ZK: Periodic heartbeat/lease renewal\n"
	parsed, err := diagram.Parse("mine.mmd", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := script.Compile(parsed, script.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenarios.Replay(doc, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, stopped := range []bool{false, true} {
		s := session{flags: &flags{fix: true},
			options: scenarios.Options{Stop: func() bool { return stopped }}}
		got, n, err := s.repaired(command.File{Name: "mine.mmd", Text: []byte(text), Doc: parsed}, doc, r)
		if err != nil || (got == text) != stopped || (n == 0) != stopped {
			t.Errorf("stopped %v: %d changes, %v:\n%s", stopped, n, err, got)
		}
	}
}
