package scenarios_test

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// The leader dies, and a note says that its node is gone. All arrows happen, but not at once: the
// lab says what had to happen first.
func Example() {
	doc, err := diagram.ParseStrict("leader.md", []byte(`# The leader dies

sequenceDiagram
A->>ZK: create /leader (ephemeral)
ZK-->>A: success
B->>ZK: watch /leader
Note over A: crashes
ZK-->>B: notification — /leader is gone
B->>ZK: create /leader (ephemeral)
ZK-->>B: failed — exists
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := script.Compile(doc, script.Options{Strict: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := scenarios.Replay(s, scenarios.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range result.Diagrams[0].Arrows {
		fmt.Println(strings.TrimSpace(fmt.Sprintf("line %d: %s %s", a.Line, a.Verdict, a.Instead)))
		for _, o := range a.Omitted {
			fmt.Println("  ", o.Say)
		}
	}
	// Output:
	// line 4: as-drawn
	// line 5: as-drawn
	// line 6: as-drawn
	// line 7: applied
	// line 8: later
	//    A's session had to expire first: its timeout is 4s, and the leader had not heard from A for 4.78s
	// line 9: as-drawn
	// line 10: different ok
}
