// Package drawing draws a run as a Mermaid sequence diagram.
//
// [New] takes the header of a trace. The events of the trace follow one at a time: [Drawing.Add]
// draws an event, and [Drawing.Pass] only remembers what an event changes. [Drawing.Print] returns
// the Mermaid text. At [DepthClient] all servers are one participant, ZK; at [DepthServer] each
// server is a participant, and the messages between servers are drawn too.
//
// A drawing depends on the trace alone: a replay of a run and the run's trace file give the same
// drawing. A drawing of a whole run is a document, so the lab can play it.
package drawing
