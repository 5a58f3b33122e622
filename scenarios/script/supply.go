package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Supply is something that a drawing needs but does not show. It is a call that creates a node,
// sets a watch or changes a node; or it is a fault, or the loss of a notification.
type Supply struct {
	Client string // the client that makes it
	Op     tree.Op
	Drawn  bool       // the drawing shows what comes of it, such as a proposal
	Fault  *sim.Fault // in place of a call
	Lose   *Act       // in place of a call: the notification that is lost when its watch fires
}

// supplier adds to the drawings of a world what they need but do not show: nodes, paths, watches.
type supplier struct {
	world    *World
	acts     []*Act // arrows and notes of all scenes, in order
	answers  map[*Act]*Act
	created  map[string]bool // by a drawn create, whether it is played or not
	exists   map[string]bool // supplied
	watching map[string]bool
	made     map[string]bool // paths that the drawing names nowhere
	strict   bool

	separators map[string]string        // by path of a series
	during     map[string]bool          // nodes that are supplied while the drawing goes on
	implies    map[string]bool          // clients whose watches are supplied
	told       map[string]int           // by client: the last notification for which one is
	held       map[string]string        // by client: the ephemeral node that it has before
	called     map[string]bool          // paths of calls so far
	listed     map[string]bool          // paths whose children are listed above
	counters   map[string]uint32        // by path: the value that the last increment has given
	detailed   map[tree.OpCode][]string // by call: what the last note below an answer shows
	lists      map[string]string        // by path: the clients that list its children; nil at first
	entries    map[string]int           // by path: how many nodes were named below it
	recipe     uint8                    // 0: not known yet, 1: no line names a recipe, 2: a line names one
	where      *index
	late       []Supply // calls made when all nodes are there
	scenes     map[*Act]*Scene
}

// supply adds what the drawings of a world need but do not show. It reports each addition in
// Supplied.
func (w *World) supply(strict bool) {
	s := newSupplier(w, strict)
	s.pair()
	s.settle()
	for i, a := range s.acts {
		s.place(i, a)
	}
	s.pair()                              // calls have their paths now
	for call, answer := range s.answers { // order: each is set once
		call.Answer = answer
	}
	s.joined()
	s.gets()
	s.judges()
	s.separate()
	for _, a := range s.acts {
		s.name(a)
	}
	if !strict {
		s.flags()
		s.goWithSessions()
	}
	s.notes()
	s.where = newIndex(s.acts)
	s.leases()
	s.presents()
	s.rivals()
	s.writes()
	s.histories()
	for i, a := range s.acts {
		s.complete(i, a)
	}
	w.Supplies = append(w.Supplies, s.late...)
}

// newSupplier is the supplier of a world, with all its acts.
func newSupplier(w *World, strict bool) *supplier {
	s := &supplier{world: w, strict: strict, made: make(map[string]bool),
		answers: make(map[*Act]*Act), created: make(map[string]bool),
		exists: make(map[string]bool), watching: make(map[string]bool),
		separators: make(map[string]string), implies: make(map[string]bool),
		during: make(map[string]bool), told: make(map[string]int),
		held: make(map[string]string), listed: make(map[string]bool),
		called: make(map[string]bool), counters: make(map[string]uint32), entries: make(map[string]int), detailed: make(map[tree.OpCode][]string),
		scenes: make(map[*Act]*Scene)}
	for _, scene := range w.Scenes {
		s.acts = append(s.acts, scene.Arrows...)
		for _, a := range scene.Arrows {
			s.scenes[a] = scene
		}
	}
	for path := range w.spoken.invented { // order: a set
		s.made[path] = true
	}
	return s
}

// notes takes note of what the drawings, their settings and recipes create.
func (s *supplier) notes() {
	for _, a := range s.acts {
		s.note(a)
	}
	for _, c := range s.world.Calls {
		s.note(&Act{Kind: Call, Op: c.Op})
	}
	for _, r := range s.world.Recipes {
		if r.Name == "race" && !s.world.NoParents {
			s.parents(&Act{From: r.Who[0]}, r.Path)
		}
	}
}

