// Package stage reads and prints the settings of a run, an [engine.Stage]: the number of servers,
// the latency of links, the duration of an fsync, the session timeout, the seed.
//
// [Set] changes the setting with the given key; documents and the command line use the same keys.
// [Settings] returns the settings as the header of a trace stores them. [Words] converts the
// settings of such a header into the words of a "%% lab:" line in a document.
package stage
