// Package rates compares how often things happen in a batch of runs with a recorded baseline.
//
// If a bug makes leaders give up twice as often as they should, no single run shows it, because one
// run can have bad luck; many runs together show it. For each quantity, such as the number of
// elections, [Rates] counts how many runs had which value. [Compare] finds the quantities whose
// difference from the baseline is too large to be chance.
//
// # Statistics
//
// Runs are independent: each has its own seed. Events within a run are not independent: one
// partition may cause ten elections in a row. So the package counts runs, not events: the runs in
// which a quantity was at least 1, 2, 4, 8 and so on. Each count has a binomial distribution, and
// Fisher's exact test compares two such counts, whatever the distribution of the quantity. The
// thresholds are powers of two, so that a baseline is a small table.
//
// The false-alarm probability applies to all comparisons together: if an engine has the same rates
// as the baseline, the probability that [Compare] reports any difference is at most this value.
// This is Bonferroni's bound, which also holds for comparisons that depend on each other. A run in
// which a property broke does not count, because it ended early.
package rates
