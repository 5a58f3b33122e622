// Package repair changes a drawing so that it describes what was played: it adds the nodes and
// watches that the drawing assumes, and replaces the names and the outcomes in the drawing by those
// of the run. [Fix] changes the text of a document, line by line, and marks each change by a
// comment. [Mermaid] prints, in clean Mermaid, the arrows and notes that the lab understood.
//
// A line that already describes what was played keeps its text.
package repair
