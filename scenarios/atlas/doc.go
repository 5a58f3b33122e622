// Package atlas plays a document with one fault at each of its moments, and shows the outcome of
// each: what if a server dies exactly then?
//
// A moment is a step of the run without the fault (sim.Step): up to there both runs are the same, so
// a moment is a place in the story, not a time. [Play] plays the document once for each moment and
// server, and compares each line of the drawing with the run without the fault. What differs most
// is the [Outcome] of the moment.
//
// Each run is played from its start: the runs share no common prefix. If a document has more
// moments than Options.Most, every k-th is played, and [Atlas.Every] is k. A moment at which the
// server is already down is not played: its outcome is [Down].
package atlas
