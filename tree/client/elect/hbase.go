package elect

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// HBase elects the active master of HBase. Each master first registers with a node below
// /hbase/backup-masters. The master that creates the ephemeral node /hbase/master becomes active,
// and removes its backup node. The other masters wait until /hbase/master is deleted, and then try
// again. Every region server has an ephemeral node below /hbase/rs. When that node is deleted, the
// active master considers the region server dead, and recovers the server's regions from its
// write-ahead log.
//
// The election has no epoch that could fence a region server that is taken for dead but was only
// paused. Instead, before the master reads the log of such a server, it makes sure that the server
// can no longer write to the log. HBase does this in HDFS: it renames the log's directory and
// recovers the lease of the log file. Here the log of each server is a resource outside the
// ensemble, and the master writes to it with a newer fencing token. The node Path+"/WALs" stands
// for the directory of all logs.
//
// A restarted process has the same address as before, and a later start code. In HBase the new
// process deletes the node of the old process at once, and does not wait until the old session
// ends: see the field Hurries.
//
// Source: Apache HBase master (commit 07739e1), ActiveMasterManager: blockUntilBecomingActiveMaster, stop. HMaster:
// startActiveMasterManager. RegionServerTracker: refresh. HRegionServer: createMyEphemeralNode.
type HBase struct {
	Path string // the parent of all nodes; /hbase if empty
	// Hold is how long a master is active before it stops, which ends Run; 0 means for ever.
	Hold sim.Time
	// Lead, if set, is what an active master does, instead of looking after the region servers. It
	// should return when [Term.Still] is false.
	Lead func(p *client.Proc, t *Term)
	// Hurries makes a master delete the node of an active master with its own address, as HBase does.
	// The delete names no owner. If the old session ends between the master's read and its delete,
	// and a backup master has become active, the delete removes that one's node (H11).
	Hurries bool
	// Delay is the most that a master takes between its read of a node with its own address and what
	// it does about it: its process logs, and may be collecting garbage. 0 means no time.
	Delay sim.Time
}

func (h HBase) path() string {
	if h.Path == "" {
		return "/hbase"
	}
	return h.Path
}

// WAL returns the name of a region server's write-ahead log. The log is a resource outside the
// ensemble ([client.Proc.Use]).
func (h HBase) WAL(server string) string { return h.path() + "/WALs/" + server }

// serverName is the name of a process that starts now: its address and its start code.
func serverName(p *client.Proc, port int) string {
	return p.Name() + "," + strconv.Itoa(port) + "," + strconv.FormatInt(int64(p.Now()), 10)
}

// sameAddress reports whether two server names differ at most in their start codes.
func sameAddress(a, b string) bool {
	return a[:strings.LastIndexByte(a, ',')+1] == b[:strings.LastIndexByte(b, ',')+1]
}

// Run takes part in elections as a master until the master has been active for the time Hold, or
// until its session is over and its client opens no new session. When a session ends, the master
// aborts; if the client opens a new session, the master takes part again as a restarted process,
// with a new start code.
func (h HBase) Run(p *client.Proc) {
	h.Path = h.path()
	master := h.Path + "/master"
	m := exclusive(master)
	var session int64
	var name, backup string
	campaign(p, m, func() bool {
		if session != p.Session() {
			name = serverName(p, 16000)
			backup = h.Path + "/backup-masters/" + name
			if register(p, backup) {
				session = p.Session()
			}
			return false
		}
		_, err := p.Create(master, []byte(name), tree.Ephemeral)
		if err != nil && !errors.Is(err, tree.NodeExists) && !client.Maybe(err) {
			p.PauseAfter(err)
			return false
		}
		data, stat, w, err := p.GetW(master)
		switch {
		case err != nil: // it is gone, or the connection is
		case stat.EphemeralOwner == session:
			deleteOwn(p, backup, session)
			t := &Term{p: p, session: session, Node: master, Token: stat.Czxid, mark: m,
				gone: w.Fired}
			session = 0 // register again
			return h.lead(t)
		case sameAddress(string(data), name):
			if h.Delay > 0 {
				p.Sleep(p.Rand().Between(0, h.Delay))
			}
			if h.Hurries {
				p.Delete(master, tree.AnyVersion)
			} else {
				w.Wait()
			}
		default:
			w.Wait()
		}
		return false
	})
}

