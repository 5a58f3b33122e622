// Package judge gives a history to two judges that share no code, and explains their findings.
//
// [Judge] reads a record of clients' calls, their answers and their times. Porcupine searches for
// one order of the operations that explains every answer; the witness trusts the zxids and replays
// the writes in their order. The result is a [Judgement]: one [Check] for each thing that was
// checked, ok, broken or undecided, with the places at which it is broken. If porcupine finds no
// order and the witness reports no breach, one of them is wrong, and another check reports that.
//
// [Explain] adds the few events of a run's trace that led to each breach, and [Annotations] are the
// faults and elections of a trace next to the operations in porcupine's picture.
//
// The package reads only histories and traces, whatever played the run.
//
// Porcupine's time limit is the only clock. It can turn ok into undecided, nothing else.
package judge
