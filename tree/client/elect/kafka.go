package elect

import (
	"errors"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Kafka elects the controller of a Kafka cluster, as brokers did before KRaft. Every broker tries
// to create the node /controller. The broker that creates the node becomes the controller. It
// increments /controller_epoch in the same transaction, which fails if another broker has just
// incremented it. From then on, each of its writes checks the version of /controller_epoch, and
// each of its requests to a broker carries the epoch. So a controller that was paused, and does not
// know that another controller was elected, can no longer change anything: the epoch fences it.
//
// Every broker watches /controller, so its deletion wakes all of them: a herd (hazard H1 of package
// client).
//
// Source: Apache Kafka 3.x; version 4.0 has no ZooKeeper. KafkaController: elect, maybeResign,
// triggerControllerMove. KafkaZkClient: registerBroker, registerControllerAndIncrementControllerEpoch,
// deleteController. The checks of the epoch's version came with KAFKA-6082.
type Kafka struct {
	// Path is the controller's node; /controller if empty. The epoch is in Path+"_epoch", and the
	// brokers are below the path brokers/ids next to Path.
	Path string
	// Hold is how long a controller leads before it resigns, which ends Run; 0 means for ever.
	Hold sim.Time
	// Guards, if set, is a node that only controllers write, by [Controller.Write]; each write begins
	// with the decimal epoch. A judge checks that the epochs never decrease.
	Guards string
	// Lead, if set, is what a controller does. It should return when [Term.Still] is false.
	Lead func(p *client.Proc, c *Controller)
	// Unfenced makes the controller write without a check of its epoch, as before KAFKA-6082: an old
	// controller overwrites what its successor has written.
	Unfenced bool
}

// Controller is one [Term] of a broker as the controller. Its fencing token is the epoch of the
// controller.
type Controller struct {
	Term
	kafka   Kafka
	version int32 // of the node with the epoch
}

// ErrMoved says that the cluster has another controller, with a larger epoch.
var ErrMoved = errors.New("the cluster has elected a newer controller: resign")

func (k Kafka) path() string {
	if k.Path == "" {
		return "/controller"
	}
	return k.Path
}

func (k Kafka) epochPath() string { return k.path() + "_epoch" }

// Run takes part in elections until the program has been controller for the time Hold, or until its
// session is over and its client opens no new session. The broker's id is the name of the client.
func (k Kafka) Run(p *client.Proc) {
	k.Path = k.path()
	m := exclusive(k.Path)
	var registered int64 // the session whose broker node exists
	campaign(p, m, func() bool {
		session := p.Session()
		if registered != session {
			if k.register(p) {
				registered = session
			}
			return false
		}
		_, stat, w, err := p.GetW(k.Path)
		switch {
		case err == nil && stat.EphemeralOwner == session:
			deleteOwn(p, k.Path, session) // of a transaction whose epoch is not the newest
		case err == nil:
			w.Wait()
		case errors.Is(err, tree.NoNode):
			c := k.elect(p, session)
			return c != nil && c.lead()
		default:
			p.PauseAfter(err)
		}
		return false
	})
}

// register creates the broker's own ephemeral node. If the node is one of an earlier session, the
// broker waits until it is gone, as that session's end deletes it (hazard H4 of package client).
func (k Kafka) register(p *client.Proc) bool {
	dir := parent(k.Path) + "/brokers/ids"
	node := dir + "/" + p.Name()
	_, err := p.Create(node, nil, tree.Ephemeral)
	switch {
	case err == nil:
		return true
	case errors.Is(err, tree.NoNode):
		ensure(p, dir)
	case errors.Is(err, tree.NodeExists):
		_, stat, w, err := p.GetW(node)
		if err == nil && stat.EphemeralOwner == p.Session() {
			return true
		}
		if err == nil {
			w.Wait()
		}
	default:
		p.PauseAfter(err)
	}
	return false
}

// elect tries once to become controller. It returns nil if another broker was faster, or the
// session has ended.
//
// If the answer is lost, elect sends the same transaction again. The transaction can succeed only
// once, because it sets the epoch at a version. So if it fails, elect reads both nodes: if this
// session owns the one and the other has the new epoch, the first transaction has succeeded.
func (k Kafka) elect(p *client.Proc, session int64) *Controller {
	data, stat, err := p.Get(k.epochPath())
	if errors.Is(err, tree.NoNode) {
		p.Create(k.epochPath(), []byte("0"), tree.Persistent)
		return nil
	}
	if err != nil {
		p.PauseAfter(err)
		return nil
	}
	epoch, _ := strconv.ParseInt(string(data), 10, 64)
	epoch++
	for p.WaitConnected() && p.Session() == session {
		results, err := p.Multi(
			tree.Op{Type: tree.OpCreate, Path: k.Path, Data: []byte(p.Name()), ACL: tree.OpenACL,
				Flags: tree.Ephemeral},
			tree.Op{Type: tree.OpSetData, Path: k.epochPath(), Version: stat.Version,
				Data: strconv.AppendInt(nil, epoch, 10)})
		switch {
		case err == nil:
			return k.won(p, session, epoch, results[1].Stat.Version)
		case errors.Is(err, tree.NodeExists), errors.Is(err, tree.BadVersion):
			return k.verify(p, session, epoch)
		case !client.Maybe(err):
			p.PauseAfter(err)
			return nil
		}
	}
	return nil
}

// verify returns the term of a controller whose transaction has succeeded although its answer was
// lost, and nil if the transaction has not succeeded.
func (k Kafka) verify(p *client.Proc, session, epoch int64) *Controller {
	for p.WaitConnected() && p.Session() == session {
		_, stat, err := p.Get(k.Path)
		if errors.Is(err, tree.NoNode) || err == nil && stat.EphemeralOwner != session {
			return nil
		}
		if err != nil {
			continue
		}
		data, stat, err := p.Get(k.epochPath())
		if err != nil {
			continue
		}
		if string(data) != strconv.FormatInt(epoch, 10) {
			return nil
		}
		return k.won(p, session, epoch, stat.Version)
	}
	return nil
}

// won returns the term of a controller, which watches its own node: if somebody deletes the node,
// the controller resigns. Operators delete it to move the controller.
func (k Kafka) won(p *client.Proc, session, epoch int64, version int32) *Controller {
	for p.WaitConnected() && p.Session() == session {
		_, stat, w, err := p.GetW(k.Path)
		if errors.Is(err, tree.NoNode) || err == nil && stat.EphemeralOwner != session {
			return nil
		}
		if err != nil {
			continue
		}
		m := exclusive(k.Path)
		m.Guards = k.Guards
		return &Controller{kafka: k, version: version, Term: Term{p: p, session: session,
			Node: k.Path, Token: epoch, mark: m, gone: w.Fired}}
	}
	return nil
}

// lead serves the term, and reports whether the controller has resigned.
func (c *Controller) lead() bool {
	var lead func(*client.Proc, *Term)
	if c.kafka.Lead != nil {
		lead = func(p *client.Proc, _ *Term) { c.kafka.Lead(p, c) }
	}
	if !c.serve(c.kafka.Hold, lead) {
		return false
	}
	// The check makes sure that the controller does not delete the node of a successor, even if the
	// answer to the first attempt is lost.
	for c.p.WaitConnected() && c.p.Session() == c.session {
		_, err := c.p.Multi(c.check(), tree.Op{Type: tree.OpDelete, Path: c.Node,
			Version: tree.AnyVersion})
		if err == nil || errors.Is(err, tree.BadVersion) || errors.Is(err, tree.NoNode) {
			break
		}
		c.p.PauseAfter(err)
	}
	return true
}

func (c *Controller) check() tree.Op {
	return tree.Op{Type: tree.OpCheck, Path: c.kafka.epochPath(), Version: c.version}
}

// Epoch returns the epoch of the controller: 1 for the first controller.
func (c *Controller) Epoch() int64 { return c.Token }

// Write does all of the operations or none of them. If another controller has been elected, it does
// none, ends the term and returns [ErrMoved].
func (c *Controller) Write(ops ...tree.Op) error {
	if c.kafka.Unfenced {
		_, err := c.p.Multi(ops...)
		return err
	}
	results, err := c.p.Multi(append([]tree.Op{c.check()}, ops...)...)
	if errors.Is(err, tree.BadVersion) && len(results) > 0 && results[0].Code == tree.BadVersion {
		c.ended = true
		return ErrMoved
	}
	return err
}

// Request sends a request to a broker, and returns whether the broker has accepted it. A broker
// refuses a request if it has already seen a request with a larger epoch (STALE_CONTROLLER_EPOCH).
func (c *Controller) Request(broker string) bool {
	return c.p.Use(parent(c.Node)+"/broker/"+broker, c.Token)
}
