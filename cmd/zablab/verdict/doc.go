// Package verdict prints the verdicts of the judges on a run or a history: a line for each check,
// an explanation of each breach, the figures of the witness as JSON, and the resulting exit status.
package verdict
