// Package why explains why a run failed: which data differ, who waited for whom, what the protocol
// or the recipe promises, the first wrong step, and the events that led there.
//
// [Explain] takes a [Failure], which has the property that broke, the sentence of the check, the
// events of the run's trace, and what the clients recorded. Package why reads nothing else: it does
// not know which injected bug a run may contain, and it compares the run with no other run.
//
// Output: [Explain] returns an [Explanation]. [Explanation.String] returns it as text that fits on
// one screen. [Explanation.Draw] draws its events as a sequence diagram, which also shows the
// messages between servers and the disk operations.
//
// # How it works
//
//	subjects.go  finds what the sentence speaks of: servers, clients, zxids, paths, sessions
//	rules.go     one sentence for each property: what should have been
//	fold.go      follows the run event by event, and knows what each server and client has
//	signs.go     the signs: rules of the protocol that the trace alone can judge at each event. A
//	             sign may not appear in a run of the sound engine: TestNoSigns. promises.go has
//	             those of ACKs and votes
//	recipes.go   the first wrong step of a recipe, from the clients' record: who decided what, on
//	             which list, answer or session, and what that asks for; tickets.go for lines
//	served.go    the first wrong step of a server or resource towards a client: syncs, watches,
//	             fencing; idle.go: who has sent, heard and decided nothing
//	late.go      the first wrong step of a server that only its later state shows
//	differs.go   compares trees, logs and epochs of the servers, node by node and field by field
//	lives.go     the life of each subject: a zxid's from proposal to delivery, a node's, a session's
//	weights.go   how much each event matters: the causes of the failure always belong to the story
//	story.go     chooses the events of the story; line.go and clients.go tell them, a call and its
//	             answer in one line; words.go puts them into plain words
//	draw.go      draws them
package why
