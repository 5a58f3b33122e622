package fuzz_test

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/zab/flaw"
)

// A leader that measures sessions by its wall clock ends them too early when that clock jumps.
// Seed 132 has such a jump among many faults, and shrinking leaves it alone.
func Example() {
	s := fuzz.Generate(132)
	wall, _ := flaw.Find("clock.wall")
	s.Flaw = wall.Flaw
	result, err := s.Play(fuzz.Playing{})
	if err != nil {
		fmt.Println(err)
		return
	}
	least, _ := fuzz.Shrink(s, result.Property, fuzz.Playing{})
	fmt.Printf("%s breaks with %d faults, and still does with %d:\n%s", result.Property,
		len(s.Plan),
		len(least.Plan), least.Plan)
	// Output:
	// NoEarlyExpiry breaks with 9 faults, and still does with 1:
	// 12.000s wall S5 +1h
}
