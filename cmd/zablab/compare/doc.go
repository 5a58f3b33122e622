// Package compare implements zablab compare, which measures ZAB and hashicorp/raft in the same
// simulated world, or the simulated ensemble and Apache ZooKeeper.
//
// The input is sizes, seeds, faults or a plan; the output is tables, one JSON document
// (comparison, whose keys are stable) or a page for a browser. [Command] reads the flags
// (compare.go), measures part by part (measure.go), and prints (print.go, failover.go). A plan is
// played once on ZAB and once on Raft (plan.go). html.go fills in the page of cmd/zablab/report;
// zookeeper.go measures elections on real servers.
package compare
