// Package narration tells a run as events of a trace (zablab.trace/1): what happened, in a
// sentence; why, as a key of a catalogue; how it changed the state of its machine; and its text in
// a diagram.
//
// Input: a [Recording], which is a simulated run whose world kept its records, or an
// [engine.Story], which is a run of an engine without records. Whatever runs the servers and
// clients puts one of the bodies of this package ([Role], [Logged], [Applied], [OpCalled], ...)
// on each record; a record without a body is one of package sim's own.
//
// Output: events in the order of the records, one for each ([Recording.Events],
// [Recording.WriteTrace]), or those of a story ([Events]), whose numbers have gaps.
//
// # Where it is
//
//   - bodies.go: the bodies of records
//   - say.go and whys.go: the sentences, and the explanations that they refer to
//   - patch.go: what an event changes, so that folding a trace gives the state of every machine
//   - drawn.go: the text of arrows and notes, in words that documents may use
//   - story.go: all of that for a run without records
package narration
