// Package learn implements zablab learn, which gives a learner exercises, and checks the answers by
// playing and fuzzing them.
//
// The input is a learner's folder: one small file for each exercise, and progress.txt. The
// subcommand start writes this folder. The output is a list of the exercises with their progress,
// the verdict on an answer with what happened in the run, a hint, or a table of many learners'
// results. Package scenarios/learn has the exercises, their format and the checks.
package learn
