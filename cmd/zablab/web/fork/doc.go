// Package fork replays, with changes, the run that a web page shows. The changes are added faults
// and calls at given times, or an edited document. The page runs this package as WebAssembly; tests
// run it natively and compare the results.
//
// # Contract
//
//  1. If a request adds no faults and calls, [Play] writes the same trace as zablab replay for the
//     same document and flags: all lines before the end line have equal bytes.
//  2. An added fault or call becomes a "%% lab:" line at the end of the run's last diagram, so that
//     the other lines keep their numbers. [Answer].Document is the document with these lines. With
//     the flags in [Answer].Flags, zablab replay plays this document and gets the fingerprint in
//     the answer.
//  3. The answer has every error in the document or in an added line, with line and column. Play
//     returns an error only if it cannot write.
package fork
