package fuzztest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// More mistakes, of queues, barriers and elections.
const (
	takesAnyway mistake = "it takes an item that its delete did not find"
	forgetsItem mistake = "it forgets an item when the answer to its delete is lost"
	oneShort    mistake = "it passes the barrier one program too early"
	leavesEarly mistake = "it leaves the barrier without the others"
)

// jobs is a queue whose items have names of their own. Every client puts items and takes them.
type jobs struct{ wrong mistake }

const jobsPath = "/jobs"

func (j jobs) put(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		name := fmt.Sprintf("%s.%x.%d", p.Name(), p.Session(), n)
		p.Say(client.Puts, name)
		_, err := p.Create(jobsPath+"/job-", []byte(name), tree.PersistentSequential)
		switch {
		case err == nil:
			p.Say(client.HasPut, name)
		case client.Maybe(err):
			p.Say(client.PerhapsPut, name)
		default:
			p.Say(client.NotPut, name)
			p.Create(jobsPath, nil, tree.Persistent)
		}
		p.Sleep(p.Rand().Between(0, 3*sim.Second))
		if n >= 3 {
			p.Sleep(sim.Never / 2)
		}
	}
}

func (j jobs) take(p *client.Proc) {
	for p.WaitConnected() {
		p.Say(client.Takes, "")
		name, err := j.next(p)
		switch {
		case err == nil:
			p.Say(client.Took, name)
			rest(p)
		case client.Maybe(err) && name != "":
			p.Say(client.PerhapsTook, name)
		default:
			p.Say(client.LetsGo, "")
		}
	}
}

// next waits for an item and takes it.
func (j jobs) next(p *client.Proc) (string, error) {
	for {
		names, _, w, err := p.ChildrenW(jobsPath)
		if errors.Is(err, tree.NoNode) {
			_, err = p.Create(jobsPath, nil, tree.Persistent)
			if err == nil || errors.Is(err, tree.NodeExists) {
				continue
			}
		}
		if err != nil {
			if !p.WaitConnected() {
				return "", err
			}
			continue
		}
		slices.Sort(names)
		for _, n := range names {
			data, _, err := p.Get(jobsPath + "/" + n)
			if err != nil {
				continue
			}
			err = p.Delete(jobsPath+"/"+n, tree.AnyVersion)
			switch {
			case err == nil, errors.Is(err, tree.NoNode) && j.wrong == takesAnyway:
				return string(data), nil
			case client.Maybe(err) && j.wrong != forgetsItem:
				return string(data), err
			}
		}
		if len(names) == 0 {
			if _, err := w.Wait(); err != nil && !p.WaitConnected() {
				return "", err
			}
		}
	}
}

// meeting is a barrier for two, at /meeting: each client has a node below it, in this session.
type meeting struct{ wrong mistake }

const meetingPath = "/meeting"

func (m meeting) run(p *client.Proc) {
	for p.WaitConnected() {
		node := fmt.Sprintf("%s/%s.%x", meetingPath, p.Name(), p.Session())
		session := p.Session()
		p.Say(client.Enters, "")
		if !m.enter(p, node, session) {
			p.Say(client.LetsGo, "")
			continue
		}
		p.Say(client.Passes, "")
		rest(p)
		p.Say(client.Leaves, "")
		if !m.leave(p, node, session) {
			p.Say(client.LetsGo, "")
			continue
		}
		p.Say(client.HasLeft, "")
		p.Sleep(sim.Never / 2)
	}
}

func (m meeting) enter(p *client.Proc, node string, session int64) bool {
	for p.WaitConnected() && p.Session() == session {
		_, err := p.Create(node, nil, tree.Ephemeral)
		if errors.Is(err, tree.NoNode) {
			p.Create(meetingPath, nil, tree.Persistent)
			continue
		}
		if err != nil && !errors.Is(err, tree.NodeExists) {
			continue
		}
		open, _, w, err := p.ExistsW("/open")
		if err != nil {
			continue
		}
		names, _, err := p.Children(meetingPath)
		size := 2
		if m.wrong == oneShort {
			size = 1
		}
		switch {
		case err != nil:
		case open:
			return true
		case len(names) >= size:
			if _, err := p.Create("/open", nil, tree.Persistent); err == nil ||
				errors.Is(err, tree.NodeExists) {
				return true
			}
		default:
			w.Wait()
		}
	}
	return false
}