// complete supplies what an act needs.
func (s *supplier) complete(i int, a *Act) {
	switch a.Kind {
	case Call:
		if s.relative(i, a); a.Kind != Call {
			return
		}
		s.counted(a)
		if !s.world.NoParents {
			s.entry(i, a)
			s.stage(i, a, &a.Op)
		}
		s.called[a.Op.Path] = true
		if a.Op.Watch {
			a.Awaits = s.awaits(i, a)
			s.watching[a.From] = true
		}
	case Event:
		s.childrenOf(i, a)
		s.hears(i, a)
		s.implied(i, a)
		s.watching[a.To] = false
	case Reply, Remark:
		if a.Either {
			s.childrenOf(i, a)
		}
		if s.noNews(a) {
			return
		}
		if a.Kind == Reply && s.unasked(i, a) {
			s.implied(i, a)
		}
		s.unsolicited(a)
		s.chatter(a)
		s.watch(i, a)
	case Happening:
		s.goes(i, a)
	case Packet:
		s.early(i, a)
	case Absence:
		s.loses(i, a)
	case Fault:
		s.pause(i, a)
	}
}

// relative completes the path of a call that depends on a create above it. The path of that create
// is known by now.
func (s *supplier) relative(i int, a *Act) {
	switch {
	case a.ahead:
		if a.Op.Path = s.predecessor(i, a); a.Op.Path == "" {
			a.remark("the client watches nothing, because its own node is the first of the list")
			return
		}
		client := a.From
		a.told("%s watches the node directly before its own node, as in ZooKeeper's recipes for "+
			"locks and elections: %s", client,
			a.Op.Path)
	case a.sibling != nil:
		a.Op.Path = parentOf(a.sibling.Op.Path)
	}
	if a.mine {
		if path := s.owned(a.From, i); path != "" {
			a.Op.Path = path
		}
		a.told("the client's own node: %s", a.Op.Path)
	}
}

// goes supplies a node that is drawn as deleted, if no line creates it and a session ends above:
// the node belonged to that session.
func (s *supplier) goes(i int, a *Act) {
	h := &a.Happening
	if h.What != NodeDeleted || h.Path == "" || s.world.NoParents || s.exists[h.Path] ||
		s.createdBefore(i, h.Path) {
		return
	}
	for k := i - 1; k >= max(0, i-reach); k-- {
		if b := s.acts[k]; b.Kind == Fault {
			if who := ends(&b.Fault.Fault); s.world.Cast.Roles[who].Kind == RoleClient &&
				s.owned(who, k) == "" {
				s.holds(who, k, i, a)
				return
			}
		}
	}
}

// told adds a sentence to the Supplied of an act.
func (a *Act) told(format string, args ...any) {
	a.Supplied = append(a.Supplied, fmt.Sprintf(format, args...))
}

// beside adds a sentence that is not about the text of the line itself.
func (a *Act) beside(format string, args ...any) {
	a.told(format, args...)
	a.Besides = append(a.Besides, a.Supplied[len(a.Supplied)-1])
}

// mostOpen is how many calls of a client may wait for an answer: what is older has none.
const mostOpen = 64

