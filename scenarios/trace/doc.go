// Package trace writes and reads the file of one run, zablab.trace/1. The file is JSON Lines: all
// that a page, a table or a comparison needs to show the run. The package knows no protocol.
//
//	header   line 1: schema, scenario, seed, actions, config, nodes, the catalogue of explanations
//	events   one a line: what happened, where, when and why, in a sentence, and how it changed
//	         the state
//	end      {"end":true,…}: the number of events, the fingerprint, the operations, the checks,
//	         and under record the history, in the format of package linearizability
//	verdict  after the end line and outside the hash: what may differ between hosts (milliseconds,
//	         the order that porcupine found)
//
// A [Writer] takes a run's events and writes a file. A [Reader] gives back one event at a time
// and the state after it; [Read] gives back the whole file as a [Run]. [Trim] cuts a part out,
// [Diff] compares two runs, [Causes], [Effects], [Asides] and [Led] report what led to an event.
//
// # Contract
//
//  1. Folding the patches of events 0 to i gives the state of every node after event i
//     ([State.Apply]). Only patches change state.
//  2. After every [CheckEvery] events comes an event of kind check with the [State.Hash] of the
//     state so far. A reader whose own state has another hash reports an error; it never shows a
//     wrong picture.
//  3. Keys have a fixed order, and numbers are integers below 2^53. So equal runs give equal bytes.
//     Seeds, fingerprints and hashes are hexadecimal strings; zxids are epoch/counter.
//  4. The end line's sha256 is the hash of every byte before that line.
//  5. A cut ([Trim]) is an ordinary trace. It begins with notes that restore the state at the cut.
//     The key cut of the end line names the original file, the range of events, and the number of
//     notes. The fingerprint is that of the whole run.
//  6. drawn holds the words that a diagram uses for an event: a call as a document draws it (create
//     /leader (ephemeral)), an answer, a notification, a vote, a fault as a plan writes it. A send
//     without drawn is drawn as its message's kind and zxid. Other events without it are not drawn.
//  7. A reader skips kinds and keys that it does not know.
//
// # Decisions
//
//   - [Reader] streams: it keeps one event and the folded state. Showing, comparing and cutting a
//     long run takes no more memory than a short one. [Read] keeps all events, for random access.
//   - Causes are recorded by the run. Reasons that are not causes, such as the watch that was set
//     or the client that fell silent, are found in patches ([Asides]), never in sentences.
//   - [Diff] ignores numbers in sentences. A line added to a document shifts its line
//     numbers, which does not make two runs differ.
package trace
