// Package repair writes a drawing down as it was played: with the nodes that it supposes, the
// watches that it speaks of, the names that the ensemble gave, and what happens instead of what is
// drawn. [Fix] changes the text of a document, line by line, and marks each change by a comment;
// [Mermaid] prints what was read of it as clean Mermaid.
//
// The author's text is kept wherever it says what was played.
package repair
