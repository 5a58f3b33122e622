// Published plays drawings that others have published, and compares every line with what an expert
// says of it.
//
//	go run ./cmd/published DIR            the table: a row for each drawing, and the total
//	go run ./cmd/published -v DIR         the lines that differ too, with both readings
//	go run ./cmd/published --id 07 DIR    only drawing 07, with its lines that differ
//
// The drawings are their authors' and not in this repository. The catalogue has a row for each:
// where it is published, the SHA-256 of the block, and what each line means and becomes on a real
// ensemble (scenarios/script/testdata/published).
//
// # How to obtain a copy
//
// DIR/NN.md is the copy of drawing NN: the file in which it is published, or the block with its
// fences. Where the row says OWNER/REPOSITORY PATH at commit COMMIT, fetch the file as it was then:
//
//	curl -o DIR/01.md https://raw.githubusercontent.com/OWNER/REPOSITORY/COMMIT/PATH
//
// Where the repository is not known, the row describes the page. The hash decides: of all blocks
// of a copy, the one with the SHA-256 of the row is the drawing. The hash is of the lines between
// the fences as they are, without empty lines at the end; of a copy without fences, from @startuml
// to @enduml. A copy that is missing, or has no such block, is named and not counted. Copies must
// not be committed.
//
// # The table
//
// The drawing is played as zablab replay plays it: with its own seed, and lines that are not
// understood unread.
//
//   - Lines: those that have a verdict by the expert. Headers, participants and block ends do not.
//   - Unread: lines that the lab says it cannot read.
//   - Alien: lines that it says it cannot read because they are in a language that it does not know.
//     The catalogue accepts that.
//   - Wrong: lines read as something else, or with the opposite verdict. One is a call that the lab
//     takes for a remark; another is a remark that it plays; another is an arrow that it finds as
//     drawn where an ensemble does otherwise.
//   - Right: lines whose verdict is the expert's.
//   - Whole: ✓ if nothing is unread, alien or wrong, (✓) if lines are alien and all else is right. The
//     last row counts the first, and in parentheses both.
//
// Verdicts that the catalogue's README accepts for one another are equal: as drawn and later (an
// expiry is as drawn where the drawing waits long enough); as drawn and applied, of a fault or of
// an expectation; different and never. "Read as something else" compares the kind of line (call,
// answer, notification, message, fault, expectation, remark) and of a call the operation, where the
// expert names them.
//
// # Exit status
//
// 0 if all drawings that have a copy play whole, 1 if one does not, 2 if nothing could be compared:
// wrong usage, a catalogue that cannot be read, not one copy.
package main
