package explore

import "testing"

// BenchmarkStates measures the search alone: states a second, and bytes a state in the table of
// states.
func BenchmarkStates(b *testing.B) {
	s, _ := FindSetup("election")
	for range b.N {
		x, err := New(s, Options{})
		if err != nil {
			b.Fatal(err)
		}
		r := x.Run()
		b.ReportMetric(float64(r.States)*float64(b.N)/b.Elapsed().Seconds(), "states/s")
		b.ReportMetric(float64(x.store.bytes())/float64(r.States), "B/state")
	}
}
