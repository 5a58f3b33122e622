// Package explore implements three commands: zablab explore searches all schedules of a small
// ensemble (scenarios/explore); zablab atlas plays a document many times, each time with a fault at
// a different moment of the run; zablab odds finds the step after which the outcome of a run was
// certain.
//
// explore.go has the command explore, flaws.go searches for the known bugs, print.go prints a
// result, and cpu_*.go measure processor time. atlas.go has the command atlas,
// odds.go and odds_report.go have the command odds.
package explore