// place completes the path of a create that names only the parent. The name of the node is the one
// that the answer shows, or a new name.
func (s *supplier) place(i int, a *Act) {
	if a.Kind != Call {
		return
	}
	if a.Op.Type != tree.OpCreate2 && strings.IndexByte(a.Text, '.') < 0 {
		return
	}
	words := a.words()
	for _, w := range words {
		if rest, ok := strings.CutPrefix(w.raw, "."); ok && a.Op.Path != "" &&
			strings.HasPrefix(rest, a.Op.Path) {
			a.told("the path is read as %s, without the dot before it", a.Op.Path)
		}
	}
	if a.Op.Type == tree.OpCreate2 && a.vague && s.made[a.Op.Path] {
		shown := s.shows(i, a)
		if a.Op.Flags.IsSequential() {
			shown = strings.TrimRight(shown, "0123456789")
		}
		if len(shown) > 1 && tree.ValidateCreatePath(shown, a.Op.Flags.IsSequential()) == nil {
			old := a.Op.Path
			a.Op.Path = shown
			a.Supplied = nil
			a.told("the path %s, which the answer to the call shows", shown)
			s.rename(i, a.From, old, s.shows(i, a))
		}
		return
	}
	if a.Op.Type == tree.OpCreate2 && s.entryOf(i, a) {
		return
	}
	if a.Op.Type != tree.OpCreate2 || !saysUnder(a.Text) {
		return
	}
	parent := firstPath(words)
	shown := s.shows(i, a)
	if a.Op.Flags.IsSequential() {
		shown = strings.TrimRight(shown, "0123456789")
	}
	if strings.HasPrefix(shown, parent+"/") && shown != a.Op.Path {
		a.Supplied = slices.DeleteFunc(a.Supplied, func(s string) bool {
			return strings.HasSuffix(s, a.Op.Path)
		})
		a.Op.Path = shown
		a.told("the path %s, which the answer to the call shows", shown)
		return
	}
	if a.Op.Path != parent || parent == "/" {
		return
	}
	name := "/" + strings.ToLower(a.From) // two clients create two nodes
	if a.Op.Flags.IsSequential() {
		name = "/n-"
	}
	if prefix := strings.TrimRight(shown, "0123456789"); a.Op.Flags.IsSequential() &&
		len(prefix) > 1 && strings.IndexByte(prefix, '/') < 0 && validPath(prefix) && !s.strict {
		name = "/" + prefix
	}
	a.Op.Path = strings.TrimRight(a.Op.Path, "/") + name
	a.told("a name for the node: %s", a.Op.Path)
}

// entryOf gives an ephemeral node a name below the path of its create, if another client lists the
// children of that path: an ephemeral node has none.
func (s *supplier) entryOf(i int, a *Act) bool {
	path := a.Op.Path
	if !a.Op.Flags.IsEphemeral() || a.Op.Flags.IsSequential() || s.strict || s.world.NoParents {
		return false
	}
	if s.lists == nil {
		s.lists = make(map[string]string)
		for _, b := range s.acts {
			if b.Kind == Call && b.Op.Type == tree.OpGetChildren2 && !b.vague && b.Answer == nil {
				s.lists[b.Op.Path] += " " + b.From + " "
			}
		}
	}
	if s.lists[path] == "" || strings.Contains(s.lists[path], " "+a.From+" ") {
		return false
	}
	s.entries[path]++
	a.Op.Path = fmt.Sprintf("%s/%s", path, strings.ToLower(a.From))
	if n := s.entries[path]; n > 1 {
		a.Op.Path += fmt.Sprintf("-%d", n)
	}
	a.told("the node is created as %s, because another client lists the children of %s", a.Op.Path,
		path)
	return true
}

// shows returns the path in the next answer to the client of a call, or "".
func (s *supplier) shows(i int, a *Act) string {
	for _, b := range s.after(i) {
		switch {
		case b.Kind == Call && b.From == a.From:
			return ""
		case b.Kind == Reply && b.To == a.From:
			if path := firstPath(b.words()); path != "" || s.strict {
				return path
			}
			return nodeName(b.plain())
		}
	}
	return ""
}

// saysUnder reports whether a create names only the parent, as in "a node under /election".
func saysUnder(text string) bool {
	words := wordsOf(text)
	for i, w := range words {
		if i == 0 || !w.isPath() {
			continue
		}
		switch words[i-1].is {
		case "under", "below", "beneath", "inside", "within":
			return true
		}
		return false
	}
	return false
}

