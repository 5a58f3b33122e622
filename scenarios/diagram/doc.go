// Package diagram finds Mermaid sequence diagrams in Markdown, or in any text file, reads them
// and writes them. It knows what a diagram says, not what it means: that "create /leader" is a
// call is for package script to say.
//
// A diagram is found in a fenced block of the language mermaid, in a fence without a language
// whose first line is sequenceDiagram, after a bare line sequenceDiagram up to the first line
// that is not a diagram's, and in a whole file that ends in .mmd or .mermaid.
//
// # Contract
//
//  1. [Parse] reads one document. It returns a [Document] with at least one [Diagram], or an
//     [*Error] that names file, line and column and says what to do about it.
//  2. It never panics, whatever the bytes, and takes time linear in their number. Documents of
//     more than [MaxSize] bytes, or that are not UTF-8, are refused.
//  3. A line that contains an arrow and cannot be read is an error, never the end of a block.
//  4. Lines and columns count from 1; a column counts characters, not bytes.
//  5. [Print] writes a diagram in one canonical form; parsing that gives the diagram again,
//     positions and comments aside, and printing it again the same bytes.
//  6. Texts are kept as Mermaid reads them, entity codes (#59;) and breaks (<br/>) included:
//     [Plain] turns one into what a reader sees, [Escape] is its inverse. [Builder] escapes.
//
// What the lab adds stands in comments, which Mermaid ignores:
//
//	%% lab: servers=5 fresh     a [Directive], its words kept with their positions
//	%% expect: later            belongs to the arrow or note above it
//
// # Decisions
//
//   - The grammar is Mermaid's own (sequenceDiagram.jison of version 11), read by hand: the
//     errors should say what to do, and Mermaid's lexer is part of its grammar (a semicolon
//     ends a statement, # begins a comment, keywords need no space after them).
//   - A participant that Mermaid could not read (End, node-x) is refused here too, although it
//     could be understood: a document that plays should also be one that GitHub draws.
//   - A name with blanks may have an alias (participant App A as Leader), as Mermaid had it up
//     to version 10. Version 11 takes the whole line for the name there.
//   - Quotes around a name or an alias are dropped. Mermaid shows them.
//   - In bare text keywords are in lower case (and Note), so that prose which continues with
//     "Loop over them" ends the diagram.
//   - A text that # cuts short is read as Mermaid draws it, cut, and the cut is reported in
//     [Document.Notices].
package diagram
