// Package claims checks statements about ZooKeeper against runs.
//
// [Play] plays a document of claims and returns each [Claim] with its evidence and a verdict: the
// claim holds, holds under a condition, or does not hold. For a claim that does not hold, Play also
// returns what is true instead. If the runs contradict a verdict in the document, Play returns an
// error. [Documents] returns the documents that come with the lab.
package claims
