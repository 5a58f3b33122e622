// Package promise judges what recipes promise: locks, elections, queues and barriers. It compares
// what programs said of themselves ([lin.Mark]) with the nodes that existed at that moment
// ([lin.Life]), and with their calls. It knows the recipes only from their documentation.
//
// A program that believes it holds an office while its node does not exist breaks no promise: a
// client that is cut off cannot know of its session's end. That is a figure, [Figures]. What two
// programs do while both their nodes exist is the recipe's fault alone, or the ensemble's.
//
// # What is checked
//
// Offices are told apart by their path: a leader of /leader and a primary of /primary do not
// exclude each other. A lease ([lin.Lease]) is not judged. The cases are those of TestNeighbours.
//
//	MutualExclusion   no two programs hold an office at one instant while the nodes of both exist
//	ReadersWriters    the same where readers share an office, and exclude writers only
//	InOrder           a holder by a numbered node has waited for all earlier ones that exclude it
package promise
