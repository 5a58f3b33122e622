// Package verdict prints the judges' verdicts on a run or a history: a line for each check, an
// explanation of each breach, the figures as JSON, and the exit status that results.
package verdict
