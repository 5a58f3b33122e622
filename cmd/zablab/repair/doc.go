// Package repair writes a drawing down as it was played: with the nodes that it assumes, the
// watches that it mentions, the names that the ensemble gave, and what happened instead of what
// was drawn. [Fix] changes the text of a document, line by line, and marks each change by a
// comment; [Mermaid] prints what was read of it as clean Mermaid.
//
// The author's text is kept wherever it describes what was played.
package repair
