package linearizability

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// The kinds of lines of a file, each with its keys. A missing key means unknown.
type (
	opLine struct {
		Client     string      `json:"client,omitempty"`
		Session    numeral     `json:"session,omitempty"`
		Op         string      `json:"op"`
		Path       string      `json:"path,omitempty"`
		Data       string      `json:"data,omitempty"`
		Data64     []byte      `json:"data64,omitempty"`
		Version    *int32      `json:"version,omitempty"`
		Ephemeral  bool        `json:"ephemeral,omitempty"`
		Sequential bool        `json:"sequential,omitempty"`
		Watch      bool        `json:"watch,omitempty"`
		Mode       string      `json:"mode,omitempty"`
		Token      int64       `json:"token,omitempty"`
		ACL        []grantLine `json:"acl,omitempty"`
		Who        []string    `json:"who,omitempty"`
		Ops        []opLine    `json:"ops,omitempty"`
		Call       *int64      `json:"call,omitempty"`
		Return     *int64      `json:"return,omitempty"`
		Outcome    string      `json:"outcome,omitempty"`
		Code       string      `json:"code,omitempty"`
		Result     *resultLine `json:"result,omitempty"`
		Zxid       numeral     `json:"zxid,omitempty"`
		Txn        numeral     `json:"txn,omitempty"`
		Place      int64       `json:"place,omitempty"`
		CallPlace  int64       `json:"call_place,omitempty"`
	}
	resultLine struct {
		Path     string      `json:"path,omitempty"`
		Data     string      `json:"data,omitempty"`
		Data64   []byte      `json:"data64,omitempty"`
		Children *[]string   `json:"children,omitempty"`
		Deleted  *[]string   `json:"deleted,omitempty"`
		Token    int64       `json:"token,omitempty"`
		Stat     *statLine   `json:"stat,omitempty"`
		ACL      []grantLine `json:"acl,omitempty"`
		Number   int64       `json:"number,omitempty"`
	}
	grantLine struct {
		Perms  string `json:"perms"`
		Scheme string `json:"scheme"`
		ID     string `json:"id"`
	}
	statLine struct {
		Version int32     `json:"version"`
		Czxid   numeral   `json:"czxid,omitempty"`
		Mzxid   numeral   `json:"mzxid,omitempty"`
		Owner   numeral   `json:"owner,omitempty"`
		More    *moreLine `json:"more,omitempty"`
	}
	moreLine struct {
		Cversion int32   `json:"cversion"`
		Aversion int32   `json:"aversion"`
		Pzxid    numeral `json:"pzxid,omitempty"`
		Length   int     `json:"length"`
		Children int     `json:"children"`
	}
	eventLine struct {
		Event      string  `json:"event"`
		Client     string  `json:"client"`
		Session    numeral `json:"session,omitempty"`
		Path       string  `json:"path,omitempty"`
		At         int64   `json:"at"`
		Place      int64   `json:"place,omitempty"`
		Zxid       numeral `json:"zxid,omitempty"`
		Persistent bool    `json:"persistent,omitempty"`
	}
	beliefLine struct {
		Belief string `json:"belief"`
		Client string `json:"client"`
		From   int64  `json:"from"`
		To     *int64 `json:"to,omitempty"`
	}
	accessLine struct {
		Access   string `json:"access"`
		Client   string `json:"client"`
		At       int64  `json:"at"`
		Token    int64  `json:"token"`
		Fenced   bool   `json:"fenced,omitempty"`
		Accepted bool   `json:"accepted"`
	}
	nodeLine struct {
		Node    string `json:"node"`
		Data    string `json:"data,omitempty"`
		Data64  []byte `json:"data64,omitempty"`
		Version int32  `json:"version,omitempty"`
		Creates int32  `json:"creates,omitempty"`
	}
)

// numeral is a session or a zxid, written as a string or a number.
type numeral string

// UnmarshalJSON accepts a string or a number.
func (n *numeral) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '"' && string(b) != "null" {
		*n = numeral(b)
		return nil
	}
	return json.Unmarshal(b, (*string)(n))
}

// WriteRecord writes a record in the form that [ReadRecord] reads.
func WriteRecord(out io.Writer, r *Record) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "{\"schema\":%q}\n", Schema)
	for _, line := range r.Lines() {
		_, _ = w.Write(append(line, '\n')) // Flush has the error
	}
	return w.Flush()
}

