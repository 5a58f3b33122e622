// Package explore implements zablab explore, which searches all schedules of a small ensemble
// (scenarios/explore), and zablab atlas, which plays a document many times: in each run one fault
// happens, each time at another moment of the document.
//
// explore.go has the command explore, flaws.go searches for the known bugs, print.go prints a
// result, and cpu_*.go measure processor time. atlas.go has the command atlas.
package explore