// name removes the number from the path of a sequential create, if the author wrote the whole name
// of the node, as in "create /e/n-0001 (sequential)".
func (s *supplier) name(a *Act) {
	if a.Kind != Call || !a.Op.Flags.IsSequential() {
		return
	}
	full := a.Op.Path
	if sep := s.separators[full]; sep != "" {
		a.Op.Path = full + sep
		a.told("the path of the call is %s, as the names of the created nodes show", a.Op.Path)
		return
	}
	if shown := s.shown(a); strings.Trim(lastName(shown), "0123456789") == "" && shown != "" &&
		parentOf(shown) == parentOf(full) && lastName(full) != "" && parentOf(full) != "/" {
		a.Op.Path, a.named = parentOf(full)+"/", shown
		a.told("the path of the call is %s, because the created node is named %s", a.Op.Path, shown)
		return
	}
	prefix := strings.TrimRight(full, "0123456789")
	digits := len(full) - len(prefix)
	if digits == 0 || strings.HasSuffix(prefix, "/") {
		return
	}
	last := prefix[len(prefix)-1]
	answered := s.shown(a)
	if strings.HasPrefix(answered, full) && answered != full {
		return
	}
	if answered == full || digits >= 3 || last == '-' || last == '_' {
		a.Op.Path, a.named = prefix, full
		a.told("the call creates %s, and the ensemble adds the number: the node is drawn as "+
			"%s", prefix, full)
	}
}

// shown is the path in the answer to a call, or empty.
func (s *supplier) shown(a *Act) string {
	if r := s.answers[a]; r != nil {
		return firstPath(r.words())
	}
	return ""
}

// seriesOf is a path without the number at its end.
func seriesOf(path string) string { return strings.TrimRight(path, "0123456789") }

// separate finds the character between the path of a sequential create and the numbers of its drawn
// nodes, if the path lacks it: create /e/node, and then node-0001.
func (s *supplier) separate() {
	for _, call := range s.acts {
		answer, base := s.answers[call], lastName(call.Op.Path)
		if answer == nil || base == "" || !call.Op.Flags.IsSequential() ||
			!isLetter(base[len(base)-1]) || s.separators[call.Op.Path] != "" {
			continue
		}
		for _, w := range answer.words() {
			rest, ok := strings.CutPrefix(lastName(trimWord(w.raw)), base)
			digits := strings.TrimLeft(rest, "-_")
			if _, is := number(digits); ok && is && len(rest) == len(digits)+1 {
				s.separators[call.Op.Path] = rest[:1]
			}
		}
	}
}

// note remembers the paths that an act creates, even if it is not played.
func (s *supplier) note(a *Act) {
	if a.Kind == Call {
		for _, op := range append([]tree.Op{a.Op}, a.Op.Ops...) {
			if op.Type == tree.OpCreate2 {
				s.created[op.Path] = true
			}
		}
		return
	}
	switch a.Kind {
	case Reply, Event, Packet, Heartbeat:
		return
	}
	words := a.words()
	if has(words, "create", "creates", "created", "creating", "register", "registers") {
		s.created[firstPath(words)] = true
	}
}

// watchWords are words in an answer or a remark that mention a watch.
var watchWords = []string{"watch", "watches", "watching", "watcher", "watched"}

// watch supplies the watch that an answer or a remark mentions, if the client gets a notification
// later and no call sets a watch for it.
func (s *supplier) watch(i int, a *Act) {
	who := a.To
	if a.Kind == Remark {
		who = a.From
	}
	if s.world.Cast.Roles[who].Kind != RoleClient || s.watching[who] || a.Either ||
		a.watches == "" && !strings.Contains(a.Text, "atch") && !strings.Contains(a.Text, "ATCH") {
		return
	}
	words := a.words()
	if a.watches == "" && (!has(words, watchWords...) ||
		has(words, "no", "not", "never", "without", "stops")) {
		return
	}
	path := firstPath(words)
	if a.watches != "" {
		path = a.watches
	}
	for k := i; k >= max(0, i-reach) && path == ""; k-- {
		if b := s.acts[k]; b.Kind == Call && b.From == who {
			path = b.Op.Path
		}
	}
	if path == "" || a.watches == "" && !s.notified(i, who) {
		return
	}
	s.watching[who] = true
	a.Watch = new(watchOf(path))
	a.Watcher = who
	a.told("%s sets a watch on %s", who, path)
}

