// Package script says what each line of a document means.
//
// [Compile] takes a parsed document. A [Script] comes out: worlds of diagrams that continue one
// another, in each who is who ([Cast]), and in each diagram one [Act] for every arrow and note: a
// call, an answer or an event to expect, a message between servers, a fault, a wait, or a remark
// for the reader only. Nothing is played here, and no engine is known.
//
// # Contract
//
//  1. What a participant does and is called says who it is: S1 to S9 are servers, a name that says
//     ZooKeeper is the ensemble, a "%% lab:" line names resources, everybody else is a client.
//  2. An arrow or a note that must mean something and does not is unread: its [Reading] says why,
//     and what is understood that is nearest. All of them are found. With [Options.Strict] each is
//     a [*diagram.Error] too. What is wrong with the stage is always one.
//  3. Every word that is understood stands in a table, and [Vocabularies] prints these tables: the
//     guide cannot say more than the reader understands.
//  4. A diagram goes on where the one before it ended, unless it says fresh.
package script
