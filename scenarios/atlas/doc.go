// Package atlas plays a document many times, each time with one fault at a different moment, and
// shows what the fault changes: what if a server dies exactly at this moment?
//
// A moment is a step of the run without the fault (sim.Step), not a time: up to that step, the run
// with the fault and the run without it are the same. [Play] plays the document once for each
// moment and server, and compares each line of the drawing in the two runs. The worst difference is
// the [Outcome] of the moment.
//
// Every run is played from the start. If a document has more moments than Options.Most, only every
// k-th moment is played, and [Atlas.Every] is k. A moment at which the server is already down is
// not played: its outcome is [Down].
package atlas
