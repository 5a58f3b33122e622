package explore

// Setups returns the named setups, the smallest first. Each takes at most a few minutes of one
// processor, and most take seconds.
func Setups() []Setup { return append([]Setup(nil), setups...) }

// FindSetup returns the setup of that name, or false if there is none.
func FindSetup(name string) (Setup, bool) {
	for _, s := range setups {
		if s.Name == name {
			return s, true
		}
	}
	return Setup{}, false
}

// smooth is a world of three servers in which the oracle elects and jobs end at once.
func smooth(name, says string, epochs uint32, more func(*Setup)) Setup {
	s := Setup{Name: name, Says: says, Servers: 3, Oracle: true, Atomic: true, MaxEpoch: epochs}
	if more != nil {
		more(&s)
	}
	return s
}

// setups are the named small worlds. Says tells what happens in each.
var setups = []Setup{
	{Name: "oracle", Servers: 3, Oracle: true,
		Says: "an ensemble starts and serves, with every order of messages and fsyncs"},
	{Name: "write", Servers: 3, Oracle: true, Writes: 1,
		Says: "a write while servers join"},
	{Name: "writes", Servers: 3, Oracle: true, Writes: 2,
		Says: "two writes while servers join"},
	smooth("crash", "a process dies at any moment", 2, func(s *Setup) { s.Crashes = 1 }),
	smooth("power", "a machine loses power at any moment", 2, func(s *Setup) { s.Powers = 1 }),
	smooth("fsyncs", "a machine loses power between any two fsyncs", 2, func(s *Setup) {
		s.Powers, s.Atomic = 1, false
	}),
	smooth("timeout", "a server closes a working connection, because a timeout comes too early",
		2, func(s *Setup) {
			s.Timeouts = 1
		}),
	smooth("counter", "an epoch uses up its transaction numbers", 2, func(s *Setup) {
		s.Writes, s.MaxCounter = 2, 1
	}),
	{Name: "observer", Servers: 3, Observers: 1, Oracle: true, Atomic: true, MaxEpoch: 1,
		Says: "an observer joins"},
	{Name: "versions", Servers: 3, Patient: true, Disks: "a,a2,a",
		Says: "an election in which the voters have the same last zxid, but different current epochs"},
	smooth("ahead", "a server has a transaction that the others lack, and a process dies", 3,
		func(s *Setup) { s.Disks, s.Crashes = "ab,a,a", 1 }),
	smooth("ahead-power", "a server has a transaction that the others lack, and a machine loses "+
		"power", 2,
		func(s *Setup) { s.Disks, s.Powers = "ab,a,a", 1 }),
	smooth("stale", "a server comes back with a transaction that the others lack", 2,
		func(s *Setup) { s.Disks, s.Writes = "ab,a,a", 1 }),
	smooth("ahead-write", "a leader whose history differs from its followers'", 3, func(s *Setup) {
		s.Disks, s.Writes, s.Powers = "ab,a,a", 1, 1
	}),
	smooth("window", "a leader whose history differs from its followers' and that keeps only one "+
		"committed transaction in memory", 3,
		func(s *Setup) {
			s.Disks, s.Writes, s.Crashes, s.Window, s.MemoryOnly = "ab,a,a", 1, 1, 1, true
		}),
	smooth("newcomer", "a server without a history gets a snapshot", 2, func(s *Setup) {
		s.Disks, s.Writes, s.Powers, s.Atomic = "ab,ab,-", 1, 1, false
	}),
	smooth("figure-8", "an epoch whose leader was never established (figure 8 of the Raft paper)", 4,
		func(s *Setup) { s.Disks, s.Timeouts = "ab12,ab12,aB2", 1 }),
	{Name: "beside", Servers: 1, Observers: 1, ObserversFirst: true, Patient: true, Rest: true,
		Says: "one voter, and an observer whose server number is smaller than the voter's"},
	smooth("wipe", "a server loses its disk after a write", 2, func(s *Setup) {
		s.Writes, s.Wipes = 1, 1
	}),
	smooth("observed-write", "a write in an ensemble with an observer, and a process dies",
		2, func(s *Setup) {
			s.Observers, s.Writes, s.Crashes = 1, 1, 1
		}),
	smooth("write-crash", "a write, and a process dies", 2, func(s *Setup) {
		s.Writes, s.Crashes = 1, 1
	}),
	smooth("write-power", "a write, and a machine loses power", 2, func(s *Setup) {
		s.Writes, s.Powers = 1, 1
	}),
	smooth("write-timeout", "a write, and a server closes a working connection, because a "+
		"timeout comes too early", 2, func(s *Setup) { s.Writes, s.Timeouts = 1, 1 }),
	smooth("writes-timeout", "two writes, and a server closes a working connection, because a "+
		"timeout comes too early", 2,
		func(s *Setup) { s.Writes, s.Timeouts = 2, 1 }),
	smooth("crash-3", "a process dies at any moment, with epochs up to 3", 3, func(s *Setup) {
		s.Crashes = 1
	}),
	{Name: "election", Servers: 3, Patient: true,
		Says: "an ensemble starts, elects a leader by votes, and serves"},
	{Name: "election-write", Servers: 3, Patient: true, Writes: 1,
		Says: "an election by votes, and then a write while servers join"},
	smooth("writes-crash", "two writes, and a process dies", 3, func(s *Setup) {
		s.Writes, s.Crashes = 2, 1
	}),
	smooth("crash-power", "a process dies and a machine loses power", 3, func(s *Setup) {
		s.Crashes, s.Powers = 1, 1
	}),
	{Name: "five", Servers: 5, Oracle: true, Atomic: true, MaxEpoch: 1,
		Says: "five servers start and serve, in one epoch"},
}
