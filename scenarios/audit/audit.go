package audit

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/safety"
)

// These are the names of the properties that this package checks. The names are hashed into
// fingerprints, so they never change. Package zab/safety has the names of the properties of the
// protocol.
const (
	StateAtZxid                = "StateAtZxid"
	EphemeralLifetime          = "EphemeralLifetime"
	FIFOClientOrder            = "FIFOClientOrder"
	NoServiceUnlessEstablished = "NoServiceUnlessEstablished"
	NoEarlyExpiry              = "NoEarlyExpiry"
	ExpiryInTime               = "ExpiryInTime"
	SessionBeforeExpiry        = "SessionBeforeExpiry"
	Registration               = "Registration"
	OneTicket                  = "OneTicket"
	NoHerd                     = "NoHerd"
	Integrity                  = "Integrity"
	ElectedByQuorum            = "ElectedByQuorum"
	LostInTime                 = "LostInTime"
	PingsInTurn                = "PingsInTurn"
	AnswersUpToDate            = "AnswersUpToDate"
	WaitsForDisk               = "WaitsForDisk"
	NoticesLoss                = "NoticesLoss"
	KeepsQueue                 = "KeepsQueue"
	GivesUp                    = "GivesUp"
	Polls                      = "Polls"
	SetsWatches                = "SetsWatches"
	NeedlessRefusal            = "NeedlessRefusal"
	ClosesLinks                = "ClosesLinks"
	GivesUpLeader              = "GivesUpLeader"
	SnapshotsInTurn            = "SnapshotsInTurn"
	TidyDisk                   = "TidyDisk"
	StepsAside                 = "StepsAside"
	QuorumFirst                = "QuorumFirst"
	RefusesClients             = "RefusesClients"
	ExpiresOnce                = "ExpiresOnce"
	CodeFits                   = "CodeFits"
	WaitsToDial                = "WaitsToDial"
	BeliefEnds                 = "BeliefEnds"
	TimersAhead                = "TimersAhead"
	CatchUpHeader              = "CatchUpHeader"
	SmallDiff                  = "SmallDiff"
	TellsTouched               = "TellsTouched"
	TouchesSessions            = "TouchesSessions"
	SyncAnswered               = "SyncAnswered"
	ClosesEnded                = "ClosesEnded"
	WorksOnce                  = "WorksOnce"
	DurableTruth               = "DurableTruth"
	SparesMessages             = "SparesMessages"
	AsksAsItIs                 = "AsksAsItIs"
	FailsQueue                 = "FailsQueue"
	EndsByClock                = "EndsByClock"
	BeliefIsSaid               = "BeliefIsSaid"
	DeadActs                   = "DeadActs"
	ClosesStrangers            = "ClosesStrangers"
	GrantsTimeout              = "GrantsTimeout"
	TimesCalls                 = "TimesCalls"
	RealSizes                  = "RealSizes"
	KeepsLogs                  = "KeepsLogs"
	AnswerFits                 = "AnswerFits"
	RoundsInTurn               = "RoundsInTurn"
	ClaimsEpoch                = "ClaimsEpoch"
	TakesRequests              = "TakesRequests"
	AnswersVotes               = "AnswersVotes"
	ServersInOrder             = "ServersInOrder"
	CallsEnd                   = "CallsEnd"
	SessionsDiffer             = "SessionsDiffer"
	SharesReads                = "SharesReads"
	MovesWhenTold              = "MovesWhenTold"
	AnswersEarly               = "AnswersEarly"
	ExpiresWhenTold            = "ExpiresWhenTold"
	TruncFits                  = "TruncFits"
	AnswersInTurn              = "AnswersInTurn"
	EndsConfirmed              = "EndsConfirmed"
	ForgetsSessions            = "ForgetsSessions"
	AddressesDiffer            = "AddressesDiffer"
)

// Violation is a property that did not hold, with the step at which it was broken.
type Violation struct {
	Name string
	Text string
	Step int64
	At   sim.Time
}

func (v *Violation) Error() string {
	return fmt.Sprintf("safety: %s broken at step %d, t=%s: %s",
		v.Name, v.Step, v.At.Seconds(), v.Text)
}

