package diagram

import (
	"strings"
	"testing"
	"unicode/utf8"
)

const every = `sequenceDiagram
%% lab: servers=5 fresh
participant A as App A
participant ZK as ZooKeeper and nobody else
A->>ZK: create /leader (ephemeral), which is a text that takes more than one row of a narrow terminal
ZK-->>A: success
%% expect: later
S1-xS2: PROPOSAL 1/3
Note over A,S1: split
Note over S2: crashes
A->>A: thinks
par one
  S2->>S1: x
and two
  alt yes
    S1->>A: y
  else no
    S2->>A: z
  end
end
`

const drawn = `App A  ZK    S1    S2
│      │     │     │
│      │     │     │  (stage: servers=5
│      │     │     │  fresh)
├─────►│     │     │  create /leader
│      │     │     │  (ephemeral), which is
│      │     │     │  a text that takes more
│      │     │     │  than one row of a
│      │     │     │  narrow terminal
│◄┄┄┄┄┄┤     │     │  success (later, as
│      │     │     │  expected)
│      │     ├────✕│  PROPOSAL 1/3
●······│·····●     │  split
│      │     │     ●  crashes
│↺     │     │     │  thinks
│      │     │     │  ┌ par one
│      │     │◄────┤  │ x
│      │     │     │  ├ and two
│      │     │     │  │ ┌ alt yes
│◄───────────┤     │  │ │ y
│      │     │     │  │ ├ else no
│◄─────────────────┤  │ │ z
│      │     │     │  │ └
│      │     │     │  └
`

func TestDraw(t *testing.T) {
	doc, err := Parse("x.md", []byte(every))
	if err != nil {
		t.Fatal(err)
	}
	if got := Draw(doc.Diagrams[0], 44); got != drawn {
		t.Errorf("is drawn as\n%s\nwant\n%s", got, drawn)
	}
	for _, columns := range []int{0, 40, 60, 100} {
		for line := range strings.Lines(Draw(doc.Diagrams[0], columns)) {
			if n := utf8.RuneCountInString(line) - 1; n > max(columns, 40) {
				t.Errorf("%d columns: %d in %s", columns, n, line)
			}
		}
	}
}
