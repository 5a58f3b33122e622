package sim

import "strings"

// faultForm describes one kind of fault.
type faultForm struct {
	name  string    // in a plan
	args  arguments // how what follows the name is read and printed
	help  string
	apply func(*World, *Fault) error // what it does, or why it makes no sense now
	undo  func(*Fault) Fault         // the fault that ends it, if it lasts and no heal ends it
}

// faultForms is the table of the kinds of faults, for reading, printing, help and the world.
var faultForms [faultsEnd]faultForm

// init fills the table of faults: the syntax of each, and what it does. A fault that is applied may
// trigger others, which are looked up in the table: Go refuses such a cycle in the initial value of
// a variable.
func init() {
	faultForms = [...]faultForm{
		FaultCrash: {"crash", oneName,
			"the process dies and its connections are reset; the machine's page cache survives",
			crash, nil},
		FaultPower: {"power", oneName,
			"the machine loses power: bytes without an fsync are lost, and no peer is notified",
			losePower, nil},
		FaultRestart: {"restart", oneName,
			"the machine restarts from its disk", restart, nil},
		FaultPause: {"pause", nameAndSpan,
			"the process does nothing for the given time, as after SIGSTOP", pause, nil},
		FaultSplit: {"split", groups,
			"the groups cannot reach each other", split, nil},
		FaultCut: {"cut", arrow,
			"no message from the first machine reaches the second", cut, nil},
		FaultMend: {"mend", arrow,
			"after a cut or split, messages from the first machine reach the second again",
			mend, nil},
		FaultHeal: {"heal", noNames,
			"every split and cut ends", heal, nil},
		FaultReset: {"reset", twoNames,
			"every connection between the two machines is reset", reset, nil},
		FaultDelay: {"delay", twoNamesAndSpan,
			"the given time is added to the latency of messages between the two machines",
			delay, undelay},
		FaultHold: {"hold", arrowAndMessage,
			"from the next message of the given kind on, the messages from the first machine to " +
				"the second wait until the fault release",
			hold, nil},
		FaultRelease: {"release", noNames,
			"every hold ends, so that held messages arrive", release, nil},
		FaultFsync: {"fsync", nameAndSpan,
			"every fsync takes the given time from now on", slowFsync, unslow},
		FaultFailFsync: {"fail-fsync", oneName,
			"the next fsync fails", failFsync, nil},
		FaultTear: {"tear", oneName,
			"after the next loss of power, the disk has only half of the last append", tear, nil},
		FaultCorrupt: {"corrupt", oneName,
			"one bit of the last append to the disk flips", corrupt, nil},
		FaultFull: {"full", oneName,
			"the disk is full: every append and fsync fails until a restart", fill, nil},
		FaultWipe: {"wipe", oneName,
			"the process dies and the whole disk is lost", wipe, nil},
		FaultClock: {"clock", nameAndRate,
			"the machine's clock runs at the given rate from now on", setClock, resetClock},
		FaultWall: {"wall", nameAndJump,
			"the machine's wall clock jumps forwards (+) or backwards (-) by the given time",
			jumpWall, nil},
		FaultExpire: {"expire", oneName,
			"the ensemble closes a client's session", foreign, nil},
		FaultBandwidth: {"bandwidth", twoNamesAndBandwidth,
			"the link between the two machines carries no more than the given bandwidth, in each " +
				"direction",
			limitBandwidth, unlimit},
	}
}

func undelay(f *Fault) Fault    { return Delay(f.Who[0], f.Who[1], 0) }
func unlimit(f *Fault) Fault    { return LimitBandwidth(f.Who[0], f.Who[1], 0) }
func unslow(f *Fault) Fault     { return SlowFsync(f.Who[0], 0) }
func resetClock(f *Fault) Fault { return SetClock(f.Who[0], 1000) }

// Undo returns the fault that ends the effect of f, such as a delay of 0 for a delay. ok is false
// if no fault ends the effect of f alone. Then the effect ends by itself, or by a restart, or by a
// [Heal] or a [Release], which end other effects too, or it never ends.
func (f *Fault) Undo() (end Fault, ok bool) {
	if undo := faultForms[f.Kind].undo; undo != nil {
		return undo(f), true
	}
	return Fault{}, false
}

// FaultKinds lists the kinds of faults.
func FaultKinds() []FaultKind {
	var kinds []FaultKind
	for k := FaultCrash; k < faultsEnd; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// FindFaultKind finds a kind by its verb in a plan, such as "crash".
func FindFaultKind(verb string) (FaultKind, bool) {
	for k := FaultCrash; k < faultsEnd; k++ {
		if faultForms[k].name == verb {
			return k, true
		}
	}
	return 0, false
}

// String returns the verb of the kind in a plan, such as "crash".
func (k FaultKind) String() string { return k.form().name }

// Form returns the syntax of the kind in a plan, such as "pause NAME TIME".
func (k FaultKind) Form() string {
	return strings.TrimSpace(k.form().name + " " + k.form().args.form)
}

// Help returns a sentence about the effect of the kind.
func (k FaultKind) Help() string { return k.form().help }

func (k FaultKind) form() *faultForm {
	if k >= faultsEnd {
		k = 0
	}
	return &faultForms[k]
}

// triggerForms has, for each trigger, its word in a plan, what must follow the word (a kind of
// message, or a role), and a sentence about the event.
var triggerForms = [...]struct{ name, arg, event string }{
	TriggerFsync: {"fsync", "", "when the machine completes its N-th fsync"},
	TriggerBoot:  {"boots", "", "when the machine starts for the N-th time"},
	TriggerCrash: {"crashes", "", "when the machine's process ends for the N-th time"},
	TriggerSend:  {"sends", "KIND", "when the machine has sent its N-th message of the kind KIND"},
	TriggerReceive: {"receives", "KIND", "when the machine has handled its N-th message of the " +
		"kind KIND"},
	TriggerBecome: {"becomes", "ROLE", "when the machine's server takes the role ROLE for the N-th " +
		"time"},
	TriggerLook: {"looks", "", "for guests (programs of your own) only: when the guest reads its " +
		"clock for the N-th time; only reads while the guest handles an event are counted"},
}

// Moment is a way to say in a plan when a fault happens. Form is its syntax, and Help explains it.
type Moment struct{ Form, Help string }

// Moments lists the ways to say when a fault happens.
func Moments() []Moment {
	list := []Moment{{"TIME", "at the time TIME of the run, such as 0.9s"},
		{"at step N", "right after step N of the run; zablab replay --until counts steps in the " +
			"same way"}}
	for _, f := range triggerForms[1:] {
		form := strings.Join(strings.Fields("at NAME "+f.name+" "+f.arg+" N"), " ")
		list = append(list, Moment{form, f.event + "; if N is left out, it is 1"})
	}
	return append(list,
		Moment{"at ... after TIME", "only events at TIME or later are counted"},
		Moment{"at ... after NAME boots 2", "only events after the second start of NAME are " +
			"counted; in place of \"boots 2\" you can write any other event of this list"},
		Moment{"at ... after NAME boots after TIME", "events are counted only after NAME has " +
			"started at TIME or later; its earlier starts do not matter"})
}

// String returns the trigger's word in a plan, for example "becomes".
func (t Trigger) String() string {
	if t == TriggerStep {
		return stepWord
	}
	return triggerForms[t].name
}

// stepWord is the word in a plan for TriggerStep, which belongs to no machine.
const stepWord = "step"
