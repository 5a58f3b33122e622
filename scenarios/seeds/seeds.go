package seeds

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// Run calls the function play with the indices 0 to n-1, and passes each result to the function
// take, in the order of the indices. Several goroutines call play at the same time. workers is
// their number; 0 means one per processor. If take returns false, Run stops early.
func Run[T any](n, workers int, play func(int) *T, take func(int, *T) bool) {
	if workers = min(n, workers); workers < 1 {
		workers = min(n, runtime.GOMAXPROCS(0))
	}
	if workers == 1 {
		for i := range n {
			if !take(i, play(i)) {
				return
			}
		}
		return
	}
	var (
		next atomic.Int64
		stop atomic.Bool
		wg   sync.WaitGroup
		mu   sync.Mutex
		done = make(map[int]*T)
		want int
	)
	for range workers {
		wg.Go(func() {
			for !stop.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				r := play(i)
				mu.Lock()
				done[i] = r
				for r := done[want]; r != nil && !stop.Load(); r = done[want] {
					delete(done, want)
					if !take(want, r) {
						stop.Store(true)
					}
					want++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// Parse reads a seed, decimal or hexadecimal: 7, or 0x51c3.
func Parse(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("seed %q is not a number: write a seed like 7 or 0x51c3", s)
	}
	return n, nil
}

// Text returns a seed in hexadecimal: 0x51c3.
func Text(seed uint64) string { return fmt.Sprintf("%#x", seed) }

// Texts returns the texts of seeds, as [Text] prints them. The result is never nil.
func Texts(seeds []uint64) []string {
	texts := make([]string, len(seeds))
	for i, s := range seeds {
		texts[i] = Text(s)
	}
	return texts
}
