// Package diagram finds sequence diagrams in Markdown, or in any text file, parses them and prints
// them. It knows what a diagram says, not what it means: only the player knows that "create
// /leader" is a call.
//
// A diagram is
//
//   - a fenced block of the language mermaid, plantuml, puml, uml or sequence, in quotes and lists
//     too
//   - a fenced block without a language whose first line is sequenceDiagram or @startuml
//   - an HTML element of such a class or language, its text escaped or not
//   - in bare text, what follows a line sequenceDiagram, up to the first line that is not a
//     statement, and what stands between @startuml and @enduml
//   - a whole file whose name ends in .mmd or .mermaid, or in .puml, .plantuml, .pu, .iuml or .wsd
//
// Diagrams of other kinds are passed over and are in [Document.Passed].
//
// # Contract
//
//  1. [Parse] reads one document. It returns a [Document] with at least one [Diagram], or an
//     [*Error] with file, line, column, cause and remedy.
//  2. Parse never panics, whatever the bytes, and takes time linear in their number. It refuses
//     documents of more than [MaxSize] bytes, documents that are not text in UTF-8 or UTF-16, and
//     those with more than ten thousand problems.
//  3. A statement that cannot be read is an [Unread] of its diagram and a [Problem] of its
//     document, and the rest is read. A line with an arrow never ends a diagram in bare text. What
//     Mermaid refuses, but can mean one thing only, is read: that is a Problem too, but mended.
//     [ParseStrict] makes all problems one error.
//  4. Lines and columns count from 1; a column counts characters, not bytes. In HTML it counts
//     those that a reader of the page sees. What was several lines is where it begins.
//  5. [Print] writes a diagram in one canonical form, which Mermaid can draw. Parsing that gives
//     the same diagram, except for positions, comments and what was unread or mended; printing it again
//     gives the same bytes.
//  6. Texts are kept as Mermaid reads them, with entity codes (#59;) and breaks (<br/>). [Plain]
//     turns a text into what a reader sees; [Escape] is its inverse. [Builder] escapes.
//
// The lab's own lines are comments to Mermaid and PlantUML, which ignore them:
//
//	%% lab: servers=5 fresh     a [Directive]: words with their positions
//	%% expect: later            an [Expect] for the arrow or note above it
//	' lab: servers=5            the same in PlantUML
//
// # Decisions
//
//   - The grammar is Mermaid's own (sequenceDiagram.jison of version 11), and the parser is written
//     by hand. Problems should name the remedy, and Mermaid's lexer is part of its grammar: a
//     semicolon ends a statement, # begins a comment, keywords need no space after them. A name
//     that Mermaid cannot read (End, node-x) is a problem here too, although this parser could read
//     it: a document that plays should also be one that GitHub draws.
//   - A name with blanks may have an alias (participant App A as Leader), as in Mermaid up to
//     version 10. Version 11 takes the whole line as the name. Quotes around a name or an alias are
//     dropped, although Mermaid shows them.
//   - In bare text, and in a fence that is never closed, keywords other than Note must be in lower
//     case. So prose that continues with "Loop over them" ends the diagram. A text that # cuts
//     short is parsed as Mermaid draws it, and the cut is reported in [Document.Notices].
//   - PlantUML becomes the items that Mermaid has. Its dividers and the labels of its groups are
//     notes with [Note.Divider] set, headings among the arrows; delays are notes over everybody.
//     What affects only the picture is dropped, creation and destruction too.
//   - Whether PlantUML is a sequence diagram shows in its lines only. It is one unless a line of
//     another kind (class, state, [*]) comes before the first that only a sequence diagram has.
//   - A fence of a diagram that another opening fence follows before its end was never closed. It
//     ends like a diagram in bare text, so that prose is no list of unread lines.
package diagram
