// Package schedules plays the schedules of the fuzzer on several engines, and compares what their
// clients saw.
package schedules
