package linearizability

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Schema names the format that [ReadRecord] reads and [WriteRecord] writes: see the package's doc.
const Schema = "zablab.history/1"

// FormatError is an error in the text of a file. Line and Column count from 1.
type FormatError struct {
	File         string
	Line, Column int
	Err          error
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Err)
}

func (e *FormatError) Unwrap() error { return e.Err }

// ReadRecord reads a record from JSON Lines. An error in the text is a [*FormatError].
func ReadRecord(name string, in io.Reader) (Record, error) {
	r := reading{name: name}
	text := bufio.NewReader(in)
	for {
		line, err := text.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return Record{}, fmt.Errorf("read %s: %w", name, err)
		}
		r.line++
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
			if err := r.take(trimmed); err != nil {
				return Record{}, err
			}
		}
		if err != nil {
			break
		}
	}
	r.nameSessions()
	slices.SortStableFunc(r.record.Marks, func(a, b Mark) int { return cmp.Compare(a.Place, b.Place) })
	slices.SortStableFunc(r.record.Lives, func(a, b Life) int { return cmp.Compare(a.Made, b.Made) })
	return r.record, nil
}

// reading is the state of a file being read.
type reading struct {
	name   string
	line   int
	text   []byte
	err    error // the first of a number or a zxid
	record Record
}

// wrong returns an error at a key of the current line, or at the beginning of the line.
func (r *reading) wrong(key, format string, args ...any) error {
	column := 1
	if i := bytes.Index(r.text, []byte(strconv.Quote(key))); key != "" && i >= 0 {
		column = i + 1
	}
	return &FormatError{r.name, r.line, column, fmt.Errorf(format, args...)}
}

// take reads one line. One of the line's keys says which kind of line it is.
func (r *reading) take(text []byte) error {
	r.text = text
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return r.malformed(err)
	}
	var found []string
	for _, kind := range []string{"schema", "op", "event", "belief", "access", "recipe", "mark",
		"life", "calm", "node"} {
		if _, ok := keys[kind]; ok {
			found = append(found, kind)
		}
	}
	switch {
	case len(found) == 0:
		return r.wrong("", `the line has no key that says what it describes: write one of "op", `+
			`"event", "belief", "access", "recipe", "mark", "life", "calm" and "node" `+
			"(see go doc zablab/linearizability)")
	case len(found) > 1:
		return r.wrong(found[1], "keys %q and %q in one line: write two lines", found[0], found[1])
	}
	switch found[0] {
	case "schema":
		return r.schema(keys["schema"])
	case "op":
		return r.operation()
	case "event":
		return r.event()
	case "belief":
		return r.belief()
	case "access":
		return r.access()
	case "recipe":
		return r.recipe()
	case "mark":
		return r.mark()
	case "life":
		return r.life()
	case "calm":
		return r.calm()
	}
	return r.node()
}

// strict decodes the line into a struct of its kind. An unknown key is an error: a misspelt
// "return" would otherwise turn an answer into an unknown outcome.
func (r *reading) strict(into any) error {
	dec := json.NewDecoder(bytes.NewReader(r.text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return r.malformed(err)
	}
	return nil
}

func (r *reading) malformed(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return &FormatError{r.name, r.line, max(1, int(syntax.Offset)), fmt.Errorf(
			"not JSON: %w: write one object per line", err)}
	case errors.As(err, &kind):
		if kind.Field == "" {
			return r.wrong("", "the line is of type %s: write an object, {…}", kind.Value)
		}
		return &FormatError{r.name, r.line, max(1, int(kind.Offset)), fmt.Errorf(
			"the value of %q is of type %s: write %s", kind.Field, kind.Value,
			wanted(kind.Type.String()))}
	}
	if key, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		key = strings.TrimSuffix(key, `"`)
		return r.wrong(key, "unknown key %q: see go doc zablab/linearizability", key)
	}
	return r.wrong("", "%w", err)
}

// wanted names the JSON value that a Go type needs.
func wanted(name string) string {
	switch {
	case strings.HasPrefix(name, "int"):
		return "a whole number"
	case name == "bool":
		return "a boolean"
	case strings.HasPrefix(name, "["):
		return "a list"
	case strings.Contains(name, "Line"):
		return "an object"
	}
	return "a string"
}

