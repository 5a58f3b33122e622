// Package why explains why a run failed: which data differ, who waited for whom, what the protocol
// or the recipe promises, the first wrong step, and the events that led there.
//
// Input: a [Failure], which has the property that broke, the sentence of the check, and the events
// of the run's trace. Package why reads nothing else: it does not know which bug a run may contain,
// and it compares the run with no other run.
//
// Output: [Explain] returns an [Explanation]. [Explanation.Text] prints it on one screen;
// [Explanation.Draw] draws its events, servers and disk operations included.
//
// # How it works
//
//	subjects.go  finds what the sentence speaks of: servers, clients, zxids, paths, sessions
//	rules.go     one sentence for each property: what should have been
//	fold.go      follows the run event by event, and knows what each server and client has
//	signs.go     the signs: rules of the protocol that the trace alone can judge at each event. The
//	             first sign is the first wrong step, which may come long before the failure. A sign
//	             may not appear in a run of the sound engine: TestNoSigns
//	differs.go   compares trees, logs and epochs of the servers, node by node and field by field
//	lives.go     the life of each subject: a zxid's from proposal to delivery, a node's, a session's
//	story.go     the few events that matter, by weight; the causes of the failure always belong to
//	             them
package why
