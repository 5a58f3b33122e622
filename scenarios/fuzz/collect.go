package fuzz

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
)

// collectEvery is how many bytes are allocated, for each worker, between two collections of
// garbage. On two processors with a cache of 32 MB, 24 MB are better than 6, 12 and 40.
const collectEvery = 24 << 20

// collector collects garbage between two runs of a worker, when little of what the heap holds is
// alive. So the heap stays small enough for the caches, and its size does not depend on the moment
// of a collection in the middle of a run. With [GCPercent] alone it grows to ten times of what was
// alive then.
type collector struct {
	every uint64
	last  atomic.Uint64 // bytes allocated at the last collection
}

// ballastOf is a piece of memory that nobody touches, so that the system never provides it. With it,
// Go's default percentage collects no garbage of a usual run in its middle, and the heap of a run
// that writes megabytes grows to twice of what is alive, not to eleven times. New pages of memory
// take longer than such a collection.
var ballastOf = sync.OnceValue(func() []byte {
	workers := min(runtime.GOMAXPROCS(0), 8)
	ballast := make([]byte, collectEvery*4/3*workers)
	largePages(workers)
	runtime.GC() // what largePages has used is free for the heap
	return ballast
})

// withBallast is Go's default percentage.
const withBallast = 100

func newCollector(workers int) *collector {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	if metrics.Read(percent); percent[0].Value.Uint64() == GCPercent {
		ballastOf()
		debug.SetGCPercent(withBallast) // it stays: with the ballast, GCPercent is eleven times as much
	}
	return &collector{every: collectEvery * uint64(workers)}
}

// afterRun collects garbage if it is time.
func (c *collector) afterRun() {
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(allocated)
	now, last := allocated[0].Value.Uint64(), c.last.Load()
	if now-last >= c.every && c.last.CompareAndSwap(last, now) {
		runtime.GC()
	}
}