func (r *reading) schema(value json.RawMessage) error {
	if got := string(value); got != strconv.Quote(Schema) {
		return r.wrong("schema", "unknown schema %s: write %q", got, Schema)
	}
	return nil
}

func (r *reading) operation() error {
	var l opLine
	if err := r.strict(&l); err != nil {
		return err
	}
	op, err := r.part(&l)
	if err != nil {
		return err
	}
	op.Place, op.CallPlace = l.Place, l.CallPlace
	if l.Call == nil {
		return r.wrong("op", `no key "call": write the time of the call, in µs`)
	}
	op.Call = *l.Call
	if l.Outcome == "" {
		switch {
		case l.Code != "":
			op.Outcome = Failed
		case l.Return == nil:
			op.Outcome = Unknown
		default:
			op.Outcome = OK
		}
	}
	switch {
	case l.Return != nil:
		op.Return = *l.Return
	case op.Outcome != Unknown:
		return r.wrong("op", `an operation with the outcome %s needs the key "return": write the `+
			`time of the return, in µs, or change the outcome to "unknown"`, op.Outcome)
	}
	if op.Client == "" {
		if op.Kind != CloseSession || op.Session == 0 {
			return r.wrong("op", `no key "client": write the caller's name`)
		}
		op.Client = "ensemble"
	}
	for i := range l.Ops {
		o, err := r.part(&l.Ops[i])
		if err != nil {
			return err
		}
		if l.Ops[i].Outcome == "" {
			if o.Outcome = op.Outcome; l.Ops[i].Code != "" {
				o.Outcome = Failed
			}
		}
		op.Ops = append(op.Ops, o)
	}
	named := op.Session != 0
	if !named {
		op.Session = 1 // to be valid until nameSessions
	}
	if why := op.wrong(); why != "" {
		return r.wrong("op", "%s: %s", op.String(), why)
	}
	if !named {
		op.Session = 0
	}
	r.record.Ops = append(r.record.Ops, op)
	return nil
}

// part reads the keys that an operation and a part of a multi have in common.
func (r *reading) part(l *opLine) (Operation, error) {
	op := Operation{
		Client: Client(l.Client), Kind: Kind(l.Op), Path: Path(l.Path), Version: AnyVersion,
		Ephemeral: l.Ephemeral, Sequential: l.Sequential, Watch: l.Watch, Mode: WatchMode(l.Mode),
		Token:   l.Token,
		Outcome: Outcome(l.Outcome), Code: Code(l.Code), ACL: grantsOf(l.ACL), Who: l.Who,
	}
	if !op.Code.known() {
		return op, r.wrong("code", `unknown code %q: write "node exists", "no node", `+
			`"bad version", "not empty", "no children for ephemerals", "session expired", `+
			`"connection lost", "held", "not held", "stale token", or another ZooKeeper code `+
			`in words`, l.Code)
	}
	op.Data = either(l.Data, l.Data64)
	if l.Version != nil {
		op.Version = *l.Version
	}
	op.Session = r.number("session", l.Session)
	op.Zxid, op.Txn = r.zxid("zxid", l.Zxid), r.zxid("txn", l.Txn)
	if l.Result == nil {
		return op, r.err
	}
	res := l.Result
	op.Result = Result{Path: Path(res.Path), Data: either(res.Data, res.Data64), Token: res.Token,
		ACL: grantsOf(res.ACL), Number: res.Number}
	if res.Children != nil {
		op.Result.Children = append([]string{}, *res.Children...)
	}
	if res.Deleted != nil {
		op.Result.Deleted = []Path{}
		for _, p := range *res.Deleted {
			op.Result.Deleted = append(op.Result.Deleted, Path(p))
		}
	}
	if s := res.Stat; s != nil {
		op.Result.Stat = &Stat{
			Version: s.Version, Czxid: r.zxid("czxid", s.Czxid), Mzxid: r.zxid("mzxid", s.Mzxid),
			Owner: r.number("owner", s.Owner),
		}
		if m := s.More; m != nil {
			op.Result.Stat.More = &More{m.Cversion, m.Aversion, r.zxid("pzxid", m.Pzxid), m.Length,
				m.Children}
		}
	}
	return op, r.err
}

func grantsOf(lines []grantLine) (list []Grant) {
	for _, l := range lines {
		list = append(list, Grant(l))
	}
	return list
}