func watchOf(path string) tree.Op {
	return tree.Op{Type: tree.OpExists, Path: path, Version: tree.AnyVersion, Watch: true}
}

func createOf(path, data string) tree.Op {
	return tree.Op{Type: tree.OpCreate2, Path: path, Data: []byte(data), ACL: tree.OpenACL}
}

// awaits reports whether the notification of a watch shows that its node is changed or deleted.
func (s *supplier) awaits(i int, watch *Act) bool {
	for _, a := range s.after(i) {
		if a.Lost {
			a = a.Denied
		}
		switch {
		case a.Kind == Call && a.From == watch.From && a.Op.Watch && a.Op.Path == watch.Op.Path:
			return false
		case (a.Kind == Event || a.Either) && a.To == watch.From && (a.Notice.Path == "" ||
			a.Notice.Path == watch.Op.Path):
			return a.Notice.Event == tree.NodeDeleted || a.Notice.Event == tree.NodeDataChanged
		}
	}
	return false
}

// notified reports whether a client gets a notification before it sets a watch itself.
func (s *supplier) notified(i int, who string) bool {
	for _, a := range s.after(i) {
		switch {
		case a.Kind == Call && a.From == who && a.Op.Watch:
			return false
		case a.Kind == Event && a.To == who, a.Either && a.To == who:
			return true
		}
	}
	return false
}

// pause sets the length of a pause without a length. If a later line shows an effect that only a
// long pause has, the pause outlasts the session timeout of a client or the sync limit of a server.
func (s *supplier) pause(i int, a *Act) {
	f := &a.Fault.Fault
	if !a.Fault.Open {
		return
	}
	stage := &s.world.Stage
	server := a.Fault.Target == LeaderServer || a.Fault.Target == FollowerServer ||
		len(f.Who) == 1 && s.world.Cast.Roles[f.Who[0]].Kind == RoleServer
	limit, what := stage.SessionTimeout, "the session timeout"
	if len(f.Who) == 1 {
		limit = s.world.Timeout(f.Who[0])
	}
	if server {
		limit, what = stage.Tick*sim.Time(stage.SyncLimit), "the sync limit"
	}
	if s.outlasts(i, a, server) {
		f.Span = limit + 4*stage.Tick
		a.told("the pause lasts %s, longer than %s of %s", f.Span.Brief(), what, limit)
		a.Lasts = a.Supplied[len(a.Supplied)-1]
		return
	}
	f.Span = limit / 2
	a.told("the pause lasts %s: long enough for this drawing, and less than %s of %s",
		f.Span.Brief(), what, limit)
	a.Lasts = a.Supplied[len(a.Supplied)-1]
}

// outlasts reports whether a later line shows an effect that only a long pause has: a session or an
// ephemeral node ends, servers elect a leader, or another client takes over from the paused client.
func (s *supplier) outlasts(i int, a *Act, server bool) bool {
	if !server && has(a.words(), "expires", "expired", "session timeout") {
		return true
	}
	for _, b := range s.after(i) {
		switch {
		case b.Kind == Happening, b.Kind == Packet && b.Packet == "NOTIFICATION",
			b.Kind == Event && b.Notice.Event != tree.NodeCreated &&
				b.Notice.Event != tree.NodeDataChanged,
			b.Kind == Reply && b.Reply.Code == tree.SessionExpired:
			return true
		case b.Kind == Reply && b.Of != nil && b.To != a.From && b.Reply.Outcome == WentWell &&
			!server && b.Of.Op.Type == tree.OpCreate2 && b.Of.Op.Flags.IsEphemeral():
			return true
		}
	}
	return false
}
