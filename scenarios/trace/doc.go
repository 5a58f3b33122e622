// Package trace writes and reads the trace of a run: a file in the format zablab.trace/1, which is
// JSON Lines. It contains all that a web page, a table or a comparison needs to show the run. The
// package knows no protocol.
//
//	header   line 1: schema, scenario, seed, actions, config, nodes, the catalogue of explanations
//	events   one a line: what happened, where, when and why, in a sentence, and how it changed
//	         the state
//	end      {"end":true,…}: the number of events, the fingerprint, the operations, the checks,
//	         under drawn the document's lines with their verdicts, under broken the checks that do
//	         not hold with the events that show it, under asks the questions to a reader with
//	         their answers, and under record the history, in the format of package linearizability
//	verdict  after the end line and outside the hash: what may differ between hosts (milliseconds,
//	         the order that porcupine found)
//
// A [Writer] writes a run's events to a file. A [Reader] returns one event at a time and the state
// after it; [Read] returns the whole file as a [Run]. [Trim] copies a part of a run, and [Diff]
// compares two runs. [Causes] finds the chain of causes of an event, [Effects] finds what an event
// caused, [Asides] finds events that explain a chain of causes without belonging to it, and [Led]
// lists the events that led to several given events.
//
// # Contract
//
//  1. Applying the patches of events 0 to i in order gives the state of every node after event i
//     ([State.Apply]). Only patches change state.
//  2. After every [CheckEvery] events comes an event of kind "check" with the [State.Hash] of the
//     state so far. A reader whose own state has another hash reports an error, so that it never
//     shows a wrong state.
//  3. Keys have a fixed order, and numbers are integers below 2^53. So equal runs give equal bytes.
//     Seeds, fingerprints and hashes are hexadecimal strings; zxids are epoch/counter.
//  4. The key "sha256" of the end line is the hash of every byte before that line.
//  5. A cut, the part of a trace that [Trim] copies, is itself an ordinary trace. It begins with
//     events of kind "note" that restore the state before the first copied event. The key "cut" of
//     the end line has the original file's hash, the range of events, and the number of notes. The
//     fingerprint is that of the whole run.
//  6. The key "drawn" of an event is the text that a diagram shows for the event. A call is written
//     as in a document, for example create /leader (ephemeral); a fault is written as in a plan;
//     answers, notifications and votes have a text too. An event without this key is not drawn,
//     except a send, which is drawn with its message's kind and zxid.
//  7. A reader skips kinds of events, and JSON keys, that it does not know.
//
// # Decisions
//
//   - A [Reader] keeps only one event and the state so far. So showing, comparing or cutting a run
//     needs no more memory for a long run than for a short one. [Read] keeps all events, for random
//     access.
//   - The run itself records the cause of each event. Some events are explained by another event
//     that did not cause them: for example, the call that set a watch explains why the watch fired.
//     [Asides] finds such explaining events from the changes of state ([Patch]), never from the
//     sentences.
//   - The end line has the questions to a reader ([Ask]) with their answers, because the answers
//     are known only when the run has ended: to write them into the header, a writer would have to
//     keep the whole run in memory. The hash of the events does not cover the questions.
//   - [Diff] ignores numbers in sentences. A line added to a document shifts the line numbers after
//     it, and that must not make two runs differ.
package trace
