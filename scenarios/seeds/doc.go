// Package seeds reads and prints seeds, and plays many of them at once.
//
// A seed goes in as 7 or 0x51c3 ([Parse]) and comes out as 0x51c3 ([Text]). [Run] plays many of
// them on all processors and hands the results over in the order of the seeds, so that what a batch
// adds up to does not depend on how many processors there are.
package seeds