func (r *reading) event() error {
	var l eventLine
	if err := r.strict(&l); err != nil {
		return err
	}
	e := Event{
		Client: Client(l.Client), Kind: EventKind(l.Event), Path: Path(l.Path), At: l.At,
		Place:      l.Place,
		Persistent: l.Persistent,
	}
	switch e.Kind {
	case EventCreated, EventDeleted, EventChanged, EventChildren, Reconnected, Unwatched:
	default:
		return r.wrong("event",
			`unknown event %q: write "created", "deleted", "changed", "children", "reconnected" or `+
				`"unwatched"`,
			l.Event)
	}
	e.Session, e.Zxid = r.number("session", l.Session), r.zxid("zxid", l.Zxid)
	r.record.Events = append(r.record.Events, e)
	return r.err
}

func (r *reading) belief() error {
	var l beliefLine
	if err := r.strict(&l); err != nil {
		return err
	}
	b := Belief{Client: Client(l.Client), Role: l.Belief, From: l.From, To: Infinity}
	if l.To != nil {
		b.To = *l.To
	}
	if b.To < b.From {
		return r.wrong("to", `the belief ends ("to") at %d, before it begins ("from") at %d`,
			b.To, b.From)
	}
	r.record.Beliefs = append(r.record.Beliefs, b)
	return nil
}

func (r *reading) access() error {
	var l accessLine
	if err := r.strict(&l); err != nil {
		return err
	}
	r.record.Accesses = append(r.record.Accesses, Access{
		Client: Client(l.Client), Resource: l.Access, Fenced: l.Fenced, At: l.At, Token: l.Token,
		Accepted: l.Accepted,
	})
	return nil
}

func (r *reading) node() error {
	var l nodeLine
	if err := r.strict(&l); err != nil {
		return err
	}
	if l.Node == "" || l.Node[0] != '/' {
		return r.wrong("node", "path %q does not begin with /", l.Node)
	}
	r.record.Initial = append(r.record.Initial,
		Node{Path: Path(l.Node), Data: either(l.Data, l.Data64), Version: l.Version,
			Creates: l.Creates})
	return nil
}

func either(text string, raw []byte) string {
	if raw != nil {
		return string(raw)
	}
	return text
}

// number reads the number of a session, such as 0x1a or 26; the empty text is 0. It stores an error
// in r.err, unless r.err has one already.
func (r *reading) number(key string, s numeral) Session {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(string(s), 0, 64)
	if (err != nil || n == 0) && r.err == nil {
		r.err = r.wrong(key, `%s %q: write a number above 0, such as "0x1a"`, key, s)
	}
	return Session(n)
}

// zxid reads an epoch and a counter, such as 1/10, or both in one number; the empty text is 0. It
// stores an error in r.err, unless r.err has one already.
func (r *reading) zxid(key string, s numeral) Zxid {
	if s == "" {
		return 0
	}
	if whole, err := strconv.ParseUint(string(s), 0, 63); err == nil && whole > 0 {
		return Zxid(whole) // as ZooKeeper's own tools print it
	}
	e, c, ok := strings.Cut(string(s), "/")
	epoch, err1 := strconv.ParseUint(e, 10, 31)
	counter, err2 := strconv.ParseUint(c, 10, 32)
	if (!ok || err1 != nil || err2 != nil) && r.err == nil {
		r.err = r.wrong(key, `%s %q: write epoch and counter, such as "1/10"`, key, s)
	}
	return Zxid(epoch<<32 | counter)
}

// nameSessions gives every client that names no session a session of its own.
func (r *reading) nameSessions() {
	taken := make(map[Session]bool)
	for i := range r.record.Ops {
		taken[r.record.Ops[i].Session] = true
	}
	own, next := make(map[Client]Session), Session(1)
	of := func(c Client, s *Session) {
		if *s != 0 {
			return
		}
		if own[c] == 0 {
			for taken[next] {
				next++
			}
			own[c] = next
			next++
		}
		*s = own[c]
	}
	for i := range r.record.Ops {
		of(r.record.Ops[i].Client, &r.record.Ops[i].Session)
	}
	for i := range r.record.Events {
		of(r.record.Events[i].Client, &r.record.Events[i].Session)
	}
	for i := range r.record.Marks {
		of(r.record.Marks[i].Client, &r.record.Marks[i].Session)
	}
}
