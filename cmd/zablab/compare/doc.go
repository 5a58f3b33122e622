// Package compare implements zablab compare, which measures ZAB and hashicorp/raft in the same
// simulated world, or the simulated ensemble and Apache ZooKeeper.
//
// The input is a plan (a list of faults with times), or flags with the sizes of the ensembles, the
// seeds and the faults. The output is tables, a page for a browser, or one JSON document (type
// comparison; its keys are stable). [Command] reads the flags (compare.go), makes the measurements
// one after another (measure.go), and prints them (print.go, failover.go). A plan is played once on
// ZAB and once on Raft (plan.go). html.go fills in the page template of cmd/zablab/report;
// zookeeper.go measures elections on real servers.
package compare
