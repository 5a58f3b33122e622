package explore

import (
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/zab"
)

// stepTime is how much time a trace gives each step of a story, in µs: a small world has no clock,
// only an order of events.
const stepTime = 1000

// tracer turns the steps of a world into the events of a trace.
type tracer struct {
	world  *world
	events []trace.Event
	drawn  []trace.Row
	known  [MaxServers + 1]shown
	last   [MaxServers + 1]int64 // index of the server's last event
	moving map[lane][]flight     // messages in transit, the oldest first
	number uint64                // of the last message that was sent
	steps  int64
	main   int64 // index of the event of the step itself
}

// lane is a direction of a connection.
type lane struct {
	conn connID
	dir  int
}

// flight is a message in transit: its number, and the index of the event that sent it. The end of
// a connection has no number.
type flight struct {
	number uint64
	sent   int64
	head   uint32
}

// shown is a server as the events so far show it.
type shown struct {
	role     string
	leader   zab.ID
	epoch    uint32
	acc, cur uint32
	durable  zab.Zxid
	applied  zab.Zxid
	base     zab.Zxid
	log      []zab.Entry
}

// newTracer returns a tracer of a world in which nothing has happened but that the servers have
// started.
func newTracer(w *world) *tracer {
	t := &tracer{world: w, moving: map[lane][]flight{}}
	for i := 1; i <= w.setup.all(); i++ {
		t.main = t.add(i, trace.Event{K: "boot", Why: "boot", Key: "restart", Cause: -1,
			Say: fmt.Sprintf("S%d starts", i)})
		t.server(i)
	}
	t.queues(t.main)
	return t
}

// add adds an event of a server, or of no server in particular if i is 0, and returns its index.
func (t *tracer) add(i int, e trace.Event) int64 {
	e.I, e.T, e.N = int64(len(t.events)), t.steps*stepTime, "net"
	if i > 0 {
		e.N = fmt.Sprintf("S%d", i)
		t.last[i] = e.I
	}
	e.Say = trace.Clip(e.Say)
	t.events = append(t.events, e)
	return e.I
}

// items returns the messages of a queue, the oldest first.
func (qs *queues) items(q uint32) (list []uint32) {
	for ; q != 0; q = qs.list[q].rest {
		list = append(list, qs.list[q].head)
	}
	return list
}

// content returns what is in transit in a world.
func (w *world) content() map[lane][]uint32 {
	all := make(map[lane][]uint32)
	for _, c := range w.scene.chans {
		for dir := range 2 {
			all[lane{c.id, dir}] = w.scene.queues.items(c.q[dir])
		}
	}
	return all
}

// before notes an action that is about to be carried out.
func (t *tracer) before(a action) {
	t.steps++
	t.main = -1
	if a.kind != doDeliver {
		return
	}
	l := lane{a.conn, int(a.b)}
	m := t.moving[l][0]
	t.moving[l] = t.moving[l][1:]
	if m.number == 0 {
		return // the end of a connection
	}
	from, to := a.conn.end(int(a.b)), a.conn.end(1-int(a.b))
	z := t.world.words.messages[m.head].(zab.Message)
	t.main = t.add(to, trace.Event{K: "recv", M: m.number, Cause: m.sent,
		Say: fmt.Sprintf("S%d receives %s from S%d", to, messageText(z), from), Why: "message"})
}

// after adds what an action has done.
func (t *tracer) after(a action, l *Line, s *Step) {
	if t.main < 0 {
		t.main = t.add(t.actor(a), t.event(a, s))
	}
	t.row(l, "as-drawn", t.steps*stepTime, trace.Place(t.main))
	for i := 1; i <= t.world.setup.all(); i++ {
		t.server(i)
	}
	t.queues(t.main)
}

