// Package results writes what came of many seeds as lines of a file, and puts the files of many
// machines together.
//
// [Since] makes a [Line] of what a batch has done since a mark, so that a machine which dies loses
// little. [Read] reads the lines back, and [Merge] makes one batch of them, whatever their order.
// Of each failure a line has the schedule, shrunk, and the command that plays it. Keys are stable:
// add, never rename.
package results
