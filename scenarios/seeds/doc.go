// Package seeds reads and prints seeds, and plays many seeds in parallel.
//
// [Parse] reads a seed such as 7 or 0x51c3, and [Text] prints a seed in hexadecimal. [Run] plays
// many seeds on all processors and hands over the results in the order of the seeds, so that the
// totals of a batch do not depend on the number of processors.
package seeds
