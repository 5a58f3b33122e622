package diagram_test

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/diagram"
)

func ExampleParse() {
	doc, err := diagram.Parse("race.md", []byte(`# The race

sequenceDiagram
participant A as App A
A->>ZK: create /leader (ephemeral)
ZK-->>A: ok
%% expect: later
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range doc.Diagrams[0].Items {
		if a, ok := item.(*diagram.Arrow); ok {
			fmt.Printf("%d: %s %s %s %q %q\n", a.Line, a.From, a.Token(), a.To, a.Text, a.Expect)
		}
	}
	// Output:
	// 5: A ->> ZK "create /leader (ephemeral)" ""
	// 6: ZK -->> A "ok" "later"
}

func ExampleParseStrict() {
	_, err := diagram.ParseStrict("race.md", []byte("sequenceDiagram\nA->>ZK create /leader"))
	fmt.Println(err)
	// Output:
	// race.md:2:22: this arrow has no text: add a colon and a text
}

func ExampleBuilder() {
	b := diagram.NewDiagram("What happened")
	b.Participant("A", "App A")
	b.Open("par", "")
	b.Arrow("A", "S1", "create /leader; then wait")
	b.Branch("")
	b.Note("crashes", "S2")
	b.Close()
	b.Reply("S1", "A", "ok #1")
	fmt.Print(diagram.Print(b.Diagram()))
	// Output:
	// sequenceDiagram
	//     title What happened
	//     participant A as App A
	//     par
	//         A->>S1: create /leader#59; then wait
	//     and
	//         Note over S2: crashes
	//     end
	//     S1-->>A: ok #35;1
}
