// Package drawing draws a run as a Mermaid sequence diagram.
//
// A [Drawing] begins with the header of a trace and takes its events, one at a time:
// [Drawing.Add] draws an event, [Drawing.Pass] only remembers what it changes. [Drawing.Print] is
// the Mermaid text. At [DepthClient] all servers are one participant, ZK; at [DepthServer] each
// is a participant, with the messages between them.
//
// A drawing depends on the trace alone, so replay and a reader of the file draw the same. A
// drawing of a whole run can be played: it is a document like any other.
package drawing
