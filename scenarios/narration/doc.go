// Package narration turns a run into the events of a trace (zablab.trace/1). Each event has a
// sentence that says what happened, a key that names its explanation in the catalogue (whys.go),
// the change to the state of its machine, and its text in a sequence diagram.
//
// The input is a [Recording], which is a simulated run whose world kept its records, or an
// [engine.Story], which is the run of an engine without records. The servers and clients of the
// simulated world write records whose contents (bodies) are types of this package ([Role],
// [Logged], [Applied], [OpCalled], ...). Package sim writes further records, of messages and faults
// for example, which have no body.
//
// From a Recording, the package makes one event for each record, in the same order
// ([Recording.Events], [Recording.WriteTrace]). The events that it makes from a Story are not
// numbered consecutively ([Events]).
//
// # Files
//
//   - bodies.go: the bodies of records
//   - say.go and whys.go: an event's sentence, and the catalogue of explanations
//   - patch.go: the change that an event makes to the state of its machine
//   - drawn.go: an event's text as an arrow or a note, in the wording that a document may use for
//     the same event
//   - writes.go: a write to a resource, as a message from the client to the resource
//   - story.go: the events of an [engine.Story]
package narration
