package compare

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// EnoughRuns is the smallest number of values for which a median has a confidence interval.
const EnoughRuns = 20

// resamples is how often [Interval] draws its values anew.
const resamples = 2000

// Interval returns a 95 % confidence interval of the median of values, which are in ascending order:
// the percentile bootstrap (Efron, Tibshirani: An Introduction to the Bootstrap, section 13.3). It
// draws with the same seed each time, and computes with whole numbers only, so that equal values give
// equal intervals everywhere. With fewer than [EnoughRuns] values it returns the least and the
// largest.
func Interval(values []int64) (low, high int64) {
	n := len(values)
	switch {
	case n == 0:
		return 0, 0
	case n < EnoughRuns || values[0] == values[n-1]:
		return values[0], values[n-1]
	}
	chance := sim.NewRand(uint64(n)).Fork("bootstrap")
	drawn, medians := make([]int, n), make([]int, 0, resamples)
	for range resamples {
		clear(drawn)
		for range n {
			drawn[chance.Intn(n)]++
		}
		at, seen := 0, drawn[0] // the value of rank n/2, as in Middle
		for seen <= n/2 {
			at++
			seen += drawn[at]
		}
		medians = append(medians, at)
	}
	slices.Sort(medians)
	return values[medians[resamples/40]], values[medians[resamples-1-resamples/40]]
}

// Middle returns the median of values, which are in ascending order: of an even number of values the
// larger one of the two in the middle. It returns 0 for no values.
func Middle(values []int64) int64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)/2]
}

// Percentile returns the value of values, which are in ascending order, that the given percentage of
// them does not exceed (nearest rank). ok is false if fewer than [EnoughRuns] values make it no
// different from the largest.
func Percentile(values []int64, percent int) (value int64, ok bool) {
	n := len(values)
	if n == 0 || n*(100-percent) < 100 {
		return 0, false
	}
	return values[(n*percent+99)/100-1], true
}

// Unit returns the place, as a power of ten, of the last digit that a median deserves whose confidence
// interval reaches from low to high: the largest of which the interval has at least two. It is 1 for an
// interval without width.
func Unit(low, high int64) int64 {
	unit := int64(1)
	for high-low >= 20*unit {
		unit *= 10
	}
	return unit
}

// Round rounds x to a multiple of unit, halves upwards.
func Round(x, unit int64) int64 { return (x + unit/2) / unit * unit }
