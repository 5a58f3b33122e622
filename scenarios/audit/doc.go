// Package audit checks a simulated run at every event, and ends it at the first property that does
// not hold.
//
// Input: an [Audit] belongs to one simulated ensemble; its caller reports each event at the moment
// it happens. [Audit.Probe] watches a server's [zab.Peer]; every other kind of event has its own
// method (Applied, TookEffect, Expiring, ...). The audit queries the [Run] for what an event does
// not contain.
//
// Output: nothing while every property holds. At the first broken property, the audit adds a record
// to the world and ends the run with a [*Violation], which names the property, the step and the
// moment.
//
// # What is checked
//
// The audit checks all properties of package zab/safety: properties of the protocol, judged by what
// is on the disks, not by what servers report. It adds these properties, with one file for each
// group:
//
//	state.go    StateAtZxid                 servers with the same history have equal trees, also
//	                                        while they replay what is chosen
//	            EphemeralLifetime           ephemeral nodes belong to live sessions, also those
//	                                        that a leader inherits, and at rest
//	            ForgetsSessions             a leader tracks no session that is over
//	order.go    FIFOClientOrder             requests take effect once, and in a session's order
//	session.go  NoServiceUnlessEstablished  only a server in broadcast answers clients
//	            NoEarlyExpiry               no session expires before its timeout
//	            SessionBeforeExpiry         no client without a session says that its session
//	                                        expired
//	            ExpiresOnce                 a leader proposes the end of an expired session once
//	expiry.go   ExpiryInTime                the session of a dead client ends in time
//	recipes.go  NoHerd                      one release wakes one waiter
//	            Registration                a leader has made its node in this session
//	            OneTicket                   a session has one ticket per program in a line
//	conduct.go  ElectedByQuorum             since a server began to look, a quorum's votes have
//	                                        named the leader that the server accepts
//	            RoundsInTurn                a server adopts no round of an election from a server
//	                                        that is not a voter
//	            AnswersVotes                a voter that looks answers each notification of an observer;
//	                                        an observer answers no notification
//	            ClaimsEpoch                 a server that votes for itself claims the epoch of its
//	                                        last transaction
//	            LostInTime                  no leader keeps a learner, and no learner a leader,
//	                                        that has been silent for too long
//	            PingsInTurn                 a leader sends PINGs and pieces of snapshots one by one;
//	                                        after a pause it does not send the missed ones together
//	            AnswersUpToDate             a learner acknowledges UPTODATE at once
//	            ClosesLinks                 a learner that leaves its leader closes the connection,
//	                                        and so does a leader whose learner connects again
//	            GivesUpLeader               a learner that cannot reach its leader looks again after
//	                                        five attempts
//	            RefusesClients              a server that does not serve clients closes each
//	                                        connection that a client opens
//	            QuorumFirst                 a leader sends its history to a learner only when a
//	                                        quorum has accepted the leader's epoch
//	            StepsAside                  a leader without that quorum steps down if a voter's
//	                                        history is ahead; no FOLLOWERINFO makes a leader step
//	                                        down before it has chosen its epoch
//	duty.go     TimersAhead                 a server sets no timer to a moment that has passed
//	            CatchUpHeader               DIFF and SNAP of an established leader name a zxid of its
//	                                        epoch
//	            SmallDiff                   a DIFF from the log is smaller than a third of a snapshot
//	            TellsTouched                a learner names in its PING every session that it has
//	                                        heard of
//	            TouchesSessions             a session that a leader confirms lives for a timeout
//	            GrantsTimeout               a client is told the timeout of its session
//	            RealSizes                   a message has the size that it has in ZooKeeper
//	            SyncAnswered                a sync is answered after the leader's answer to it
//	            ClosesEnded                 a server closes the connection of a session that is over
//	            ClosesStrangers             a server closes the connection of a client that breaks the
//	                                        protocol
//	            AnswersEarly                what a client sends before its session is open is answered
//	                                        then
//	            ExpiresWhenTold             a server that is told to end a session proposes its
//	                                        end
//	            AnswersInTurn               a server answers the requests of a connection in order, each
//	                                        with the result of its kind
//	            EndsConfirmed               a learner asks to end no session because of a connection on
//	                                        which it has not confirmed the session
//	            AddressesDiffer             no two machines of the world have one address
//	            TakesRequests               a server takes every write that is not too large
//	            SessionsDiffer              a server that has started again gives other ids to sessions
//	            TruncFits                   a server can carry out every TRUNC, and ends at its
//	                                        zxid then
//	            WorksOnce                   a server truncates its log once for each TRUNC
//	            DurableTruth                the zxid that a server says is durable never decreases
//	disk.go     WaitsForDisk                as long as a server is writing a snapshot, an fsync of
//	                                        the snapshot is pending
//	            SnapshotsInTurn             a server writes a snapshot when enough transactions have
//	                                        passed, and not sooner
//	            TidyDisk                    a server removes snapshots and logs that it needs no
//	                                        longer
//	            KeepsLogs                   a server removes no log that is newer than its snapshots
//	client.go   NoticesLoss                 a client acts on the end of its connection at once, and
//	                                        gives no server less time than it has
//	            WaitsToDial                 a client that no server lets in waits for a random time
//	                                        before it dials
//	            GivesUp                     a recipe gives up waiting when its session is over
//	            BeliefEnds                  a client that holds nothing does not believe that it
//	                                        leads
//	            Polls                       a recipe that waits sets a watch, and repeats no call in vain
//	            SharesReads                 a reader waits in line only for a writer
//	            ServersInOrder              a client tries all servers of its list in order
//	            CallsEnd                    an addAuth ends when its answer comes
//	            MovesWhenTold               a client that is told to move closes its connection
//	            SetsWatches                 persistent watches are set again by setWatches2 only, and
//	                                        no request has more than 128 KiB of paths
//	            AnswerFits                  a create gets the result of a create, and so on
//	            TimesCalls                  a call that was sent has the times at which it was called,
//	                                        sent and answered, in this order
//	            NeedlessRefusal             only bad arguments are refused as bad
//	            CodeFits                    a call succeeds if the code of its answer says so, and what is
//	                                        left when a session ends has the code of that end
//	            KeepsQueue                  a client fails no call that it has not sent, unless its
//	                                        session is over, or its library does so
//	manners.go  SparesMessages              a client sends no PING and no setWatches in vain
//	            AsksAsItIs                  CONNECT names the client's session, and a client without
//	                                        one does not say that its session is over
//	            FailsQueue                  a library that fails queued calls fails all of them
//	            EndsByClock                 a library that ends the session by its own clock does so
//	            BeliefIsSaid                a program says that it holds its declared office
//	            DeadActs                    no program acts when its process has ended
//	audit.go    Integrity                   what is logged or proposed can be decoded
//
// The properties of recipes.go are about client code, which can be wrong while all servers are
// right.
//
// # Decisions
//
// The reference for StateAtZxid is the tree of the first server that applies a committed
// transaction; package safety makes sure that all servers apply the same transaction. A separate
// reference tree would also catch a fault common to all servers, but package linearizability does
// that already: its models share no code with package tree.
//
// The checks keep few facts and no history, so that every check is a look-up. ExpiryInTime runs
// only at a deadline, and costs nothing while no client is dead.
package audit
