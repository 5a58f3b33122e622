// Package stage reads and prints the settings of a run, [engine.Stage]: how many servers, how fast
// their links and disks, how long a session lasts, which seed.
//
// [Set] changes one setting by the key that documents and the command line use. [Settings] is a
// stage in the header of a trace, and [Words] turns such a header back into the words of a "%%
// lab:" line.
package stage
