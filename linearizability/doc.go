// Package linearizability judges histories: what clients asked of a coordination service, when,
// and what they were told. [Check] asks porcupine whether one order of the operations, within
// the intervals in which they ran, explains every answer; [SessionOrder] asks whether a session
// ever went back in time; [Page] draws a verdict. Models are a whole tree of znodes, single
// registers, locks with fencing tokens, and elections.
//
// Histories come from a [Recorder] in a test of yours, from a file ([ReadRecord]), or from the lab's
// own runs. Package witness is the second judge, for those with zxids.
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
// accepts. They are the cases of TestNeighbours and TestOffices, if no other test is named. The
// witness's table, with watches and syncs, is in its doc.go. TestTable holds both to the tests.
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
//	a lock has one holder (Lock, Election)             TwoHolders, HeldByNobody, HolderIsDead,
//	                                                   ReleasedByAnother, UnknownAcquire, TwoLeaders
//	tokens grow, older ones are refused (Lock)         TokenGoesBack, StaleTokenAccepted,
//	                                                   FreshTokenRefused
//	who leads is whoever was elected (Election)        WrongName, OldLeaderShown
//	a session never goes back in time                  TestSessionOrder
//	watches change nothing                             TestWatchesAreLeft
//	true histories are accepted                        TestAcceptsWhatHappened
//	exactly the false ones are rejected                TestAgreesWithEnumeration,
//	                                                   TestLockAgreesWithEnumeration
//	both judges agree on random histories              TestJudgesAgree
//	what porcupine cannot decide the zxids may         TestCertified
//	parts are judged apart only where that is sound    TestPartition, TestAgreesWithEnumeration
//
// # What is not
//
// By [Check]: watches (package witness does), ACLs, pzxid, cversion, times and the number of
// children in a stat. Writes of a session that is closed, other than ephemeral nodes. The order of
// one client's calls that overlap. Failures other than [NodeExists], [NoNode], [BadVersion], [NotEmpty] and
// [NoChildrenForEphemerals] are believed, and taken to change nothing. Sync changes nothing.
//
// # Histories as files
//
// [ReadRecord] reads JSON Lines: one object a line, of the kind that its key op, event, belief,
// access or node says, in any order. [Schema] may stand in the first line, under the key schema.
//
//	{"client":"A","op":"create","path":"/leader","ephemeral":true,"call":50,"return":60}
//	{"client":"B","op":"create","path":"/leader","ephemeral":true,"call":10,"return":70,"code":"node exists"}
//	{"client":"B","op":"get","path":"/leader","call":80,"return":90,"result":{"data":"A"},"zxid":"1/4"}
//	{"client":"A","op":"set","path":"/x","data":"7","version":3,"call":95}
//	{"op":"closeSession","session":"0x1","call":200,"return":230,"result":{"deleted":["/leader"]}}
//
// An op is one of create, set, delete, check, multi (with ops), closeSession, get, exists, children,
// sync, addWatch, removeWatches (with mode), or acquire, release, holder, use for locks. Needed are client (but for what the ensemble does
// by itself), op and call; and, unless nobody knows what came of it, return. Whole numbers in
// microseconds, of one clock.
//
//	session              "0x1" or 1; a client that names none has one of its own
//	path, data, version  as in ZooKeeper; no version is any; data64 has what is not UTF-8
//	ephemeral, sequential, watch, token
//	outcome, code        ok, failed or unknown; left out, it follows from code and return
//	result               path, data, children, deleted, token; stat: version, czxid, mzxid, owner
//	zxid, txn            of the reply and of the write itself, "1/10": for package witness
//	place                of the reply among what its client heard, counted from 1
//
// The other lines are for package witness: event (created, deleted, changed, children, reconnected)
// with client, path, at, place, zxid, persistent; belief (whose value is the role) with client, from,
// to; access (the resource) with client, at, token, fenced, accepted; node (there before all) with
// data, version, creates.
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
//   - Zxids are evidence in [SessionOrder] and in a [Stat], not in the order of writes: this is the
//     judgement without them, to be compared with one that uses them. Only when porcupine is lost
//     among writes without an answer is the order of the zxids put to the model: an order that
//     explains everything is proof of itself ([Verdict.Certified]), and one that does not is nothing.
package linearizability
