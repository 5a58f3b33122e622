// Package rates compares how often things happen in a batch of runs with a recorded baseline.
//
// No single run shows that an engine elects leaders that give up twice as often as they should:
// each may be bad luck. Many runs do. [Rates] counts, for each quantity (elections, time without a
// leader, expired sessions), the runs in which it reached each size; [Compare] distinguishes a
// deviation from chance.
//
// # Statistics
//
// Runs are independent: each has its own seed. Events within a run are not independent, because one
// bad partition causes ten futile epochs. So the package counts runs, not events: the runs in which
// the quantity reached a certain size. This count has a binomial distribution, and Fisher's exact
// test compares two such counts without assuming any distribution of sizes. Sizes are powers of
// two, so that a baseline is a small table.
//
// All comparisons share one false-alarm probability (Bonferroni's bound, which holds although they
// depend on each other): a batch of the sound engine fails with at most this probability. Runs in
// which a property broke ended early, and do not count.
package rates
