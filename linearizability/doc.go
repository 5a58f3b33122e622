// Package linearizability checks histories: what the clients of a coordination service asked, when,
// and which answers they got.
//
// [Check] checks whether the service behaved like a single server that executes one operation at a
// time. It searches, with porcupine, for one order of the operations that explains every answer and
// respects real time: if one operation returned before another was called, the first comes before
// the second in this order. There are models of a whole tree of znodes, single registers, locks
// with fencing tokens, and elections.
//
//	history := lin.History{ // A sets /x to 1; then B reads it, and gets nothing
//		{Client: "A", Kind: lin.Set, Path: "/x", Data: "1", Version: lin.AnyVersion,
//			Call: 0, Return: 10, Outcome: lin.OK},
//		{Client: "B", Kind: lin.Get, Path: "/x", Call: 20, Return: 30, Outcome: lin.OK},
//	}
//	verdict, err := lin.Check(history, lin.Options{Model: lin.Register})
//	// verdict.Result is broken, verdict.Misses[0].Text says why
//
// [SessionOrder] checks that no session sees an older state after a newer one, and [Page] draws a
// verdict. Histories come from a [Recorder] in your own test, from a file ([ReadRecord]), or from
// the lab's runs. Package witness is a second judge, for histories with zxids.
//
// The package is written from ZooKeeper's documentation, and imports no other package of this
// project. If the model shared code with the program that it judges, it would not notice a bug in
// the shared code.
//
// # Contract
//
//  1. An [Operation] took effect at one moment in [Call, Return], both included. Failed means that
//     it certainly changed nothing. Unknown means that it took effect once, at any time from Call
//     on, or never.
//  2. Server-initiated changes are operations too: the expiry of a session is a CloseSession, with
//     the earliest and the latest moment at which it can have taken effect.
//  3. A verdict is ok, broken or undecided. Undecided means that time ran out; it never counts as
//     ok.
//  4. Indices in a [Verdict] are indices into the history. If the verdict is not undecided, its
//     fields Order, Longest, Blame and Steps depend on the history alone.
//  5. [Verdict.Left] lists every operation that was not judged.
//
// # Who needs what
//
// [Check] and [SessionOrder] need a [History], which contains only operations. A [Record] contains
// a history, and each [Event], [Belief] and [Access] of the clients. Only package witness judges
// events, beliefs, accesses, and the fields Mode and Place of an operation. All these types are
// defined here, because this package and package witness read the same files ([ReadRecord]).
//
// # What is checked
//
// Each check has a history that the check must reject, and a second history, different in one
// detail, that the check must accept. This table lists the tests of each check. A name in the table
// is a case of TestNeighbours or TestOffices, or a test of its own. The table of package witness
// has the checks of watches and syncs. TestTable compares both tables with the tests.
//
//	check                                              test
//	no write is lost, done twice or skipped            LostWrite, DoubledWrite, VersionSkipped
//	one of two creates wins                            TwoWinners
//	failures are ordered like successes                NodeExistsWithoutNode, NotEmptyWithoutChild
//	a child has a parent, and not an ephemeral one     ChildOfDeleted, ChildOfEphemeral
//	sequential names are unique and increase           SequentialTwice, SequentialBackwards
//	a multi is all or nothing                          MultiHalfApplied, MultiFailedYetApplied
//	ephemeral nodes live as long as their session      EphemeralVanishedEarly,
//	                                                   EphemeralOutlivesItsSession,
//	                                                   EphemeralAfterItsSession, ExpiryMissesOne
//	an unknown outcome takes effect at most once       UnknownTwice, UnknownBeforeItsCall,
//	                                                   UnknownSequential
//	reads see all earlier writes (All)                 StaleRead, ChildrenOfTwoMoments,
//	                                                   TwoCzxids, ExistsAfterDelete
//	a value is the one last set (Register)             TestRegister
//	a lock has one holder (Lock, Election)             TwoHolders, HeldByNobody, HolderIsDead,
//	                                                   ReleasedByAnother, UnknownAcquire,
//	                                                   TwoLeaders, TwoOfficesOfOneSession
//	tokens grow, older ones are refused (Lock)         TokenGoesBack, StaleTokenAccepted,
//	                                                   FreshTokenRefused
//	the leader shown is the one elected (Election)     WrongName, OldLeaderShown
//	a session never goes back in time                  TestSessionOrder
//	watches change nothing                             TestWatchesAreLeft
//	true histories are accepted                        TestAcceptsWhatHappened
//	exactly the false ones are rejected                TestAgreesWithEnumeration,
//	                                                   TestLockAgreesWithEnumeration
//	both judges agree on random histories              TestJudgesAgree
//	zxids may decide what porcupine cannot             TestCertified
//	asking the zxids first changes no result           TestZxidsFirst
//	parts are judged apart only where that is sound    TestPartition, TestAgreesWithEnumeration
//
// # What is not checked
//
// [Check] does not judge:
//
//   - watches, ACLs, and the fields pzxid, cversion, aversion, length and number of children of a
//     stat: package witness judges them
//   - the order of one client's overlapping calls, and the fields ctime and mtime of a stat
//   - writes of closed sessions, except creates of ephemeral nodes
//   - failures, except [NodeExists], [NoNode], [BadVersion], [NotEmpty] and
//     [NoChildrenForEphemerals]: it assumes that an operation with another failure changes nothing
//   - syncs: it assumes that a sync changes nothing
//
// # Histories as files
//
// [ReadRecord] reads JSON Lines: one object a line, in any order. Each line has exactly one
// of the keys "op", "event", "belief", "access", "recipe", "mark", "life", "calm" and "node". This
// key says what kind of thing the line describes.
// The first line may instead have the key "schema" with the value [Schema].
//
//	{"client":"A","op":"create","path":"/leader","ephemeral":true,"call":50,"return":60}
//	{"client":"B","op":"create","path":"/leader","call":10,"return":70,"code":"node exists"}
//	{"client":"B","op":"get","path":"/leader","call":80,"return":90,"result":{"data":"A"}}
//	{"client":"A","op":"set","path":"/x","data":"7","version":3,"call":95}
//	{"op":"closeSession","session":"0x1","call":200,"return":230,"result":{"deleted":["/leader"]}}
//
// The value of "op" is an operation: create, set, delete, check, multi (with the key "ops"),
// closeSession, get, exists, children, sync, setACL, getACL, ephemerals, descendants; addWatch,
// removeWatches or checkWatches (with the key "mode"); or, for a lock, acquire, release, holder or
// use.
//
// The line of an operation must have the keys "op" and "call". It must also have the key "client",
// unless the ensemble itself closed a session, and the key "return", unless the outcome is unknown.
// Times are whole microseconds of one clock.
//
//	session              "0x1" or 1; a client that names none has a session of its own
//	path, data, version  as in ZooKeeper; no version matches any; data64 for what is not UTF-8
//	ephemeral, sequential, watch, token
//	acl, who             who may do what: [{"perms":"rwcda","scheme":"digest","id":"bob:hash"}]; and
//	                     the caller's identities: ["ip:10.0.0.7","digest:bob:password"]
//	outcome, code        ok, failed or unknown; if left out, it follows from code and return.
//	                     A code that no service here has is an error
//	result               path, data, children, deleted, token, acl, number; stat: version, czxid,
//	                     mzxid, owner, and more: cversion, aversion, pzxid, length, children
//	zxid, txn            of the reply and of the write itself, "1/10": for package witness
//	place                of the reply among all that reached its client, counted from 1
//	call_place           of the call among all events of the run, counted from 1
//
// The lines of the other kinds have these keys, which the named types explain:
//
//   - "event" ([Event]): created, deleted, changed, children, reconnected or unwatched. Other keys:
//     client, path, at, place, zxid, persistent
//   - "belief" ([Belief]): the role. Other keys: client, from, to
//   - "access" ([Access]): the resource. Other keys: client, at, token, fenced, accepted
//   - "recipe" ([recipe.Recipe]): the recipe that a client program implements, such as a lock.
//     Other keys: path, lease, in_order, fenced, size
//   - "mark" ([Mark]): a [MarkKind]. Other keys: client, program, session, office, path (of the
//     node), for, as, token, size, looks, attends, careful, line, byAge, guards,
//     renews, at, place
//   - "life" ([Life]): the path of a node that was created. Other keys: maker, ephemeral, ender,
//     closed, born, died, from, to, made, gone
//   - "calm" ([FaultFree]): the time at which the last fault ended. Other key: within
//   - "node" ([Node]): the path of a node that exists from the beginning. Other keys: data, version,
//     creates
//
// Only package witness judges events, beliefs and accesses. Only package promise judges lines with
// the keys "recipe", "mark", "life" and "calm".
//
// # Decisions
//
//   - The default scope is [Writes], which includes failed writes. ZooKeeper answers a read from
//     the server that the client is connected to, so a stale read is no bug; [All] finds stale
//     reads.
//   - An operation with unknown outcome counts as an operation that returns after all others. If
//     the order places such an operation last, no answer depends on its effect, and it may as well
//     never have happened. [Verdict.Order] omits the operations that are placed last in this way.
//   - Sequential names are predicted exactly: the number counts the parent's creates, as in
//     ZooKeeper. If a check only required that names are unique and increase, it would accept a
//     lost create.
//   - Parts of a history whose paths do not affect each other are judged separately. Union-find
//     over the paths finds the parts. The comment on type partition says why this cannot change the
//     verdict.
//   - [SessionOrder] and the check of a [Stat] use zxids. The search for an order of the writes
//     uses no zxids, so that its verdict can be compared with the verdict of a judge that uses
//     them. There is one exception: if porcupine runs out of time because of unanswered writes,
//     Check runs the model in zxid order. If this order explains every answer, the history is
//     linearizable ([Verdict.Certified]); if not, nothing is proved. With [Options.ZxidsFirst]
//     Check tries the zxid order before porcupine searches.
package linearizability
