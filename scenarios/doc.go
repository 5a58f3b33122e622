// Package scenarios plays documents: it runs the Mermaid sequence diagrams in Markdown files. Each
// arrow is carried out or awaited on a simulated ensemble and gets a [Verdict]: as drawn, later
// (something that is not drawn had to happen first; the result names it), different (something else
// happened instead) or never.
//
// [Replay] plays a compiled document and returns a [Result]: an [Arrow] for every arrow and note,
// the checks of the run, and a [World] for traces, diagrams and pictures of the run.
//
// # Contract
//
//  1. [script.Compile] says what every arrow and note of a document means. A line that it cannot
//     read has the verdict [Unread]; the other lines are played.
//  2. [Replay] plays the document with one seed or many, on all processors. The result depends only
//     on the document, the options and the seeds.
//  3. A diagram continues where the previous diagram ended. If it has the line "%% lab: fresh", it
//     begins a new world instead, with new servers and clients. Before the first diagram of a world
//     is played, the servers start, and each client connects to its own server. But if that diagram
//     begins with messages between servers, it is played from the start of the servers on, so that
//     it can show their first messages.
//  4. The actions of a drawing (calls, faults, waits) run in the order of its arrows. Each action
//     starts when the previous action is done: a write is done when it is committed, a read when it
//     is answered. The other arrows are expectations. The lab waits for consecutive expectations
//     together, at most for the time that [ensemble.Ensemble.GiveUp] returns. The branches of a par
//     begin at the same time.
//  5. An answer is matched with one of the client's last calls: the call that it fits best. Each
//     watch event matches at most one arrow.
//  6. Every run is judged: [judge.CheckInvariants] at every event, the other checks at the end of
//     each diagram. The last check is [judge.CheckLive], after the last diagram of each world. This
//     check continues the run, so the fingerprint is taken before the check.
//  7. With several seeds, an [Arrow] has the worst of its verdicts, and its field Counts says how
//     often each verdict occurred.
//  8. Messages between servers must come in the drawn order if they use the same connection, if the
//     same server sends them, or if one could have caused the other. Their contents must match too.
//  9. The player adds what a drawing assumes without showing it, and lists what it has added in
//     [Arrow].Supplied: nodes that must exist, and their owners; the real names of sequential
//     nodes; a watch; a new session; the move of a client to another server; the write that a drawn
//     proposal needs; the loss of a message; and the earlier transactions that give the servers
//     different histories.
//  10. Every arrow that never happens has a reason in [Arrow].Instead.
//
// # An arrow, from its line to its verdict
//
// Client A creates a node and gets an answer. This is how the lab reads, plays and judges the two
// lines:
//
//	A->>ZK: create /leader (ephemeral)
//	ZK-->>A: success
//
// Each file defines its functions in the order of the list below, so that you can read a file from
// top to bottom; a test checks the order.
//
// The lines are parsed:
//
//  1. scenarios/diagram: [Parse] in document.go: reads the document line by line
//  2. scenarios/diagram: [reader.inner] in reader.go: passes lines of a diagram to its parser
//  3. scenarios/diagram: [parser.feed] in statement.go: skips blank lines and directives of Mermaid
//  4. scenarios/diagram: [parser.statements] in statement.go: splits the line at semicolons
//  5. scenarios/diagram: [parser.one] in statement.go: reports a line that is not a statement
//  6. scenarios/diagram: [parser.read] in statement.go: recognises the statement by its first word
//  7. scenarios/diagram: [parser.arrow] in signal.go: reads participants, arrow and text
//
// The lines get a meaning:
//
//  8. scenarios/script: [Compile] in compile.go: compiles each diagram
//  9. scenarios/script: [Script.compile] in compile.go: applies the settings and assigns the roles
//  10. scenarios/script: [Cast.add] in cast.go: finds that A is a client and ZK the ensemble
//  11. scenarios/script: [compiler.items] in compile.go: visits arrows, notes and blocks
//  12. scenarios/script: [compiler.item] in compile.go: compiles each arrow, note or block
//  13. scenarios/script: [compiler.arrow] in arrows.go: chooses a meaning by the roles at both ends
//  14. scenarios/script: [compiler.call] in arrows.go: compiles the first arrow, a call
//  15. scenarios/script: [parseCall] in calls.go: finds the verb in the text
//  16. scenarios/script: [parseOne] in calls.go: finds the path, flags and value of the operation
//  17. scenarios/script: [compiler.answer] in answers.go: compiles the second arrow, an answer
//  18. scenarios/script: [parseReply] in replies.go: finds the outcome, the reason and the values
//
// The script is played:
//
//  19. [Replay] in replay.go: plays every seed
//  20. [playSeed] in replay.go: plays every world; each diagram that says "fresh" begins a new
//     world
//  21. [playWorld] in replay.go: plays every diagram of the world
//  22. [newPlayer] in player.go: starts servers and clients
//  23. [player.play] in player.go: runs the engine until the next line of the diagram can begin
//  24. [player.advance] in player.go: plays lines until it has to wait for an event
//  25. [player.begin] in player.go: begins the next line of the script: a call, a fault or a wait
//  26. [player.call] in acts.go: makes client A call the ensemble, and waits for the effect
//  27. scenarios/ensemble: [Client.Do] in client.go: hands the operation to A's client program
//
// First the call gets its verdict, then the answer gets one:
//
//  28. [player.called] in acts.go: judges the call
//  29. [player.expect] in expect.go: collects the expectations to await together
//  30. [player.claim] in expect.go: finds the call by client A that this answer belongs to
//  31. [player.await] in expect.go: waits until each expectation is met or can no longer be met
//  32. [player.lookFor] in expect.go: searches the run for each expectation
//  33. [player.look] in expect.go: finds that the call is done
//  34. [player.conclude] in expect.go: judges each expectation
//  35. [player.agrees] in answers.go: compares the outcome with the drawing
//  36. [player.between] in omitted.go: finds elections and reconnections between call and answer
//  37. [player.judge] in verdict.go: stores the verdict
//
// The verdicts of all seeds are added up:
//
//  38. [tally.add] in tally.go: adds the run of a seed
//  39. [Arrow.add] in tally.go: keeps the worst verdict
//  40. [tally.finish] in tally.go: finds the worst verdict of each diagram
//
// # Decisions
//
// An arrow is [Later] if an event that is not drawn, such as the end of a session, caused the
// transaction that the arrow shows. An arrow is also [Later] if the servers elected a leader, or
// the client connected, after the action on which the arrow depends. The lab identifies the
// transaction by its zxid, and does not infer it from times.
//
// An answer that only confirms a watch is matched to an arrow last. Drawings seldom show such an
// answer. If it were matched in the order of the run, it would take the arrow that belongs to the
// client's next answer.
//
// An alt plays the branch whose first expectations are met. A branch that does not begin with an
// expectation is the default. If no branch begins with an expectation, the seed chooses.
//
// A fault whose target is "the leader" waits until the ensemble has a leader.
package scenarios
