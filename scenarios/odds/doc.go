// Package odds finds out when the outcome of a run was decided. It plays the run many times: the
// same up to some step, and from there on with other latencies and other durations of fsyncs, as
// [sim.Resample] chooses them. The odds at that step are the share of these runs that have the same
// outcome. If the outcome is luck, the odds are low at first. From the step that makes the outcome
// certain, they are 1.
//
// [Measure] knows neither documents nor schedules: it is given a function that plays a run and says
// whether it has the outcome. The same seeds are used at every step, so that the odds of two
// neighbouring steps differ only by what the step between them decides. [OfDocument] finds an
// outcome in the result of a document.
//
// The faults of a run, the clients' calls and the choices of their programs stay as they are: only
// the network and the disks are left to chance. Steps between two steps with equal odds are not
// played, so that a step that raises the odds and another that lowers them again may be missed.
package odds
