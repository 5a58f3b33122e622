// Package schedules plays the schedules of the fuzzer on several engines, and compares what their
// clients saw.
//
// Input: engines, and a range of seeds. [Compare] plays the schedule of each seed on each engine,
// with all checks of that engine, and measures the run: see [Run].
//
// Output: a [Batch]. [Batch.Of] returns a figure's distribution, with its worst seed;
// [Batch.Breaks] lists the properties that broke; [Batch.Checked] says what was checked, and what
// was not; [Summary] says in one sentence what was found. [Differences] lists the differences
// between the engines that come from the way in which the lab runs them.
//
// # Equal on all engines
//
// A schedule is what package fuzz generates from a seed with the mix "swarm". Observers and faults
// that end sessions are left out, because only ZooKeeper has them. All engines get the same
// servers, links, disks, clocks and clients, and the same faults at the same times. The seed also
// determines the writes and reads of each client.
//
// # Decisions
//
// If an ensemble does not recover, the time to its first write counts as longer than any other
// time: without this rule, an engine that does not recover would look faster. If a check fails
// before the last fault of a run, the run ends there, and no times are measured for it.
//
// An acknowledged write counts as lost if a later write of its register has no higher version, or
// if the register has a lower version at the end. The final version is read when nothing is left to
// do: for ZAB from the leader's tree, for a Raft library by a read at its leader. So a lost write
// is found even if no client read it.
//
// If [Engine].Restless is set, the threads of the Raft servers are also disturbed by pauses, yields
// and short sleeps. By default they are not, because the simulated ZooKeeper has no threads.
package schedules