// row adds a line of the drawing with its verdict.
func (t *tracer) row(l *Line, verdict string, at, step int64) {
	row := trace.Row{Line: l.Pos.Line, From: l.From, To: l.To, Kind: "step", Text: l.Text,
		Verdict: verdict, At: at, Step: step}
	if l.To == "" {
		row.From = l.Over[0]
	}
	t.drawn = append(t.drawn, row)
}

// never adds a line that is not possible.
func (t *tracer) never(l *Line) { t.row(l, "never", -1, -1) }

// actor returns the server of an action, or 0 for an election.
func (t *tracer) actor(a action) int {
	switch a.kind {
	case doElect:
		return 0
	case doDeliver:
		return a.conn.end(1 - int(a.b))
	}
	return int(a.a)
}

// event returns the event of an action that is not the arrival of a message.
func (t *tracer) event(a action, s *Step) trace.Event {
	e := trace.Event{K: "note", Cause: -1, Say: s.Says, Drawn: s.Says}
	if i := t.actor(a); i > 0 {
		e.Cause = t.last[i]
	}
	switch a.kind {
	case doCrash:
		e.K, e.Why, e.Key = "crash", "crash", "crash"
	case doPower:
		e.K, e.Why, e.Key = "crash", "power", "crash"
	case doWipe:
		e.K, e.Why, e.Key = "crash", "disk", "crash"
	case doRestart:
		e.K, e.Why, e.Key = "restart", "boot", "restart"
	case doTimer:
		e.K = "timer.fire"
	case doFsync:
		e.K, e.Why = "fsync", "durable"
	case doWrite:
		e.Key, e.Why = "call", "propose"
	case doElect, doJoin:
		e.Key, e.Why = "looking", "vote"
	}
	return e
}

// queues compares what is in transit with what the events so far show, and adds a sending for each
// message that is new, and a loss for each that is gone.
func (t *tracer) queues(cause int64) {
	now := t.world.content()
	lanes := make([]lane, 0, len(now)+len(t.moving))
	for l := range now {
		lanes = append(lanes, l)
	}
	for l := range t.moving {
		if _, ok := now[l]; !ok {
			lanes = append(lanes, l)
		}
	}
	slices.SortFunc(lanes, func(a, b lane) int {
		return 2*(int(a.conn)-int(b.conn)) + a.dir - b.dir
	})
	for _, l := range lanes {
		was, is := t.moving[l], now[l]
		kept := 0
		for kept < len(was) && kept < len(is) && was[kept].head == is[kept] {
			kept++
		}
		if kept < len(was) {
			t.lose(l, was)
			kept, was = 0, nil
		}
		for _, head := range is[kept:] {
			was = append(was, t.send(l, head, cause))
		}
		if t.moving[l] = was; len(was) == 0 {
			delete(t.moving, l)
		}
	}
}

// send adds the sending of a message.
func (t *tracer) send(l lane, head uint32, cause int64) flight {
	if head == endMark {
		return flight{head: head}
	}
	from, to := l.conn.end(l.dir), l.conn.end(1-l.dir)
	m := t.world.words.messages[head].(zab.Message)
	t.number++
	msg := &trace.Message{To: fmt.Sprintf("S%d", to), Kind: m.Name(), Bytes: m.Size(),
		At: (t.steps + 1) * stepTime}
	if m.At() != zab.NoZxid {
		msg.Z, msg.Epoch = m.At().String(), m.At().Epoch()
	}
	if t.last[from] > cause {
		cause = t.last[from]
	}
	at := t.add(from, trace.Event{K: "send", M: t.number, Msg: msg, Cause: cause, Why: "message",
		Say: fmt.Sprintf("S%d sends %s to S%d", from, messageText(m), to)})
	return flight{t.number, at, head}
}

// lose adds the loss of messages.
func (t *tracer) lose(l lane, list []flight) {
	from, to := l.conn.end(l.dir), l.conn.end(1-l.dir)
	for _, m := range list {
		if m.number == 0 {
			continue
		}
		z := t.world.words.messages[m.head].(zab.Message)
		t.add(to, trace.Event{K: "drop", M: m.number, Cause: m.sent,
			Say: fmt.Sprintf("%s from S%d to S%d is lost", messageText(z), from, to)})
	}
}

