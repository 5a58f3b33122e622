// Package diagram finds sequence diagrams in Markdown and other text files, parses them and prints
// them. It reads participants, arrows and notes, but does not interpret their texts: package script
// decides that "create /leader" is a call.
//
// A diagram is
//
//   - a fenced block of the language mermaid, plantuml, puml, uml or sequence, also in a quote or a
//     list
//   - a fenced block without a language whose first line is sequenceDiagram or @startuml
//   - a block of AsciiDoc under [plantuml] or [mermaid], between lines of four dashes or dots
//   - an HTML element whose class or language is mermaid, plantuml, puml, uml or sequence; its text
//     may be escaped
//   - the lines in bare text after the line "sequenceDiagram", up to the first line that is not a
//     statement, or the lines in bare text between @startuml and @enduml
//   - a whole file whose name ends in .mmd or .mermaid, or in .puml, .plantuml, .pu, .iuml or .wsd
//
// Diagrams of other kinds are skipped; [Document.Passed] lists them.
//
// # Contract
//
//  1. [Parse] reads one document. It returns a [Document] with at least one [Diagram], or an
//     [*Error] with file, line, column, cause and remedy.
//  2. Parse never panics, and its time is linear in the size of the document. It refuses documents
//     of more than [MaxSize] bytes, documents that are not text in UTF-8 or UTF-16, and documents
//     with more than ten thousand problems.
//  3. A statement that cannot be read becomes an [Unread] in its diagram and a [Problem] of its
//     document, and Parse reads the other statements. A diagram in bare text, without a code fence,
//     does not end at a line with an arrow, even if that line cannot be read. If Mermaid refuses a
//     line that has only one possible meaning, Parse reads it; the Problem then says how Parse read
//     the line. [ParseStrict] joins all problems in one error.
//  4. Lines and columns count from 1; a column counts characters, not bytes. In HTML, a column
//     counts the characters that a reader of the page sees. The position of an item of several
//     lines is where it begins.
//  5. [Print] returns a diagram as Mermaid text in one canonical form. Parsing this text gives the
//     same diagram, but without positions and comments, and without the lines that Parse could not
//     read or had to correct. Printing it again gives the same bytes.
//  6. A text keeps its entity codes (#59;) and breaks (<br/>), as Mermaid reads them. [Plain]
//     returns the text that a reader sees, and [Escape] is its inverse. [Builder] takes plain
//     texts.
//
// The lab adds two kinds of lines, which are comments for Mermaid and PlantUML:
//
//	%% lab: servers=5 fresh     a [Directive]: words with their positions
//	%% expect: later            an [Expect] for the arrow or note above it: later, different,
//	                            never or remark
//	' lab: servers=5            a Directive in PlantUML
//
// # Decisions
//
//   - The grammar is Mermaid's (sequenceDiagram.jison of version 11). The parser is written by hand
//     for two reasons. Each problem must name a remedy. And Mermaid's lexer is a part of its
//     grammar: a semicolon ends a statement, # begins a comment, keywords need no space after them.
//     This parser refuses a name that Mermaid cannot read (End, node-x), so that GitHub can draw
//     every diagram that the lab can play.
//   - A name with blanks may have an alias (participant App A as Leader), as in Mermaid up to
//     version 10. Version 11 reads the whole line as the name. Quotes around a name or an alias are
//     dropped, although Mermaid shows them.
//   - In bare text, and in a fence that is never closed, keywords other than Note must be in lower
//     case, so that prose such as "Loop over them" ends the diagram. Mermaid drops the text after
//     #; Parse drops it too, and [Document.Notices] reports where.
//   - PlantUML is converted to Mermaid's items. Dividers and labels of groups become headings among
//     the arrows: notes with [Note.Divider] set. Delays become notes over all participants.
//     Statements that affect only the picture are dropped, including creation and destruction.
//   - The line @startuml does not name the kind of a PlantUML diagram. Parse takes the diagram for
//     a sequence diagram, unless a line of another kind (class, state, [*]) comes before the first
//     line that only a sequence diagram has.
//   - If another opening fence comes before the closing fence of a diagram, the closing fence is
//     missing. The diagram then ends where a diagram without fences would end, so that the prose
//     after it is not reported as unread lines of the diagram.
package diagram
