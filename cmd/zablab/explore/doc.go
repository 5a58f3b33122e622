// Package explore implements zablab explore, which searches all schedules of a small ensemble
// (scenarios/explore), zablab atlas, which plays a document with one fault at each of its moments,
// and zablab odds, which finds the step after which the outcome of a run was certain.
//
// explore.go has the command explore, flaws.go searches for the known bugs, print.go prints a
// result, and cpu_*.go measure processor time. atlas.go has the command atlas,
// odds.go and odds_report.go have the command odds.
package explore
