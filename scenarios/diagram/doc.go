// Package diagram finds Mermaid sequence diagrams in Markdown, or in any text file, parses them and
// prints them. It knows what a diagram says, not what it means: only the player knows that "create
// /leader" is a call.
//
// A diagram is
//
//   - a fenced block of the language mermaid
//   - a fenced block without a language whose first line is sequenceDiagram
//   - the text after a bare line sequenceDiagram, up to the first line that is not a statement
//   - a whole file whose name ends in .mmd or .mermaid
//
// # Contract
//
//  1. [Parse] reads one document. It returns a [Document] with at least one [Diagram], or an
//     [*Error] with file, line, column, cause and remedy.
//  2. Parse never panics, whatever the bytes, and takes time linear in their number. It refuses
//     documents of more than [MaxSize] bytes and documents that are not text.
//  3. A statement that cannot be read is an [Unread] of its diagram and a [Problem] of its document,
//     and the rest is read. What Mermaid refuses, but can mean one thing only, is read: a [Problem]
//     too, that is mended. [ParseStrict] makes all problems one error.
//  4. Lines and columns count from 1; a column counts characters, not bytes.
//  5. [Print] writes a diagram in one canonical form. Parsing that gives the same diagram, except
//     for positions and comments, and printing it again gives the same bytes.
//  6. Texts are kept as Mermaid reads them, with entity codes (#59;) and breaks (<br/>). [Plain]
//     turns a text into what a reader sees; [Escape] is its inverse. [Builder] escapes.
//
// The lab's own lines are comments to Mermaid, which ignores them:
//
//	%% lab: servers=5 fresh     a [Directive]: words with their positions
//	%% expect: later            an [Expect] for the arrow or note above it
//
// # Decisions
//
//   - The grammar is Mermaid's own (sequenceDiagram.jison of version 11), and the parser is written
//     by hand. Errors should name the remedy, and Mermaid's lexer is part of its grammar: a
//     semicolon ends a statement, # begins a comment, keywords need no space after them.
//   - A participant's name that Mermaid cannot read (End, node-x) is an error here too, although
//     this parser could read it: a document that plays should also be one that GitHub draws.
//   - A name with blanks may have an alias (participant App A as Leader), as in Mermaid up to
//     version 10. Version 11 takes the whole line as the name.
//   - Quotes around a name or an alias are dropped, although Mermaid shows them.
//   - In bare text, keywords other than Note must be in lower case. So prose that continues with
//     "Loop over them" ends the diagram.
//   - A text that # cuts short is parsed as Mermaid draws it, and the cut is reported in
//     [Document.Notices].
package diagram