// server adds how the state of a server has changed.
func (t *tracer) server(i int) {
	v, s := t.world.servers[i], &t.known[i]
	if t.world.asserted == i {
		return // its state is undefined
	}
	add := func(k, why, key, say string, p trace.Patch) {
		t.add(i, trace.Event{K: k, Why: why, Key: key, Cause: max(t.last[i], t.main),
			Say: fmt.Sprintf("S%d %s", i, say), Patch: p})
	}
	if !v.up {
		if s.role != "down" {
			none, leader := uint32(0), ""
			*s = shown{role: "down"}
			add("role", "role", "", "is down", trace.Patch{Role: "down", Epoch: &none,
				Leader: &leader})
		}
		return
	}
	started := s.role == "" || s.role == "down"
	t.epochs(v.peer, s, add)
	t.log(v.peer, s, started, add)
	t.role(v.peer, s, add)
}

// adding adds an event of one server.
type adding func(k, why, key, say string, p trace.Patch)

func (t *tracer) epochs(p *zab.Peer, s *shown, add adding) {
	acc, cur := p.AcceptedEpoch(), p.CurrentEpoch()
	if acc == s.acc && cur == s.cur && s.role != "" && s.role != "down" {
		return
	}
	s.acc, s.cur = acc, cur
	add("epoch", "epoch", "", fmt.Sprintf("has accepted epoch %d, and is in epoch %d", acc, cur),
		trace.Patch{Acc: &acc, Cur: &cur})
}

func (t *tracer) log(p *zab.Peer, s *shown, started bool, add adding) {
	is, was := p.Entries(), s.log
	kept := 0
	for kept < len(was) && kept < len(is) && was[kept].Zxid == is[kept].Zxid {
		kept++
	}
	switch base := p.Base(); {
	case started || base != s.base:
		r := &trace.Reload{Base: base.String()}
		for _, e := range is {
			r.Records = append(r.Records, trace.Record{Z: e.Zxid.String(), Op: string(e.Data)})
		}
		s.base = base
		add("recovered", "boot", "", fmt.Sprintf("has a log up to %v", p.LastLogged()),
			trace.Patch{Reload: r})
		kept = len(is)
	case kept < len(was):
		z := base
		if kept > 0 {
			z = was[kept-1].Zxid
		}
		text := z.String()
		add("trunc", "trunc", "trunc", "truncates its log to "+text, trace.Patch{Trunc: &text})
	}
	for _, e := range is[kept:] {
		add("log", "log", "", fmt.Sprintf("logs %v", e.Zxid), trace.Patch{Log: &trace.Record{
			Z: e.Zxid.String(), Op: string(e.Data)}})
	}
	s.log = slices.Clone(is)
	if z := p.LastDurable(); z != s.durable || started {
		s.durable = z
		text := z.String()
		add("durable", "durable", "", "has its log on disk up to "+text,
			trace.Patch{Durable: &text})
	}
	if z := p.Applied(); z != s.applied || started {
		s.applied = z
		text := z.String()
		add("commit", "commit", "", "has applied everything up to "+text, trace.Patch{Com: &text})
	}
}