// Lines returns the record as lines of JSON, without the schema's line and without newlines.
func (r *Record) Lines() (lines [][]byte) {
	add := func(v any) {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(v) // of our own types, which JSON can represent
		lines = append(lines, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	}
	for _, n := range r.Initial {
		l := nodeLine{Node: string(n.Path), Version: n.Version, Creates: n.Creates}
		l.Data, l.Data64 = text(n.Data)
		add(l)
	}
	for i := range r.Ops {
		add(lineOf(&r.Ops[i], true))
	}
	for _, e := range r.Events {
		add(eventLine{
			string(e.Kind), string(e.Client), hexSession(e.Session), string(e.Path), e.At, e.Place,
			decimal(e.Zxid), e.Persistent,
		})
	}
	for _, b := range r.Beliefs {
		l := beliefLine{Belief: b.Role, Client: string(b.Client), From: b.From}
		if b.To != Infinity {
			l.To = &b.To
		}
		add(l)
	}
	for _, a := range r.Accesses {
		add(accessLine{a.Resource, string(a.Client), a.At, a.Token, a.Fenced, a.Accepted})
	}
	for i := range r.Recipes {
		add(lineOfRecipe(&r.Recipes[i]))
	}
	for i := range r.Marks {
		add(lineOfMark(&r.Marks[i]))
	}
	if r.FaultFree.Within > 0 {
		add(calmLine{r.FaultFree.From, r.FaultFree.Within})
	}
	for i := range r.Lives {
		add(lineOfLife(&r.Lives[i]))
	}
	return lines
}

// lineOf returns the line of an operation if whole is true, and otherwise the object of a part of a
// multi.
func lineOf(op *Operation, whole bool) opLine {
	l := opLine{
		Op: string(op.Kind), Path: string(op.Path), Ephemeral: op.Ephemeral,
		Sequential: op.Sequential,
		Watch:      op.Watch, Mode: string(op.Mode), Token: op.Token, Outcome: string(op.Outcome),
		Code: string(op.Code), Zxid: decimal(op.Zxid),
		Txn: decimal(op.Txn), Place: op.Place, CallPlace: op.CallPlace,
		Session: hexSession(op.Session),
		Client:  string(op.Client), ACL: grantLines(op.ACL), Who: op.Who,
	}
	l.Data, l.Data64 = text(op.Data)
	if op.Version != AnyVersion {
		l.Version = &op.Version
	}
	if whole {
		l.Call = &op.Call
		if op.Outcome != Unknown {
			l.Return = &op.Return
		}
	}
	for i := range op.Ops {
		l.Ops = append(l.Ops, lineOf(&op.Ops[i], false))
	}
	l.Result = resultOf(&op.Result)
	return l
}

func resultOf(r *Result) *resultLine {
	l := resultLine{Path: string(r.Path), Token: r.Token, ACL: grantLines(r.ACL), Number: r.Number}
	known := l.Path != "" || l.Token != 0 || r.Data != "" || r.ACL != nil || r.Number != 0
	l.Data, l.Data64 = text(r.Data)
	if r.Children != nil {
		l.Children, known = &r.Children, true
	}
	if r.Deleted != nil {
		list := make([]string, len(r.Deleted))
		for i, p := range r.Deleted {
			list[i] = string(p)
		}
		l.Deleted, known = &list, true
	}
	if s := r.Stat; s != nil {
		l.Stat, known = &statLine{s.Version, decimal(s.Czxid), decimal(s.Mzxid),
			hexSession(s.Owner), nil}, true
		if m := s.More; m != nil {
			l.Stat.More = &moreLine{m.Cversion, m.Aversion, decimal(m.Pzxid), m.Length, m.Children}
		}
	}
	if !known {
		return nil
	}
	return &l
}

func grantLines(list []Grant) (lines []grantLine) {
	for _, g := range list {
		lines = append(lines, grantLine(g))
	}
	return lines
}

// text returns a string in a form that JSON can represent: the string itself, or its bytes.
func text(s string) (string, []byte) {
	if utf8.ValidString(s) {
		return s, nil
	}
	return "", []byte(s)
}

func decimal(z Zxid) numeral {
	if z == 0 {
		return ""
	}
	return numeral(z.String())
}

func hexSession(s Session) numeral {
	if s == 0 {
		return ""
	}
	return numeral("0x" + strconv.FormatUint(uint64(s), 16))
}
