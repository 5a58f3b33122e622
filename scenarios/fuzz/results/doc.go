// Package results writes the results of many seeds as lines of a file, and merges the files of
// many machines.
//
// [Since] makes a [Line] of a batch's results since a mark, so that little is lost if its machine
// dies. [Read] reads the lines back, and [Merge] makes one batch of them, whatever their order.
// Of each failure a line has the schedule, shrunk, and the command that plays it. Keys are
// stable: add, never rename.
package results