func (m meeting) leave(p *client.Proc, node string, session int64) bool {
	for p.WaitConnected() && p.Session() == session {
		err := p.Delete(node, tree.AnyVersion)
		if err != nil && !errors.Is(err, tree.NoNode) {
			continue
		}
		names, _, w, err := p.ChildrenW(meetingPath)
		if err != nil {
			continue
		}
		if len(names) == 0 || m.wrong == leavesEarly {
			return true
		}
		w.Wait()
	}
	return false
}

// election is a race for /leader, whose leader leads until it resigns or its session ends.
func election(p *client.Proc) {
	for p.WaitConnected() {
		session := p.Session()
		p.Want()
		_, err := p.Create("/leader", []byte(p.Name()), tree.Ephemeral)
		if err != nil {
			found, stat, w, err := p.ExistsW("/leader")
			if err != nil || !found || p.Session() != session {
				continue
			}
			if stat.EphemeralOwner != session {
				w.Wait()
				continue
			}
		}
		if p.Session() != session {
			continue
		}
		p.Believe(true)
		p.Until(p.Rand().Between(0, 2*sim.Second), func() bool { return p.Session() != session })
		p.Believe(false)
		releaseOwn(p, "/leader", session)
		rest(p)
	}
}

// sharedLock is a read-write lock with numbered nodes.
func sharedLock(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		kind := "w"
		if p.Rand().Intn(2) == 0 {
			kind = "r"
		}
		if kind == "r" {
			p.WantShared()
		} else {
			p.Want()
		}
		node := lineUp(p, fmt.Sprintf("%s.%x.%d:%s:", p.Name(), p.Session(), n, kind), kind)
		switch {
		case node == "":
			p.LetGo()
			continue
		case kind == "r":
			p.HoldShared("")
		default:
			p.Hold("")
		}
		rest(p)
		p.LetGo()
		release(p, node)
		rest(p)
	}
}

func lineUp(p *client.Proc, me, kind string) string {
	session, unsure := p.Session(), false
	for p.WaitConnected() && p.Session() == session {
		if unsure && p.Sync(lockPath) != nil {
			continue
		}
		unsure = false
		names, _, err := p.Children(lockPath)
		if errors.Is(err, tree.NoNode) {
			p.Create(lockPath, nil, tree.Persistent)
		}
		if err != nil {
			continue
		}
		slices.SortFunc(names, func(a, b string) int {
			return strings.Compare(a[len(a)-10:], b[len(b)-10:])
		})
		own := slices.IndexFunc(names, func(s string) bool { return strings.HasPrefix(s, me) })
		if own < 0 {
			_, err := p.Create(lockPath+"/"+me, nil, tree.EphemeralSequential)
			unsure = client.Maybe(err)
			continue
		}
		before := own - 1
		for before >= 0 && kind == "r" && strings.Contains(names[before], ":r:") {
			before--
		}
		if before < 0 {
			if found, _, err := p.Exists(lockPath + "/" + names[own]); err == nil && found &&
				p.Session() == session {
				return lockPath + "/" + names[own]
			}
			continue
		}
		if _, _, w, err := p.GetW(lockPath + "/" + names[before]); err == nil {
			w.Wait()
		}
	}
	return ""
}

// lease holds an office by its own clock: a node with the moment at which it ends, which others take
// over with its version.
func lease(p *client.Proc) {
	for p.WaitConnected() {
		p.Want()
		_, stat, err := p.Get("/lease")
		switch {
		case errors.Is(err, tree.NoNode):
			_, err = p.Create("/lease", nil, tree.Persistent)
		case err == nil:
			p.Sleep(sim.Second) // by its own clock
			_, err = p.Set("/lease", nil, stat.Version)
		}
		if err != nil {
			continue
		}
		p.Hold("")
		p.Sleep(900 * sim.Millisecond)
		p.LetGo()
	}
}
