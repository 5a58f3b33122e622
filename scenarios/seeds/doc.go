// Package seeds reads and prints seeds, and plays many of them at once.
//
// [Parse] reads a seed such as 7 or 0x51c3; [Text] prints it as 0x51c3. [Run] plays many of them
// on all processors and hands the results over in the order of the seeds, so that the totals of a
// batch do not depend on the number of processors.
package seeds
