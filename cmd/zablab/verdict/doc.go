// Package verdict prints the verdicts of the judges on a run or a history: a line for each check,
// an explanation of each breach, and the resulting exit status. It also converts the measurements
// of package witness, such as the number of stale reads, to JSON.
package verdict
