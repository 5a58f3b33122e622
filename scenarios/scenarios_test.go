package scenarios_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
)

func TestTutorial(t *testing.T) {
	b, err := os.ReadFile("../../shared/tutorial/zookeeper-election.txt")
	if err != nil {
		t.Skip(err)
	}
	doc, err := diagram.Parse("zookeeper-election.txt", b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Compile(doc, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenarios.Replay(s, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range r.Notices {
		fmt.Println(n)
	}
	for _, d := range r.Diagrams {
		fmt.Println(d.Title, d.Line, d.Verdict, d.Fingerprint)
		for _, a := range d.Arrows {
			fmt.Println(a.Line, a.Kind, a.From, a.To, a.Text, a.Verdict, a.At.Seconds(), a.Omitted, a.Instead, a.Answer)
		}
		for _, c := range d.Checks {
			fmt.Println(c)
		}
		fmt.Printf("%+v\n", d.Facts)
	}
}
