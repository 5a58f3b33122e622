package rates

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Rates counts, for each quantity, the runs of a batch by the quantity's value. Sizes maps the name
// of a quantity to a list: the number of runs in which the quantity was 0, 1, 2 to 3, 4 to 7, and
// so on. Files have these names as keys, so add names, but never change one.
type Rates struct {
	Runs  int              `json:"runs"`
	Sizes map[string][]int `json:"sizes"`
}

// Quantity is one thing that is counted or measured in a run, and its value in that run.
type Quantity struct {
	Name string
	N    int64
}

// Add adds the quantities of one run.
func (r *Rates) Add(run []Quantity) {
	if r.Sizes == nil {
		r.Sizes = map[string][]int{}
	}
	r.Runs++
	for _, q := range run {
		size := bits.Len64(uint64(max(0, q.N)))
		list := r.Sizes[q.Name]
		for len(list) <= size {
			list = append(list, 0)
		}
		list[size]++
		r.Sizes[q.Name] = list
	}
}

// Merge adds the runs of another batch.
func (r *Rates) Merge(o *Rates) {
	if r.Sizes == nil {
		r.Sizes = map[string][]int{}
	}
	r.Runs += o.Runs
	for name, sizes := range o.Sizes { // order: sums
		list := r.Sizes[name]
		for i, n := range sizes {
			if len(list) <= i {
				list = append(list, 0)
			}
			list[i] += n
		}
		r.Sizes[name] = list
	}
}

// Sub returns the counts of the runs that were added to r since o, an earlier copy of r.
func (r *Rates) Sub(o *Rates) (d Rates) {
	d.Sizes = map[string][]int{}
	d.Runs = r.Runs - o.Runs
	for name, sizes := range r.Sizes { // order: each name alone
		list := slices.Clone(sizes)
		for i, n := range o.Sizes[name] {
			list[i] -= n
		}
		d.Sizes[name] = list
	}
	return d
}

// Clone returns a copy.
func (r *Rates) Clone() (c Rates) {
	c.Merge(r)
	return c
}

// Deviation is a quantity whose values in a batch differ from those in the baseline by more than
// chance explains.
type Deviation struct {
	Name     string  `json:"name"`
	Says     string  `json:"-"`     // the name in words, if set
	Least    int64   `json:"least"` // the runs in which it was at least this are counted
	Runs     int     `json:"runs"`
	Of       int     `json:"of"`
	BaseRuns int     `json:"baseline_runs"`
	BaseOf   int     `json:"baseline_of"`
	Chance   float64 `json:"chance"` // of a difference as large or larger, if the rates are equal
}

// String returns the deviation in a sentence.
func (d *Deviation) String() string {
	return fmt.Sprintf("%s: the value is %d or more in %d of %d runs of this batch, but in %d of "+
		"%d runs of the baseline; if the two rates were equal, a difference this large would "+
		"have probability %.0e", cmp.Or(d.Says, d.Name), d.Least, d.Runs, d.Of,
		d.BaseRuns, d.BaseOf, d.Chance)
}

// Compare returns the quantities in which a batch deviates from a baseline, the least likely
// deviation first. For each quantity and each power of two, it compares the share of runs in which
// the quantity was at least this power of two. If all rates are equal, Compare returns an empty
// list with probability 1 - falseAlarm or more: it reports a deviation only if its p-value is below
// falseAlarm divided by the number of comparisons (Bonferroni).
func Compare(base, got *Rates, falseAlarm float64) (list []Deviation) {
	var all []Deviation
	for name, sizes := range base.Sizes { // order: sorted below
		seen, base0 := got.Runs, base.Runs
		for size := 1; size < max(len(sizes), len(got.Sizes[name])); size++ {
			base0 -= at(sizes, size-1)
			seen -= at(got.Sizes[name], size-1)
			all = append(all, Deviation{Name: name, Least: 1 << (size - 1), Runs: seen,
				Of: got.Runs, BaseRuns: base0, BaseOf: base.Runs})
		}
	}
	for _, d := range all {
		d.Chance = chance(d.Runs, d.Of, d.BaseRuns, d.BaseOf)
		if d.Chance*float64(len(all)) < falseAlarm {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Deviation) int {
		return cmp.Or(cmp.Compare(a.Chance, b.Chance), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Least, b.Least))
	})
	return list
}

func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// chance returns the two-sided p-value of Fisher's exact test: if k of n runs and K of N runs come
// from one rate, then of all k+K runs k are among the n with a hypergeometric distribution. The
// smaller tail counts twice.
func chance(k, n, bigK, bigN int) float64 {
	total := k + bigK
	below, above := 0.0, 0.0
	for i := max(0, total-bigN); i <= min(n, total); i++ {
		p := math.Exp(choose(n, i) + choose(bigN, total-i) - choose(n+bigN, total))
		if i <= k {
			below += p
		}
		if i >= k {
			above += p
		}
	}
	return min(1, 2*min(below, above))
}

// choose returns the logarithm of n choose k.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
