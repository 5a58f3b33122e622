package sim

import "strings"

// faultForm is all that there is to say of one kind of fault.
type faultForm struct {
	name  string    // in a plan
	args  arguments // how what follows the name is read and printed
	help  string
	apply func(*World, *Fault) error // what it does, or why it makes no sense now
}

// faultForms is the one table of the kinds of faults: reader, printer, help and world look there.
var faultForms [faultsEnd]faultForm

// A fault that is applied may trigger others, which are looked up in the table: Go refuses such a
// cycle in the initial value of a variable.
func init() {
	faultForms = [...]faultForm{
		FaultCrash: {"crash", oneName,
			"the process dies; its connections are reset, its page cache survives", crash},
		FaultPower: {"power", oneName,
			"the machine loses power: what no fsync made durable is lost, silently", losePower},
		FaultRestart: {"restart", oneName,
			"the machine starts again from its disk", restart},
		FaultPause: {"pause", nameAndSpan,
			"the process stops for that time, as by SIGSTOP", pause},
		FaultSplit: {"split", groups,
			"the groups cannot reach each other", split},
		FaultCut: {"cut", arrow,
			"nothing passes from the first to the second", cut},
		FaultMend: {"mend", arrow,
			"what a cut or a split stopped from the first to the second passes again", mend},
		FaultHeal: {"heal", noNames,
			"every split and cut ends", heal},
		FaultReset: {"reset", twoNames,
			"every connection between the two is reset", reset},
		FaultDelay: {"delay", twoNamesAndSpan,
			"messages between the two take that much longer", delay},
		FaultHold: {"hold", arrowAndMessage,
			"messages of that kind, and all that follow them, stay on the wire", hold},
		FaultRelease: {"release", noNames,
			"every hold ends", release},
		FaultFsync: {"fsync", nameAndSpan,
			"every fsync takes that long from now on", slowFsync},
		FaultFailFsync: {"fail-fsync", oneName,
			"the next fsync fails", failFsync},
		FaultTear: {"tear", oneName,
			"the next loss of power leaves half of the last record", tear},
		FaultCorrupt: {"corrupt", oneName,
			"one bit of the last record flips", corrupt},
		FaultFull: {"full", oneName,
			"the disk is full: every append and fsync fails until a restart", fill},
		FaultWipe: {"wipe", oneName,
			"the machine loses its process and its whole disk", wipe},
		FaultClock: {"clock", nameAndRate,
			"the machine's clock runs at that rate from now on", setClock},
		FaultWall: {"wall", nameAndJump,
			"the machine's wall clock jumps", jumpWall},
		FaultExpire: {"expire", oneName,
			"the session of a client is closed by the ensemble", foreign},
	}
}

// FaultKinds lists the kinds of faults.
func FaultKinds() []FaultKind {
	var kinds []FaultKind
	for k := FaultCrash; k < faultsEnd; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// FindFaultKind finds a kind by the verb that a plan calls it by: crash.
func FindFaultKind(verb string) (FaultKind, bool) {
	for k := FaultCrash; k < faultsEnd; k++ {
		if faultForms[k].name == verb {
			return k, true
		}
	}
	return 0, false
}

// String is the verb that a plan calls it by: crash.
func (k FaultKind) String() string { return k.form().name }

// Form is how a plan writes it: pause who span.
func (k FaultKind) Form() string {
	return strings.TrimSpace(k.form().name + " " + k.form().args.form)
}

// Help says what it does.
func (k FaultKind) Help() string { return k.form().help }

func (k FaultKind) form() *faultForm {
	if k >= faultsEnd {
		k = 0
	}
	return &faultForms[k]
}

// triggerForms are how plans write the events that a fault may wait for, and whether each one
// names something.
var triggerForms = [...]struct {
	name string
	arg  bool
}{
	TriggerFsync: {"fsync", false}, TriggerBoot: {"boots", false}, TriggerCrash: {"crashes", false},
	TriggerSend: {"sends", true}, TriggerReceive: {"receives", true},
	TriggerBecome: {"becomes", true},
}

// String is the word that a plan calls it by: becomes.
func (t Trigger) String() string { return triggerForms[t].name }
