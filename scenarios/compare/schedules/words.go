package schedules

import (
	"fmt"
	"strings"
)

// Summary says in a sentence what the batch found.
func Summary(b *Batch) string {
	var parts []string
	for k, e := range b.Engines {
		parts = append(parts, e.Says+" "+b.found(k))
	}
	noun := "schedules of faults"
	if b.Done == 1 {
		noun = "schedule of faults"
	}
	return fmt.Sprintf("Under %d drawn %s, %s.", b.Done, noun, strings.Join(parts, "; "))
}

// found says what was found on one engine.
func (b *Batch) found(engine int) string {
	ended := b.Ended(engine)
	var parts []string
	add := func(n int, says string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(says, n))
		}
	}
	add(ended[Unsafe], "broke a safety check in %d")
	add(ended[NoRecovery], "did not recover in %d")
	add(ended[Late], "lost time without a fault in %d")
	lost, in := 0, 0
	for i := range b.Runs[engine] {
		if n := b.Runs[engine][i].Lost; n > 0 {
			lost += n
			in++
		}
	}
	if lost > 0 {
		parts = append(parts, fmt.Sprintf("lost %d acknowledged writes in %d", lost, in))
	}
	if len(parts) == 0 {
		parts = append(parts, "broke no check")
	}
	add(ended[Undecided], "and %d are undecided")
	return strings.Join(parts, ", ")
}

// Differences lists what differs between the engines because of how the lab plays them.
func Differences() []string { return nil }
