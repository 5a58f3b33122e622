// Package diagram finds sequence diagrams in Markdown and other text files, parses them and prints
// them. It reads participants, arrows and notes, but does not interpret their texts. For example,
// package script finds out that "create /leader" is a call.
//
// A diagram is
//
//   - a fenced block of the language mermaid, plantuml, puml, uml or sequence, also in a quote or a
//     list
//   - a fenced block without a language whose first line is sequenceDiagram or @startuml
//   - a block of AsciiDoc under [plantuml] or [mermaid], between lines of four dashes or dots
//   - an HTML element whose class or language is mermaid, plantuml, puml, uml or sequence; its text
//     may be escaped
//   - in bare text (outside a fenced block), the lines after the line "sequenceDiagram", up to the
//     first line that is not a statement, or the lines between @startuml and @enduml
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
//  3. If Parse cannot read a statement, it adds an [Unread] to the diagram and a [Problem] to the
//     document, and goes on with the next statement. In bare text, a line that Parse cannot read
//     ends the diagram, unless the line has an arrow. Parse reads a line that Mermaid refuses if
//     the line has only one possible meaning. A Problem then says how Parse read the line.
//     [ParseStrict] joins all problems in one error.
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
//   - The grammar is Mermaid's (sequenceDiagram.jison of version 11). The parser is written by
//     hand, because a generated parser could not name a remedy for each problem, and because
//     Mermaid's lexer is a part of its grammar: a semicolon ends a statement, # begins a comment,
//     and keywords need no space after them. This parser refuses a name that Mermaid cannot read
//     (End, node-x), so that GitHub can draw every diagram that the lab can play.
//   - A name with blanks may have an alias (participant App A as Leader), as in Mermaid up to
//     version 10. Version 11 reads the whole line as the name. Quotes around a name or an alias are
//     dropped, although Mermaid shows them.
//   - In bare text, and in a fence that is never closed, keywords other than Note must be in lower
//     case, so that prose such as "Loop over them" ends the diagram. Mermaid drops the text after
//     #; Parse drops it too, and [Document.Notices] reports where.
//   - PlantUML is converted to Mermaid's items. Dividers and labels of groups become headings among
//     the arrows: notes with [Note.Divider] set. Delays become notes over all participants.
//     Statements that affect only the picture are dropped, including creation and destruction.
//   - The line @startuml does not say what kind of PlantUML diagram follows. Parse reads the
//     diagram as a sequence diagram, unless a line of another kind of diagram (class, state, [*])
//     comes before the first line that only sequence diagrams have.
//   - If another opening fence follows before the diagram is closed, Parse assumes that the closing
//     fence is missing. The diagram then ends where a diagram in bare text would end, so that the
//     prose after it is not reported as unread lines.
package diagram
