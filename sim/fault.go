package sim

// Fault is one line of a plan: it says what goes wrong, and when. [Crash], [Cut] and the other
// constructors return a fault that happens at time 0; [Fault.At] and [Fault.On] change the time.
type Fault struct {
	When    When
	Kind    FaultKind
	Who     []string   // the machines it names, in order
	Groups  [][]string // of a split
	Message string     // the kind of message of a hold
	Span    Time       // of pause, delay, fsync, wall
	Rate    int64      // of clock, in thousandths; of bandwidth, in bits a second, 0 for unlimited
}

// FaultKind is a kind of fault, such as a crash or a cut.
type FaultKind uint8

// These are the kinds of faults. The table in fault_kinds.go says what each kind does.
const (
	FaultCrash FaultKind = iota + 1
	FaultPower
	FaultRestart
	FaultPause
	FaultSplit
	FaultCut
	FaultMend
	FaultHeal
	FaultReset
	FaultDelay
	FaultHold
	FaultRelease
	FaultFsync
	FaultFailFsync
	FaultTear
	FaultCorrupt
	FaultFull
	FaultWipe
	FaultClock
	FaultWall
	FaultExpire
	FaultBandwidth
	faultsEnd // new kinds go before it
)

// Crash ends a process.
func Crash(who string) Fault { return Fault{Kind: FaultCrash, Who: []string{who}} }

// PowerLoss cuts a machine's power.
func PowerLoss(who string) Fault { return Fault{Kind: FaultPower, Who: []string{who}} }

// Restart starts a machine that is down.
func Restart(who string) Fault { return Fault{Kind: FaultRestart, Who: []string{who}} }

// Pause stops a process for the given time.
func Pause(who string, span Time) Fault {
	return Fault{Kind: FaultPause, Who: []string{who}, Span: span}
}

// Split cuts groups of machines off from each other.
func Split(groups ...[]string) Fault { return Fault{Kind: FaultSplit, Groups: groups} }

// Cut blocks every message from one machine to another.
func Cut(from, to string) Fault { return Fault{Kind: FaultCut, Who: []string{from, to}} }

// Mend lets messages from one machine to another pass again after a cut or split. The other
// direction stays as it is.
func Mend(from, to string) Fault { return Fault{Kind: FaultMend, Who: []string{from, to}} }

// Heal ends every cut and split.
func Heal() Fault { return Fault{Kind: FaultHeal} }

// Reset breaks the connections between two machines.
func Reset(a, b string) Fault { return Fault{Kind: FaultReset, Who: []string{a, b}} }

// Delay adds span to the latency between two machines, in both directions; 0 ends the delay.
func Delay(a, b string, span Time) Fault {
	return Fault{Kind: FaultDelay, Who: []string{a, b}, Span: span}
}

// Hold keeps back messages of one kind, and all messages after them, until [Release].
func Hold(from, to, message string) Fault {
	return Fault{Kind: FaultHold, Who: []string{from, to}, Message: message}
}

// Release ends every hold.
func Release() Fault { return Fault{Kind: FaultRelease} }

// SlowFsync sets the duration of every fsync of a machine; 0 makes the durations random again.
func SlowFsync(who string, span Time) Fault {
	return Fault{Kind: FaultFsync, Who: []string{who}, Span: span}
}

// FailFsync makes the next fsync of a machine fail.
func FailFsync(who string) Fault { return Fault{Kind: FaultFailFsync, Who: []string{who}} }

// Tear makes a machine's next loss of power leave only half of the last append.
func Tear(who string) Fault { return Fault{Kind: FaultTear, Who: []string{who}} }

// Corrupt flips a bit on a machine's disk.
func Corrupt(who string) Fault { return Fault{Kind: FaultCorrupt, Who: []string{who}} }

// FillDisk makes every append and fsync of a machine fail until it restarts.
func FillDisk(who string) Fault { return Fault{Kind: FaultFull, Who: []string{who}} }

// Wipe ends a machine's process and empties its disk.
func Wipe(who string) Fault { return Fault{Kind: FaultWipe, Who: []string{who}} }

// SetClock sets the rate of a machine's clock, in thousandths of the rate of virtual time.
func SetClock(who string, rate int64) Fault {
	return Fault{Kind: FaultClock, Who: []string{who}, Rate: rate}
}

// JumpWall makes a machine's wall clock jump by span, which may be negative.
func JumpWall(who string, span Time) Fault {
	return Fault{Kind: FaultWall, Who: []string{who}, Span: span}
}

