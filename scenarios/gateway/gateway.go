package gateway

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// Kind is the kind of an [Input], such as Join or Packet.
type Kind uint8

// The inputs, and the fields that each one sets besides At.
const (
	Join   Kind = iota + 1 // a new client: Client Address
	Dial                   // the client opens a connection: Client Socket Server
	Packet                 // the client has written a packet: Client Socket Data
	HangUp                 // the client has closed the connection: Client Socket
	Fault                  // a fault happens now: Line, a fault's canonical text
	Check                  // the history up to now is checked, and then forgotten: [World.Check]
)

var kindNames = [...]string{"", "join", "dial", "packet", "hang-up", "fault", "check"}

// String returns the kind's name in a file of inputs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", k)
}

// Input is one event from outside the world: something that a client does, or a fault.
type Input struct {
	At     sim.Time // virtual; Inject may make it later
	Kind   Kind
	Client string // the name of its machine
	Socket uint32 // which connection of the client, from 1
	Server string // S1, S2 and so on
	Line   string
	Data   []byte // a packet, without its length
	// Address is the client's IP address, for ACLs of the scheme ip; 127.0.0.1 if empty.
	Address string
}

// Sign is the kind of an [Output], such as Opened or Closed.
type Sign uint8

// These are the kinds of outputs. The comment of each kind names the fields that it sets besides
// Client and Socket.
const (
	Opened  Sign = iota + 1 // the server has accepted the connection
	Closed                  // the connection is closed, or was refused: Why
	Says                    // the server has sent a packet: Data, with its length
	Session                 // the connection has a session: ID
)

// Output is one event at a client's connection: the connection opens or closes, the server sends a
// packet, or the connection gets a session.
type Output struct {
	Sign   Sign
	Client string
	Socket uint32
	Data   []byte
	ID     int64
	Why    string
}

// World is an ensemble with clients from outside. Use it from one goroutine at a time.
type World struct {
	Ensemble *ensemble.Ensemble
	// Out, if set, is called with every output, in the middle of a step of the world: it must not
	// call the World.
	Out func(Output)
	// In, if set, is called with every input just before it takes effect, at its final moment.
	In func(Input) error

	clients map[string]*outsider
	last    sim.Time
	parts   parts
}

// New makes an ensemble without clients and starts its servers. It sets c.Lenient: a fault that is
// impossible when it is due does not end the run.
func New(c ensemble.Config) (*World, error) {
	c.Lenient = true // a fault that is impossible now must not end what clients depend on
	e, err := ensemble.New(c)
	if err != nil {
		return nil, err
	}
	w := &World{Ensemble: e, clients: map[string]*outsider{}}
	crashed := e.World.OnCrash
	e.World.OnCrash = func(m *sim.Machine, power bool) {
		crashed(m, power)
		if o := w.clients[m.Name]; o != nil && o.life != nil {
			o.life.end()
		}
	}
	return w, nil
}

// Run runs the world until a moment of virtual time. If the run fails, Run returns the reason, and
// the world cannot continue.
func (w *World) Run(until sim.Time) error {
	w.Ensemble.Run(until, nil)
	return w.Ensemble.Err()
}

// Inject hands an input to the world at the time in.At, but later than all earlier inputs and not
// before the world's present time. It first runs the world up to the time of the input, including
// the events of that time. If the input is invalid (an unknown client, an impossible fault), Inject
// returns an error, and the input has no effect. If the run itself has failed, Inject returns the
// reason, and so does [World.Run] from then on.
func (w *World) Inject(in Input) error {
	world := w.Ensemble.World
	in.At = max(in.At, world.Now(), w.last+1)
	if err := w.Run(in.At); err != nil {
		return err
	}
	f, err := w.check(&in)
	if err != nil {
		return err
	}
	w.last = in.At
	if w.In != nil {
		if err := w.In(in); err != nil {
			return err
		}
	}
	switch in.Kind {
	case Join:
		return w.join(in.Client, in.Address)
	case Fault:
		if err := world.Inject(f); err != nil {
			return err
		}
		return w.Run(in.At)
	case Check:
		return w.closePart()
	}
	o := w.clients[in.Client]
	if in.Kind == HangUp {
		o.leaves(in.Socket)
	}
	if o.machine.Up() {
		world.Tell(o.machine, &word{in})
	} else if in.Kind == Dial {
		w.say(Output{Sign: Closed, Client: in.Client, Socket: in.Socket, Why: in.Client +
			" is down"})
	}
	return w.Run(in.At)
}

// check refuses an input that makes no sense.
func (w *World) check(in *Input) (f sim.Fault, err error) {
	switch in.Kind {
	case Join:
		if w.Ensemble.World.Find(in.Client) != nil {
			return f, fmt.Errorf("join %s: another machine has this name: choose another "+
				"name", in.Client)
		}
		return f, nil
	case Fault:
		if f, err = sim.ParseFault(in.Line); err != nil {
			return f, err
		}
		return f, w.Ensemble.World.Check(f)
	case Dial:
		if m := w.Ensemble.World.Find(in.Server); m == nil || m.Kind != "server" {
			return f, fmt.Errorf("dial %s: no such server", in.Server)
		}
	case Check:
		if !w.Settled() {
			return f, errors.New("check: a client still waits for an answer, or a server lags behind " +
				"the others: check later")
		}
		return f, nil
	case Packet, HangUp:
	default:
		return f, fmt.Errorf("unknown input: %v", in.Kind)
	}
	if w.clients[in.Client] == nil {
		return f, fmt.Errorf("%v %s: no such client: the client must join "+
			"first", in.Kind, in.Client)
	}
	return f, nil
}

func (w *World) say(o Output) {
	if w.Out != nil {
		w.Out(o)
	}
}

// join adds the machine of a client and starts it.
func (w *World) join(name, address string) (err error) {
	o := &outsider{name: name, world: w}
	address = cmp.Or(address, "127.0.0.1")
	o.remote, err = w.Ensemble.AddRemote(name, address, func(m *sim.Machine) sim.Program {
		o.life = &life{outsider: o}
		return o.life
	})
	if err != nil {
		return err
	}
	o.machine = o.remote.Client().Machine()
	w.clients[name] = o
	o.remote.Client().Start()
	return w.Run(w.Ensemble.World.Now())
}

// word is an input on its way to a client's machine.
type word struct{ Input }

// Name returns the message's name in plans and traces.
func (w *word) Name() string { return "OUTSIDE" }

// Size returns 0, because the message crosses no link.
func (w *word) Size() int { return 0 }

// Key returns a hash of the message.
func (w *word) Key() uint64 {
	return sim.Mix(uint64(w.Kind)<<40^uint64(w.Socket)<<8) ^ sim.HashString(w.Server) ^
		sim.HashBytes(w.Data)<<1
}

var _ sim.Message = (*word)(nil)
