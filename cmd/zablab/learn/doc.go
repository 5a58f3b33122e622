// Package learn implements zablab learn, which gives a student exercises, and checks the student's
// answers by playing and fuzzing them.
//
// The input is a student's folder: one small file for each exercise, and progress.txt. The
// subcommand start writes this folder. The output is one of these: a list of the exercises and the
// student's progress; the verdict on an answer, with an account of the run; a hint; a table of the
// results of many students. Package scenarios/learn has the exercises, their format and the checks.
package learn
