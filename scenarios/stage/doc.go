// Package stage reads and prints the settings of a run, an [engine.Stage]: the number of servers,
// the latency of links, the duration of an fsync, the session timeout, the seed.
//
// [Set] changes one setting by the key that documents and the command line use. [Settings] returns
// the settings for the header of a trace, and [Words] returns those of such a header as the words
// of a "%% lab:" line in a document.
package stage
