// Package claims checks statements about ZooKeeper against runs.
//
// [Play] plays a document of claims and returns each [Claim] with its evidence and a verdict: it
// holds, it holds under a condition, or it does not hold, and what is true instead. A document
// whose own verdict the runs contradict is an error. [Documents] are the lab's: the tutorial's
// statements, and the book's.
package claims