// Run gives an audit access to the servers and clients of the run that it watches.
type Run interface {
	// Server returns the program of a server, or nil while it is down.
	Server(id zab.ID) *server.Server
	// ClientOf returns the name of the client that has or had a session, or "" if unknown.
	ClientOf(session int64) string
	// Client returns the program of a client (nil while it is down) and its session, or its last
	// session.
	Client(name string) (program *client.Client, session int64)
}

// Config is what an audit must know about a run.
type Config struct {
	Servers int     // voters and observers: the machines 1 to Servers
	Voters  zab.Set // of them
	Tick    sim.Time
	// ExpireOnDisconnect is true if a session ends with its connection.
	ExpireOnDisconnect bool
	// Mute, if set, names the properties whose violation does not end the run.
	Mute func(name string) bool
	// NoSafety leaves zab/safety out, to measure what it costs.
	NoSafety bool
}

// Audit watches one run.
type Audit struct {
	world  *sim.World
	run    Run
	config Config
	safety *safety.Audit
	disks  *safety.Disks
	spoilt zab.Set // servers whose disks a fault has changed without their knowledge

	states  states
	order   order
	expiry  expiry
	recipes recipes

	conducts []*conduct      // by server, of its last life
	expired  map[ending]bool // what leaders have proposed, because a session has expired
	said     []said
	reads    []poll
	gave     []given // by server

	visits map[*client.Client]*clientConduct
}

// New returns the audit of a run in the world w. Call New before you add servers to w.
func New(w *sim.World, run Run, c Config) *Audit {
	a := &Audit{world: w, run: run, config: c, expired: make(map[ending]bool),
		visits: make(map[*client.Client]*clientConduct)}
	a.safety = safety.New(c.Voters, zab.ID(c.Servers), func(name, text string) {
		a.broken(name, "%s", text)
	})
	a.expiry.slow = w.Config().Sized()
	if !c.NoSafety {
		a.disks = safety.WatchDisks(w, a.safety)
	}
	return a
}

// Safety returns the part of the audit that watches the protocol.
func (a *Audit) Safety() *safety.Audit { return a.safety }

// Probe returns a probe that watches a server's peer until the server's process ends.
func (a *Audit) Probe(m *sim.Machine) zab.Probe {
	if a.config.NoSafety {
		return zab.NopProbe{}
	}
	p := a.safety.Probe(m.ID, m.Incarnation())
	a.disks.Rescan(m)
	return p
}

// Excuses reports whether the named property may be broken on this server without counting as a
// violation. That is so for LogContiguous if a fault has damaged the server's disk.
func (a *Audit) Excuses(id zab.ID, name string) bool {
	return name == "LogContiguous" && a.spoilt.Has(id)
}

// Unreadable reports to the audit that a server cannot decode a transaction.
func (a *Audit) Unreadable(m *sim.Machine, z zab.Zxid, err error) {
	a.broken(Integrity, "%s cannot decode the transaction with zxid %v: %v", m.Name, z, err)
}

// Fault reports to the audit that a fault is carried out.
func (a *Audit) Fault(f sim.Fault) {
	var m *sim.Machine
	if len(f.Who) > 0 {
		m = a.world.Find(f.Who[0])
	}
	if m != nil && m.Kind == "server" {
		switch f.Kind {
		case sim.FaultCorrupt:
			a.spoilt = a.spoilt.With(m.ID)
		case sim.FaultWipe:
			a.spoilt = a.spoilt.Without(m.ID)
		}
	}
	if f.Kind == sim.FaultPause && m != nil && int(m.ID) < len(a.conducts) &&
		a.conducts[m.ID] != nil {
		a.conducts[m.ID].slept(f.Span)
	}
	if a.expiry.fault(f, m, a.world.Now()) {
		a.disturbed()
	}
}

// broken ends the run.
func (a *Audit) broken(name, format string, args ...any) {
	if a.config.Mute != nil && a.config.Mute(name) {
		return
	}
	w := a.world
	v := &Violation{Name: name, Text: fmt.Sprintf(format, args...), Step: w.Index(), At: w.Now()}
	if r := w.Emit(sim.KindViolation, 0, sim.HashString(name)); r != nil {
		r.Text = v.Name + ": " + v.Text
	}
	w.Fail(v)
}
