// Package results writes the results of many seeds as lines of a file, and merges the files of
// many machines.
//
// [Since] returns a [Line] with the results that a batch has gained since a [Mark]. Write such a
// line from time to time: if the machine dies, only the results after the last line are lost.
// [Read] reads the lines back, and [Merge] merges all lines, in any order, into one batch. For each
// failure, a line has the shrunk schedule and the command that plays it. You may add a key to the
// lines, but never rename one.
package results
