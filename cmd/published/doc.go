// Published plays drawings (sequence diagrams) that other people have published, and compares the
// lab's reading of each line with an expert's reading.
//
//	go run ./cmd/published DIR            the table: a row for each drawing, and the total
//	go run ./cmd/published -v DIR         the lines that differ too, with both readings
//	go run ./cmd/published --id 07 DIR    only drawing 07, with its lines that differ
//
// The drawings belong to their authors and are not in this repository. The catalogue
// (scenarios/script/testdata/published) has a row for each drawing: where it is published, the
// SHA-256 of its block, what each line means, and what would happen on a real ensemble.
//
// # How to obtain a copy
//
// DIR/NN.md is the copy of drawing NN: either the whole file in which the drawing is published, or
// only its block, with the fences. If the row has a repository, a path and a commit, fetch the file
// of that commit:
//
//	curl -o DIR/01.md https://raw.githubusercontent.com/OWNER/REPOSITORY/COMMIT/PATH
//
// If the repository is not known, the row describes the page where the drawing is published.
//
// The command finds the drawing in the copy by the SHA-256 in the row. The hash covers the lines
// between the fences, unchanged, without empty lines at the end; without fences, it covers the
// lines from @startuml to @enduml. If a copy is missing, or no block has the hash, the command
// prints the number of the drawing and does not count it. Do not commit copies.
//
// # The table
//
// The drawing is played as zablab replay plays it: with the drawing's own seed, and without
// --strict. So if the lab does not understand a line, it reports the line as unread and plays the
// others.
//
//   - Lines: the lines for which the expert gives a verdict. Headers, participants and block ends
//     have no verdict.
//   - Unread: lines that the lab reports as unread.
//   - Other language: lines that the lab reports as unread because they are in a language that it
//     does not know. The catalogue accepts such lines as unread.
//   - Read wrong: lines that the lab reads as another kind of line, or with the opposite verdict.
//     Examples: the lab reads a call as a remark; the lab plays a remark; the lab gives an arrow
//     the verdict "as drawn", but a real ensemble would behave differently.
//   - Read right: lines to which the lab and the expert give the same verdict.
//   - Every line right: ✓ if all lines of the drawing are right; (✓) if all are right except lines
//     in another language. The last row has the number of ✓, and in parentheses the number of ✓ and
//     (✓) together.
//
// Some pairs of verdicts count as equal, as in the catalogue's README:
//
//   - "as drawn" and "later": the end of a session by timeout is "as drawn" if the drawing waits
//     long enough, and "later" if not
//   - "as drawn" and "applied", for a line that injects a fault or states an expectation
//   - "different" and "never"
//
// The kinds of lines are call, answer, notification, message, fault, expectation and remark. If the
// expert names a kind, the lab's kind must be the same. If the expert names the operation of a
// call, the lab's operation must be the same.
//
// # Exit status
//
// 0: each drawing that has a copy in DIR gets ✓ or (✓). 1: at least one of these drawings gets
// neither. 2: nothing was compared, because the usage is wrong, the catalogue cannot be read, or
// DIR has no copies of drawings.
package main
