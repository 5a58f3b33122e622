// Package stage says what a run is played on: how many servers, how fast their links and disks, how
// long a session lasts, which seed.
//
// A [Stage] goes into the three places that must agree about it: the configuration of the simulated
// ensemble ([Stage.Config]), the header of the run's trace ([Stage.Settings]), and the "%% lab:"
// line of a drawing of the run ([Words]), which reads a trace's header back. [Stage.Set] changes
// one setting by the key that documents use, and [Stage.Check] says what is impossible.
package stage
