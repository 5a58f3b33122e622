// Package narration turns a run into the events of a trace (zablab.trace/1). Each event has a
// sentence that says what happened, the key of an explanation, the change to the state of its
// machine, and its text in a diagram.
//
// The input is a [Recording], which is a simulated run whose world kept its records, or an
// [engine.Story], which is the run of an engine without records. The programs of the simulated
// world give each record one of this package's bodies ([Role], [Logged], [Applied], [OpCalled],
// ...); package sim writes the records without a body.
//
// The output of a Recording is one event for each record, in the same order ([Recording.Events],
// [Recording.WriteTrace]). The output of a Story is events whose numbers have gaps ([Events]).
//
// # Files
//
//   - bodies.go: the bodies of records
//   - say.go and whys.go: an event's sentence, and the catalogue of explanations
//   - patch.go: the change that an event makes to the state of its machine
//   - drawn.go: an event's text as an arrow or a note, in words that documents may use
//   - writes.go: a write to a resource, as a message from the client to the resource
//   - story.go: the events of an [engine.Story]
package narration
