package fuzz

import (
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// Schedules of the common mix: 5 servers, 3 clients, ticks of 200 ms, 20 s with at least 3 faults;
// with every check, on all processors.
func BenchmarkFuzz(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(GCPercent)) // as zablab does
	var mix []Schedule
	for seed := uint64(1); len(mix) < 400; seed++ {
		mix = append(mix, Common.Generate(seed))
	}
	var (
		next      atomic.Int64
		mu        sync.Mutex
		succeeded []int
		few       int
		least     = 1 << 30
	)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s := mix[int(next.Add(1)-1)%len(mix)]
			f, err := s.Play(Playing{})
			if err != nil || f.Property != "" {
				b.Error(err, f.Property, f.Text)
				return
			}
			mu.Lock()
			succeeded = append(succeeded, f.Succeeded)
			if least = min(least, f.Sometimes.Faults); f.Sometimes.Faults < 3 {
				few++
			}
			mu.Unlock()
		}
	})
	if few > 0 {
		b.Logf("%d of %d runs saw fewer than 3 faults, one of them %d", few, b.N, least)
	}
	slices.Sort(succeeded)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "seeds/s")
	b.ReportMetric(float64(succeeded[len(succeeded)/2]), "median-succeeded")
}
