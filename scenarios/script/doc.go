// Package script compiles a document: it says what each line means.
//
// [Compile] turns a parsed document into a [Script]: worlds of diagrams that continue one another,
// the participants of each world ([Cast]), and one [Act] for every arrow and note. An act is a call,
// an expected answer or event, a message between servers, a fault, a wait, or a remark for the
// reader only. The package plays nothing and knows no engine.
//
// # Contract
//
//  1. A participant's name and arrows determine its role. S1 to S9 are servers, a name that
//     contains ZooKeeper is the ensemble, a "%% lab:" line names resources, all others are clients.
//  2. An arrow or a note that is not understood, and not clearly a remark, is unread: its [Reading]
//     gives the reason and the nearest line that is understood. Compile finds all such lines. With
//     [Options.Strict] each is a [*diagram.Error] too. A wrong setting always is.
//  3. Every word of the language is in a table, and [Vocabularies] returns these tables: the guide
//     lists exactly what the parser reads.
//  4. A diagram continues where the one before it ended, unless it says fresh.
package script
