// House measures the code of this module and reads its prose.
//
//	go run ./cmd/house                       the largest, longest and widest, and what is alike
//	go run ./cmd/house --texts 50 --seed 7   fifty messages, picked by a seed, for a reader
//	go run ./cmd/house --words               every word that scenarios/GLOSSARY.md rules out
//
// Sizes are a smell and not a law: no code is split to please a number. The command shows where
// to look first; a reader decides.
//
// # What is measured
//
//   - A package: its lines, types and exported names, and the type with the most methods.
//   - A file: its lines, and how many of them hold code.
//   - A function: its lines, from func to the closing brace.
//   - A line: its columns. A tab counts as four.
//   - A pair of alike places: at least six lines of code that are the same once names, strings and
//     numbers are blotted out. Comments, imports and lone braces do not count. A run that repeats
//     one line, as a table does, is not a pair.
//
// Tests are measured with --tests only. Folders named testdata are never read.
//
// # What is read
//
// A message is a string that a person reads: an error, a help text, a heading, a sentence. A
// paragraph is one of a package's or an exported name's documentation. Which of them a seed picks
// depends on the seed and on the texts alone, so an unchanged text is picked again after its file
// has moved.
//
// # Decisions
//
//   - The glossary is the list of words: the command reads the tables of the document that people
//     read. A separate list would diverge from it.
//   - Messages are found by their place in the code (an argument of fmt.Errorf, the field Short of
//     a command) and otherwise by their form: three words or more. This picks up a few strings that
//     nobody reads. To miss a sentence would be worse.
package main
