// Package schedules plays the schedules of the fuzzer on several engines, and compares what their
// clients saw.
//
// Input: engines, and a range of seeds. [Compare] plays the schedule of each seed on each engine, with
// all checks of that engine, and measures the run: see [Run].
//
// Output: a [Batch]. [Batch.Of] returns a figure's distribution, with its worst seed; [Batch.Breaks]
// lists the properties that broke; [Batch.Checked] says what was checked, and what was not;
// [Summary] says in a sentence what was found, and [Differences] what differs between the engines
// because of how the lab plays them.
//
// # Equal on all engines
//
// A schedule is what the fuzzer's mix swarm generates from a seed, without what only ZooKeeper has
// (observers, the ends of sessions). All engines get the same servers, links, disks, clocks and faults,
// at the same times, and the same clients, whose writes and reads of registers are drawn from the same
// seed.
//
// # Decisions
//
// A time that never came, such as the first write of an ensemble that does not recover, counts as
// longer than any other: leaving such a run out would reward it. A run that a broken check ended before
// its faults were over has no times at all.
//
// An acknowledged write counts as lost if a later write of its register has no higher version, or if
// the final state has seen fewer writes. The final state is read when all is at rest: of ZAB from the
// leader's tree, of a Raft library by asking its leader. So a lost write shows even if nobody read it.
//
// The threads of a Raft server may be disturbed ([Engine].Restless). This is no part of the comparison
// by default, because the simulated ZooKeeper has no threads.
package schedules
