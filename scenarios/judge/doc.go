// Package judge gives a history to two judges that share no code, and explains their findings.
//
// [Judge] reads a record of clients' calls, their answers and their times. Porcupine searches for
// one order of the operations that explains every answer; the witness trusts the zxids and replays
// the writes in their order. The result is a [Judgement]. It has a [Check] for each thing that was
// checked, with a verdict (ok, broken or undecided) and the breaches. If porcupine finds no order
// and the witness reports no breach, one of the two judges is wrong; the check [CheckAgree] reports
// this.
//
// The record may contain marks, by which the clients' programs report, for example, that they wait
// for a lock or hold it. If it contains marks, package promise checks that the programs keep the
// promises of their recipes: see [promise.Judge].
//
// [Explain] adds to each breach the few events of the run's trace that led to it. [Annotations]
// adds a trace's faults and elections to porcupine's picture.
//
// The package reads only histories and traces, whichever engine played the run.
//
// No clock affects a verdict, except porcupine's time limit, which can turn the verdict into
// undecided.
package judge
