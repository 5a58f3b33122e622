// Package judge puts a history to two judges who share no code, and explains what they find.
//
// [Judge] takes a record of what clients asked, what they were answered, and when. Porcupine looks
// for one order of the operations that explains every answer; the witness believes the zxids and
// walks through them. A [Judgement] comes out: one [Check] for each thing that was checked, ok,
// broken or undecided, with the places at which it is broken. Where porcupine finds no order and
// the witness has no complaint, one of the two is wrong, and another check says so.
//
// [Explain] adds the few events of a run's trace that led to each breach, and [Annotations] are the
// faults and elections of a trace next to the operations in porcupine's picture.
//
// The package knows histories and traces only: neither who played the run nor what it was for.
//
// Porcupine's time limit is the only clock. It can turn ok into undecided, nothing else.
package judge
