// Package results writes the results of many seeds as lines of a file, and merges the files of
// many machines.
//
// [Since] makes a [Line] of a batch's results since a [Mark], so that few results are lost if the
// machine dies. [Read] reads the lines back, and [Merge] makes one batch of all lines, whatever
// their order. For each failure, a line has the shrunk schedule and the command that plays it. Keys
// of a line are stable: add keys, but never rename a key.
package results
