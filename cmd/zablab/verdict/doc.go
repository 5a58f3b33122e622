// Package verdict prints what the judges say of a run or of a history: a line for each check, an
// explanation of each breach, the figures as JSON, and the exit status that results.
package verdict
