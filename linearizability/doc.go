// Package linearizability judges histories: what clients asked of a coordination service, when,
// and what they were told. [Check] asks porcupine whether one order of the operations, within
// the intervals in which they ran, explains every answer; [SessionOrder] asks whether a session
// ever went back in time; [Page] draws a verdict.
//
// It knows ZooKeeper from its documentation and imports nothing of this project: a model that
// shares code with what it judges shares its bugs. Histories may come from anywhere.
//
// # Contract
//
//  1. An [Operation] took effect at one moment in [Call, Return], both included. Failed means
//     that it certainly changed nothing. Unknown means once, at any time from Call on, or never.
//  2. What servers do by themselves is an operation too: when a session expires, a CloseSession
//     with the earliest and the latest moment at which it can have taken effect.
//  3. Verdicts are ok, broken or undecided. Undecided, a time limit, never counts as ok.
//  4. Indices in a [Verdict] are those of the history. Order, Longest, Blame and Steps depend on
//     the history alone, unless it is undecided.
//  5. What was not judged is listed in [Verdict.Left], not passed over in silence.
//
// # What is checked
//
// Each check has a history that it rejects, and a neighbour, different in one thing, that it
// accepts. They are the cases of TestNeighbours, if no other test is named.
//
//	check                                              test
//	no write is lost, done twice or skipped            LostWrite, DoubledWrite, VersionSkipped
//	of two creates one wins                            TwoWinners
//	failures are ordered like successes                NodeExistsWithoutNode, NotEmptyWithoutChild
//	a child has a parent, and not an ephemeral one     ChildOfDeleted, ChildOfEphemeral
//	sequential names are unique and increase           SequentialTwice, SequentialBackwards
//	a multi is all or nothing                          MultiHalfApplied, MultiFailedYetApplied
//	ephemeral nodes live as long as their session      EphemeralVanishedEarly,
//	                                                   EphemeralOutlivesItsSession,
//	                                                   EphemeralAfterItsSession, ExpiryMissesOne
//	an unknown outcome counts once at most             UnknownTwice, UnknownBeforeItsCall,
//	                                                   UnknownSequential
//	reads are as new as all that came before (All)     StaleRead, ChildrenOfTwoMoments,
//	                                                   TwoCzxids, ExistsAfterDelete
//	a value is the one last set (Register)             TestRegister
//	a session never goes back in time                  TestSessionOrder
//	watches change nothing                             TestWatchesAreLeft
//	true histories are accepted                        TestAcceptsWhatHappened
//	exactly the false ones are rejected                TestAgreesWithEnumeration
//	both judges agree on random histories              TestJudgesAgree
//	parts are judged apart only where that is sound    TestPartition, TestAgreesWithEnumeration
//
// # What is not
//
// By [Check]: watches (package witness does), ACLs, pzxid, cversion, times and the number of children in a stat. Writes of a
// session that is closed, other than ephemeral nodes. The order of one client's calls that
// overlap. Failures other than [NodeExists], [NoNode], [BadVersion], [NotEmpty] and
// [NoChildrenForEphemerals] are believed, and taken to change nothing. Sync changes nothing.
//
// # Decisions
//
//   - The default scope is [Writes], failed ones included. ZooKeeper answers a read from the
//     server at hand, so a stale read is no fault of it; [All] is for finding one.
//   - An unknown outcome is an operation that returns after all others. Done there it can
//     explain nothing, which is the same as never; such ones are not in [Verdict.Order].
//   - Sequential names are predicted to the digit: the number counts the parent's creates, as
//     ZooKeeper's does. Unique and increasing alone would let a lost create pass.
//   - The history is split by union-find over paths, and only by what [Check]'s model can tell
//     apart; the comment on partition says why that is sound.
//   - Zxids are evidence in [SessionOrder] and in a [Stat], never in the order of writes: this
//     is the judgement without them, to be compared with one that uses them.
package linearizability
