// Package atlas plays a document with one fault at each of its moments, and says what comes of each:
// what if it dies exactly then?
//
// A moment is a step of the run without the fault (sim.Step): up to there both runs are the same, so
// a moment is a place in the story, not a time. [Play] plays the document once for each moment and
// server, and compares each line of the drawing with the run without the fault. What differs most
// is the [Outcome] of the moment.
//
// No prefix is shared between the runs: each is played from its start. If a document has more moments
// than Options.Most, every k-th is played, and [Atlas.Every] is k. A moment at which the server is
// down already is not played: [Down].
package atlas
