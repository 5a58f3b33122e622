// House measures the code of this module, lists its messages and documentation for a reader, and
// finds the words that the glossary forbids.
//
//	go run ./cmd/house                       the largest and longest code, and similar code
//	go run ./cmd/house --texts 50 --seed 7   fifty messages, chosen by a seed, for a reader
//	go run ./cmd/house --words               every word that scenarios/GLOSSARY.md rules out
//
// Sizes are hints, not limits: a large size alone is no reason to split code. The command shows
// where to look first; a reader decides.
//
// # What is measured
//
//   - A package: its lines, types and exported names, and the type with the most methods.
//   - A file: its lines, and how many of them hold code.
//   - A function: its lines, from func to the closing brace.
//   - A line: its length in columns. A tab counts as four columns.
//   - A pair of similar places: two places in the code with at least six equal lines. Names, strings
//     and numbers may differ. Comments, imports and lone braces do not count. Lines that repeat one
//     pattern, such as a table, are not a pair.
//
// With --tests, test files are measured too. Folders named testdata are never read.
//
// # What is read
//
// A message is a string that a person reads: an error, a help text, a heading, a sentence. A doc
// paragraph is a paragraph of the documentation of a package or of an exported name. The command
// picks some of these texts at random. The choice depends only on the seed and the texts: if a file
// is renamed, the same texts are picked again.
//
// A text is shown as a user sees it: the help of a flag follows the flag, an error follows the
// command or the package, and a value appears as its name in ‹ ›. If the program puts a message
// into a longer sentence, the whole sentence is shown, with the message between ⟦ and ⟧. To find
// this sentence, the command follows the message through calls, results, variables, fields and
// lists, but only where the syntax alone leaves no doubt. A doc paragraph is shown with the name
// that it documents. The headings of a table are one message, and a page's text is shown without
// tags. Some texts are never printed: phrases that an author may write in a drawing, and that the
// lab recognises. They are listed under "phrase that the author of a drawing (a sequence diagram)
// may write".
//
// # Decisions
//
//   - The command reads the words to avoid from the glossary itself. A second list of words, in the
//     code, would soon differ from the glossary.
//   - A string is a message if its place in the code says so (an argument of fmt.Errorf, the field
//     Short of a command), or if it has three words or more. The second rule also finds a few
//     strings that nobody reads. Without this rule, the command would miss sentences.
package main