func (t *tracer) role(p *zab.Peer, s *shown, add adding) {
	role, says, key := "following", fmt.Sprintf("follows S%d", p.Leader()), ""
	switch {
	case p.State() == zab.Looking:
		role, says, key = "looking", "looks for a leader", "looking"
	case p.Phase() != zab.Broadcast:
		role = "syncing"
		says = fmt.Sprintf("catches up with S%d", p.Leader())
		if p.State() == zab.Leading {
			says = "is elected, and not yet established"
		}
	case p.State() == zab.Leading:
		role, says, key = "leading", "leads", "leader"
	case p.State() == zab.Observing:
		role, says = "observing", fmt.Sprintf("observes S%d", p.Leader())
	}
	epoch, id := p.Epoch(), p.Leader()
	if role == s.role && epoch == s.epoch && id == s.leader {
		return
	}
	if role == s.role && role == "looking" {
		key = ""
	}
	s.role, s.epoch, s.leader = role, epoch, id
	leader := ""
	if id != 0 {
		leader = fmt.Sprintf("S%d", id)
	}
	if epoch != 0 {
		says += fmt.Sprintf(" in epoch %d", epoch)
	}
	add("role", "role", key, says, trace.Patch{Role: role, Epoch: &epoch, Leader: &leader})
}

// violation adds the check that the last step has broken.
func (t *tracer) violation(v *Violation) {
	t.add(0, trace.Event{K: "violation", Why: "violation", Key: "violation", Cause: t.main,
		Say: v.Name + ": " + v.Text})
}

// Fingerprint returns a hash of all that happened: equal runs have equal fingerprints.
func (r *Played) Fingerprint() uint64 {
	h := fnv.New64a()
	var line []byte
	for i := range r.tracer.events {
		line = r.tracer.events[i].AppendJSON(line[:0])
		h.Write(line)
	}
	return h.Sum64()
}

// Event returns the index in the trace of the event of a step, numbered from 1.
func (r *Played) Event(step int) *int64 { return &r.tracer.drawn[step-1].Step }

// Odds returns a curve for the page of the run: three numbers from each step on, the index of an
// event in the trace, how many of the choices there make the end certain, and how many choices
// there are. At the end itself these are 1 and 1. The certainty is that of a search whose story
// this is; given is the number of steps before those of the search.
func (r *Played) Odds(c *Certainty, given int) (list [][3]int64) {
	rows := r.tracer.drawn
	for k, o := range c.Before {
		at := int64(0)
		if i := given + k - 1; i >= 0 && i < len(rows) {
			at = rows[i].Step
		}
		list = append(list, [3]int64{at, int64(o.Certain), int64(max(1, o.Choices))})
	}
	if n := len(rows); n > 0 && n == given+len(c.Before) {
		list = append(list, [3]int64{rows[n-1].Step, 1, 1})
	}
	return list
}

// WriteTrace writes the run in the format zablab.trace/1.
func (r *Played) WriteTrace(out io.Writer, title string) error {
	h := trace.Header{Commit: "unknown", Scenario: r.Setup.Name, Title: title, Config: []trace.Setting{
		{Key: trace.Seedless, Number: 1}}, Why: append(
		narration.Whys(), trace.Explanation{Key: "message", Text: "A small world has no clock: a story says only in " +
			"which order messages arrive. The page shows each step as 1 ms."})}
	for i := 1; i <= r.Setup.all(); i++ {
		kind := "server"
		if !r.Setup.votes(i) {
			kind = "observer"
		}
		h.Nodes = append(h.Nodes, trace.Node{ID: fmt.Sprintf("S%d", i), Kind: kind})
	}
	w := trace.NewWriter(out, &h)
	for i := range r.tracer.events {
		w.Add(&r.tracer.events[i])
	}
	end := trace.End{T: r.tracer.steps * stepTime, Drawn: []trace.Diagram{{Title: title,
		Line: r.line, Rows: r.tracer.drawn}}}
	end.Fingerprint = r.Fingerprint()
	check := trace.Check{Name: "zab/safety", Result: "ok"}
	if b := r.Broken; b != nil {
		check = trace.Check{Name: b.Name, Result: "broken"}
		end.Broken = []trace.Broken{{Name: b.Name, Text: b.Text,
			Step: trace.Place(int64(len(r.tracer.events) - 1))}}
	}
	end.Invariants = []trace.Check{check}
	return w.End(&end, nil)
}
