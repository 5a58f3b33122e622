// Package trace is the lab's file of one run, zablab.trace/1: JSON Lines that a page, a table or a
// comparison reads, and nothing else. It knows no protocol.
//
//	line 1   the header: schema, scenario, seed, actions, config, nodes, the catalogue of whys
//	lines    one event each: what happened, where, when, out of what cause, in a sentence, and how
//	         it changed the state
//	end      {"end":true,…}: how many events, the fingerprint, the operations, what was checked, and
//	         under record the history, in the lines of package linearizability
//	verdict  what may differ from host to host (milliseconds, porcupine's order) stands behind
//	         the end line, outside the hash
//
// # Contract
//
//  1. Folding the patches of events 0 to i gives the state of every node behind event i
//     ([State.Apply]). Nothing but a patch changes state.
//  2. Every [CheckEvery] events there is an event of kind check with the [State.Hash] of what is
//     folded by then. Who folds and gets another hash shows an error, never a wrong picture.
//  3. Keys stand in a fixed order and numbers are integers below 2^53, so that equal runs are equal
//     bytes. Seeds, fingerprints and hashes are hexadecimal strings, zxids are epoch/counter.
//  4. The hash in the end line, sha256, is of every byte before that line.
//  5. A cut ([Trim]) is a trace like any other. Its first events are notes that carry the state up to
//     there; the end line's key cut says of which file it is a part, of which events, and how many
//     of these notes there are. Its fingerprint is that of the whole run.
//  6. An event that a diagram draws in words of its own has them in drawn: a call as a document
//     draws it (create /leader (ephemeral)), an answer, a notification, a vote, a fault as a plan
//     writes it. The words of any other send are its message's kind and zxid; nothing else is drawn.
//  7. Unknown kinds and keys are to be passed over by readers.
//
// # Decisions
//
// [Reader] streams and keeps one event and the folded state, so that telling, comparing and cutting
// need no more memory for a long run than for a short one. [Read] keeps every event, for whoever
// jumps about.
//
// Causes are what the run recorded. What is a reason and no cause, a watch that was set or a client
// that fell silent, is found from patches ([Asides]) and never from sentences.
//
// [Diff] passes over numbers in sentences: a line added to a document moves its line numbers and
// changes nothing that happened.
package trace