// Expire ends a client's session with the servers. Package sim has no sessions, so the code that
// uses the [World] carries out this fault: see [World.OnForeign].
func Expire(client string) Fault { return Fault{Kind: FaultExpire, Who: []string{client}} }

// LimitBandwidth limits the bandwidth of the link between two machines, in each direction; 0 makes
// the bandwidth unlimited.
func LimitBandwidth(a, b string, limit Bandwidth) Fault {
	return Fault{Kind: FaultBandwidth, Who: []string{a, b}, Rate: int64(limit)}
}

// At returns a copy of the fault that happens at moment t.
func (f Fault) At(t Time) Fault {
	f.When = When{At: t}
	return f
}

// On returns a copy of the fault that happens at an event: Crash("S1").On(Fsyncs("S1", 3)).
func (f Fault) On(event When) Fault {
	f.When = event
	return f
}

// A When is the time of a fault: either a moment, or an event. For an event, Trigger is its kind,
// Who is its machine, and Count is its number: 3 means the third event of this kind on this
// machine. After says from when on these events are counted.
type When struct {
	At      Time // the moment, if there is no trigger
	Trigger Trigger
	Who     string
	Arg     string // the kind of message that is sent or received, or the role that is taken
	Count   int    // from 1
	After   After  // events before this do not count; the zero value is the start of the run
}

// After says when a [When] begins to count events. If Trigger is 0, it begins at time At. Otherwise
// it begins after another event: the Count-th event of kind Trigger that happens on machine Who at
// time At or later. That other event is not counted.
type After struct {
	At      Time
	Trigger Trigger
	Who     string
	Arg     string
	Count   int // from 1
}

// Since returns a copy of w that counts only events at time t or later.
func (w When) Since(t Time) When {
	w.After = After{At: t}
	return w
}

// Following returns a copy of w that counts events only after another event has happened. The
// argument named first describes this other event. For example,
// Receives("S1", "TRUNC", 1).Following(Boots("S1").Since(5 * Second)) is the first TRUNC that S1
// receives after its first start at 5 seconds or later.
func (w When) Following(first When) When {
	w.After = After{first.After.At, first.Trigger, first.Who, first.Arg, first.Count}
	return w
}

// Trigger is a kind of event that a fault may wait for.
type Trigger uint8

// These are the triggers. 0 is none.
const (
	TriggerFsync Trigger = iota + 1
	TriggerBoot
	TriggerCrash
	TriggerSend
	TriggerReceive
	TriggerBecome
	TriggerLook
	TriggerStep // of the whole world: Count is the number of the record, and Who is ""
)

// Fsyncs returns a [When] for the moment at which a machine completes its n-th fsync after the
// fault was scheduled.
func Fsyncs(who string, n int) When { return When{Trigger: TriggerFsync, Who: who, Count: n} }

// Boots returns a [When] for the moment at which a machine starts for the first time after the
// fault was scheduled.
func Boots(who string) When { return When{Trigger: TriggerBoot, Who: who, Count: 1} }

// Crashes returns a [When] for the moment at which a machine's process ends for the first time
// after the fault was scheduled.
func Crashes(who string) When { return When{Trigger: TriggerCrash, Who: who, Count: 1} }

// Sends returns a [When] for the moment after a machine has sent its n-th message of the given
// kind.
func Sends(who, message string, n int) When {
	return When{Trigger: TriggerSend, Who: who, Arg: message, Count: n}
}

// Receives returns a [When] for the moment after a machine has handled its n-th message of the
// given kind.
func Receives(who, message string, n int) When {
	return When{Trigger: TriggerReceive, Who: who, Arg: message, Count: n}
}

// Becomes returns a [When] for the moment at which a machine takes the given role for the n-th
// time. The machine's program reports its roles with [World.Become].
func Becomes(who, role string, n int) When {
	return When{Trigger: TriggerBecome, Who: who, Arg: role, Count: n}
}

// Looks returns a [When] for the moment at which a machine's program reads the clock for the n-th
// time. The program must call [World.Look] each time it reads the clock while it handles an event;
// otherwise the fault never acts.
func Looks(who string, n int) When { return When{Trigger: TriggerLook, Who: who, Count: n} }

// Step returns a [When] for the moment right after the event that makes the record with Index n,
// before anything else happens. Up to that moment the run is the same with and without the fault.
func Step(n int) When { return When{Trigger: TriggerStep, Count: n} }

// Plan is a list of faults in the order in which they were written.
type Plan []Fault
