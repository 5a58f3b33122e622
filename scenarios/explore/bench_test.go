package explore

import (
	"fmt"
	"testing"
)

// BenchmarkStates measures the search alone: states a second, and bytes a state in the table of
// states.
func BenchmarkStates(b *testing.B) {
	s, _ := FindSetup("election")
	for threads := 1; threads <= 2; threads++ {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			for range b.N {
				x, err := New(s, Options{Threads: threads})
				if err != nil {
					b.Fatal(err)
				}
				r := x.Run()
				b.ReportMetric(float64(r.States)*float64(b.N)/b.Elapsed().Seconds(), "states/s")
				b.ReportMetric(float64(x.store.bytes())/float64(r.States), "B/state")
			}
		})
	}
}
