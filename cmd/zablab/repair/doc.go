// Package repair changes a drawing so that it describes what was played: it adds the nodes and
// watches that the drawing assumes, replaces drawn names by the names that the ensemble chose, and
// says what happened instead of what was drawn. [Fix] changes the text of a document, line by line,
// and marks each change by a comment. [Mermaid] prints, in clean Mermaid, the arrows and notes that
// the lab understood.
//
// A line that already describes what was played keeps its text.
package repair
