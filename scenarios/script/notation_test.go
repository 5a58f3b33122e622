package script

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/diagram"
)

// TestMended: a mended line has a notice, and is an error with Options.Strict.
func TestMended(t *testing.T) {
	doc, err := diagram.Parse("x.md", []byte("sequenceDiagram\nA->>ZK: create /a\nZK-->>A\n"))
	if err != nil {
		t.Fatal(err)
	}
	const cause = "this arrow has no text: add a colon and a text"
	const told = "line 3: " + cause + " (the text is taken as empty)"
	s, err := Compile(doc, Options{})
	if err != nil || len(s.Notices) != 1 || s.Notices[0] != told {
		t.Errorf("%v, %q", err, s.Notices)
	}
	if _, err = Compile(doc, Options{Strict: true}); err == nil ||
		!strings.Contains(err.Error(), "x.md:3:8: "+cause) {
		t.Errorf("strictly: %v", err)
	}
}

// TestPlantUML: a PlantUML diagram has the same readings as the same diagram in Mermaid. A divider
// is a heading, even if it names a fault, if the victim acts below.
func TestPlantUML(t *testing.T) {
	got := readings(t, `@startuml
participant "ZooKeeper" as ZK
== A crashes ==
A -> ZK : create /a (ephemeral)
ZK --> A : OK
@enduml
`)
	const want = `2 participant: the ensemble
3 remark: remark; supplied: this note is only a title and does nothing itself, because A still sends something in line 4
4 call: create /a, ephemeral, as A
5 reply: answer: success
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestEnsembleByName: a program with ZooKeeper in its name is not the ensemble, if a participant
// named ZooKeeper is drawn too.
func TestEnsembleByName(t *testing.T) {
	got := readings(t, `@startuml
participant app.zookeeper.Starter as starter
database zookeeper
starter -> zookeeper : create /a
zookeeper -> starter : OK
@enduml
`)
	if !strings.Contains(got, "3 participant: the ensemble\n4 call: create /a, as starter\n") {
		t.Error(got)
	}
}
