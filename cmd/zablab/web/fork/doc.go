// Package fork plays the run of a page again, with changes: faults and calls at given times, or
// another text of the document. The page runs it as WebAssembly; tests run it natively and compare.
//
// # Contract
//
//  1. [Play] with no additions writes the trace that zablab replay writes for the same document and
//     flags: equal to the byte up to its end line.
//  2. An addition becomes a "%% lab:" line of the document, at the end of the world's last diagram,
//     so that lines keep their numbers. [Answer].Document is the document with these lines: zablab
//     replay plays it to the fingerprint in the answer, with the flags in [Answer].Flags.
//  3. Whatever is wrong with a document or an addition is in the answer, with its line and column.
//     Play returns an error only if it cannot write.
package fork
