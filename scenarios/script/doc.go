// Package script compiles a document: it decides what each line means.
//
// [Compile] turns a parsed document into a [Script]. The script has a [World] for each group of
// diagrams that continue one another, with their participants (the [Cast]), and an [Act] for each
// arrow and note: a call, an expected answer or notification, a message between servers, a fault, a
// wait, or a remark, which is only for the reader. The package does not play scripts.
//
// # Contract
//
//  1. A participant's arrows and name determine its role. S1 to S9 are servers, a name that
//     contains ZooKeeper is the ensemble, a "%% lab:" line names resources, and the other
//     participants are clients.
//  2. An arrow or a note is unread if it is not understood and not clearly a remark. Its [Reading]
//     has the reason and a similar line that is understood. Compile finds all unread lines. With
//     [Options.Strict] each unread line is a [*diagram.Error]. A wrong setting is always an error.
//  3. All words that documents may use are in tables, and [Vocabularies] returns these tables. So
//     the author's guide lists exactly the words that the parser reads.
//  4. A diagram continues where the diagram above it ended, unless it has the setting fresh.
package script
