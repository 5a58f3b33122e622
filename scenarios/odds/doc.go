// Package odds finds out when the outcome of a run was decided. It plays the run many times: the
// same up to some step, and from there on with other latencies and other durations of fsyncs, as
// [sim.Resample] chooses them. The odds at that step are the share of these runs that have the same
// outcome. If the outcome is luck, the odds are low at first. From the step that makes the outcome
// certain, they are 1.
//
// [Measure] knows neither documents nor schedules: its caller passes a function that plays a run
// and reports whether the run has the outcome. Measure uses the same seeds at every step, so the
// odds of two consecutive steps differ only by what the later step decides. [OfDocument] finds an
// outcome in the result of a document.
//
// The faults of a run, the clients' calls and the choices of their programs stay as they are: only
// the network and the disks are left to chance. Measure does not play every step. So if one step
// raises the odds and a later step lowers them again by the same amount, Measure may miss both.
package odds
