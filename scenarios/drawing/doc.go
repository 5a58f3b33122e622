// Package drawing draws a run as a Mermaid sequence diagram.
//
// [New] takes the header of a trace. Then pass the events of the trace one at a time, in their
// order: to [Drawing.Add] each event that is to be drawn, and to [Drawing.Pass] each event that is
// not. Both keep track of what an event changes. [Drawing.Print] returns the Mermaid text. At
// [DepthClient] all servers are one participant, ZK; at [DepthServer] each server is a participant,
// and the messages between servers are drawn too.
//
// A drawing depends on the trace alone: a replay of a run and the run's trace file give the same
// drawing. A drawing of a whole run is a document, so the lab can play it.
package drawing
