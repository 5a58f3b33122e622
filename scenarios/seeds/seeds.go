package seeds

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Run calls the function play with the indices 0 to n-1, and passes each result to the function
// take, in the order of the indices. The argument workers is the number of goroutines that call
// play at the same time; 0 means one per processor. If take returns false, Run stops early.
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
		return 0, fmt.Errorf("%q is not a seed: write a whole number that is not negative, such "+
			"as 7 or 0x51c3", s)
	}
	return n, nil
}

// Range reads a number of seeds, such as 1000 (seeds 1 to 1000), or a range of seeds, such as
// 500-999. It returns the first seed and the number of seeds. It returns ok = false if the text is
// neither, or if the number of seeds is 0 or greater than the argument most.
func Range(text string, most int) (first uint64, n int, ok bool) {
	from, to, ranged := strings.Cut(text, "-")
	if !ranged {
		from, to = "1", from
	}
	first, err1 := strconv.ParseUint(from, 10, 63)
	last, err2 := strconv.ParseUint(to, 10, 63)
	if err1 != nil || err2 != nil || last < first || last-first >= uint64(most) {
		return 0, 0, false
	}
	return first, int(last-first) + 1, true
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
