package scenarios

import (
	"testing"

	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// BenchmarkLeaderDies measures the second diagram of the chapter "the-leader-dies", after the
// first.
func BenchmarkLeaderDies(b *testing.B) {
	c, ok := book.Find("the-leader-dies")
	if !ok {
		b.Fatal("no such chapter")
	}
	doc, err := diagram.ParseStrict(c.Name, c.Text)
	if err != nil {
		b.Fatal(err)
	}
	s, err := script.Compile(doc, script.Options{Strict: true})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		p, err := newPlayer(s, s.Worlds[0], 1, &Options{}, false)
		if err != nil || !p.play(s.Diagrams[0]) {
			b.Fatal(err)
		}
		b.StartTimer()
		if !p.play(s.Diagrams[1]) {
			b.Fatal(p.err)
		}
		b.StopTimer()
		p.e.Close()
		b.StartTimer()
	}
}
