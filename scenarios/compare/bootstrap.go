package compare

import (
	"cmp"
	"math"
	"slices"

	"github.com/zablab/zablab/sim"
)

// EnoughRuns is the smallest number of values for which a median has a confidence interval.
const EnoughRuns = 20

// resamples is how often [Interval] draws its values anew.
const resamples = 2000

// Interval returns a 95 % confidence interval of the median of values, which are in ascending
// order: the percentile bootstrap (Efron, Tibshirani: An Introduction to the Bootstrap, section
// 13.3). It always picks its samples with the same seed, and computes with whole numbers only, so
// that equal values give equal intervals on every machine. With fewer than [EnoughRuns] values it
// returns the smallest and the largest value.
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
	from, to := middle95(medians)
	return values[from], values[to]
}

// Pooled returns the median of the values of all seeds, and its 95 % confidence interval. The
// values of one seed depend on each other, so the bootstrap resamples whole seeds, not values (the
// cluster bootstrap; Davison, Hinkley: Bootstrap Methods and their Application, section 3.8). With
// fewer than [EnoughRuns] seeds, the interval reaches from the smallest to the largest median of a
// seed.
func Pooled(bySeed [][]int64) (median, low, high int64) {
	type value struct {
		at   int64
		seed int
	}
	var all []value
	var medians []int64 // of single seeds
	for seed, values := range bySeed {
		if len(values) == 0 {
			continue
		}
		values = slices.Sorted(slices.Values(values))
		medians = append(medians, Middle(values))
		for _, x := range values {
			all = append(all, value{x, seed})
		}
	}
	if len(all) == 0 {
		return 0, 0, 0
	}
	slices.SortFunc(all, func(a, b value) int { return cmp.Compare(a.at, b.at) })
	median = all[len(all)/2].at
	if len(medians) < EnoughRuns {
		return median, slices.Min(medians), slices.Max(medians)
	}
	chance := sim.NewRand(uint64(len(bySeed))).Fork("bootstrap of seeds")
	drawn, found := make([]int, len(bySeed)), make([]int64, 0, resamples)
	for range resamples {
		clear(drawn)
		total := 0
		for range bySeed {
			seed := chance.Intn(len(bySeed))
			drawn[seed]++
			total += len(bySeed[seed])
		}
		seen := 0
		for _, v := range all {
			if seen += drawn[v.seed]; seen > total/2 {
				found = append(found, v.at)
				break
			}
		}
	}
	low, high = middle95(found)
	return median, low, high
}

// middle95 sorts what was computed from samples drawn anew, and returns the limits of the 95 % in
// the middle: the percentile interval.
func middle95[T cmp.Ordered](drawn []T) (low, high T) {
	slices.Sort(drawn)
	n := len(drawn)
	return drawn[n/40], drawn[n-1-n/40]
}

// slices of a run whose counts are drawn anew for the interval of a rate.
const rateSlices = 20

// rateInterval returns a 95 % confidence interval of how often something happened within length, by
// the moments at which it happened: a bootstrap of the counts of equal slices of time.
func rateInterval(moments []sim.Time, from, length sim.Time) (low, high int64) {
	var counts [rateSlices]int
	for _, t := range moments {
		if i := int((t - from) * rateSlices / length); i >= 0 && i < rateSlices {
			counts[i]++
		}
	}
	chance := sim.NewRand(uint64(len(moments))).Fork("bootstrap of a rate")
	totals := make([]int64, resamples)
	for k := range totals {
		for range rateSlices {
			totals[k] += int64(counts[chance.Intn(rateSlices)])
		}
	}
	return middle95(totals)
}

// rateOf returns how often a second something happened within length, by the moments at which it
// happened, with the 95 % confidence interval.
func rateOf(moments []sim.Time, from, length sim.Time) (rate, low, high float64) {
	perSecond := float64(sim.Second) / float64(length)
	least, largest := rateInterval(moments, from, length)
	return float64(len(moments)) * perSecond, float64(least) * perSecond,
		float64(largest) * perSecond
}

// Middle returns the median of values, which must be in ascending order. Of two values in the
// middle it takes the larger one. It returns 0 for no values.
func Middle(values []int64) int64 {
	if len(values) == 0 {
		return 0
	}
	return values[len(values)/2]
}

// Percentile returns the nearest-rank percentile of values, which must be in ascending order: the
// smallest value v for which at least the given percentage of the values are v or less. ok is false
// if there are so few values that the percentile is always the largest value.
func Percentile(values []int64, percent int) (value int64, ok bool) {
	n := len(values)
	if n == 0 || n*(100-percent) < 100 {
		return 0, false
	}
	return values[(n*percent+99)/100-1], true
}

// Unit returns the power of ten to which a median with the confidence interval from low to high
// should be rounded. It is the largest power of ten that is at most half the width of the interval,
// but never less than 1.
func Unit(low, high int64) int64 {
	unit := int64(1)
	for high-low >= 20*unit {
		unit *= 10
	}
	return unit
}

// Rounded rounds a figure to the precision that its confidence interval, from low to high,
// justifies: see [Unit]. Halves are rounded up.
func Rounded(x, low, high float64) float64 {
	unit := float64(Unit(int64(low), int64(high)))
	return math.Round(x/unit) * unit
}

// Decimals returns the number of decimals with which to print a time, by the rule of [Unit]. The
// parameters low and high are the ends of the time's confidence interval, in µs. The parameter one
// is the length of the unit in which the time is printed, also in µs: 1,000,000 for seconds. The
// result is never greater than the value of the parameter most.
func Decimals(low, high, one int64, most int) (n int) {
	for unit := Unit(low, high); n < most && one > unit; n++ {
		one /= 10
	}
	return n
}