// register creates an ephemeral node. It returns true if the node is there.
func register(p *client.Proc, node string) bool {
	_, err := p.Create(node, nil, tree.Ephemeral)
	switch {
	case errors.Is(err, tree.NoNode):
		ensure(p, parent(node))
	case err != nil && !errors.Is(err, tree.NodeExists):
		p.PauseAfter(err)
	default:
		return true
	}
	return false
}

// lead serves the term, and reports whether the master has stopped. A master that stops deletes its
// own node only.
func (h HBase) lead(t *Term) bool {
	lead := h.Lead
	if lead == nil {
		lead = h.track
	}
	if !t.serve(h.Hold, lead) {
		return false
	}
	deleteOwn(t.p, t.Node, t.session)
	return true
}

// track looks after the region servers. A server that has a log and no node is dead: it creates its
// node before its log, and track reads the logs before the nodes.
func (h HBase) track(p *client.Proc, t *Term) {
	for t.Still() {
		logs, _, err := p.Children(h.Path + "/WALs")
		if errors.Is(err, tree.NoNode) {
			ensure(p, h.Path+"/WALs")
			ensure(p, h.Path+"/rs")
			continue
		}
		var servers []string
		var stat tree.Stat
		var w *client.Watch
		if err == nil {
			servers, stat, w, err = p.ChildrenW(h.Path + "/rs")
		}
		if err != nil {
			if errors.Is(err, tree.NoNode) {
				ensure(p, h.Path+"/rs")
			} else if p.State() != client.Connected {
				p.Until(t.until-p.Now(), func() bool {
					return !t.Still() || p.State() == client.Connected
				})
			} else {
				t.Sleep(sim.Second)
			}
			continue
		}
		for _, server := range logs {
			if !slices.Contains(servers, server) && t.Still() {
				h.recover(p, server, stat.Pzxid)
			}
		}
		p.Until(t.until-p.Now(), func() bool { return !t.Still() || w.Fired() || w.Ended() })
	}
}

// recover closes the log of a dead server for its writes, and removes it, as the master does when
// the regions are open on other servers (ServerCrashProcedure). The token is the zxid of the last
// change of the list of servers, which is newer than the server's own node.
func (h HBase) recover(p *client.Proc, server string, token int64) {
	p.Use(h.WAL(server), token)
	p.Delete(h.Path+"/WALs/"+server, tree.AnyVersion)
}

// RegionServer is the program of a region server: it registers itself, and then writes to its log
// from time to time. If the log refuses a write, the master has declared this server dead. Then the
// process aborts, and starts again with a new start code.
func (h HBase) RegionServer(every sim.Time) func(*client.Proc) {
	h.Path = h.path()
	return func(p *client.Proc) {
		for p.WaitConnected() {
			name := serverName(p, 16020)
			node, session := h.Path+"/rs/"+name, p.Session()
			if !register(p, node) {
				continue
			}
			found, stat, err := p.Exists(node)
			if err != nil || !found || stat.EphemeralOwner != session {
				continue
			}
			for p.WaitConnected() && p.Session() == session {
				_, err := p.Create(h.Path+"/WALs/"+name, nil, tree.Persistent)
				if err == nil || errors.Is(err, tree.NodeExists) {
					break
				}
				ensure(p, h.Path+"/WALs")
			}
			for p.Session() == session && !p.State().Final() {
				if !p.Use(h.WAL(name), stat.Czxid) {
					p.Reopen()
					break
				}
				p.Until(every, func() bool { return p.Session() != session })
			}
		}
	}
}
