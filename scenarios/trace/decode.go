package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// headerJSON, eventJSON, patchJSON and endJSON have the form in which encoding/json reads a line.
type headerJSON struct {
	Schema string
	Engine struct{ Commit string }

	Scenario, Title, Seed string
	Actions               []string
	Config                json.RawMessage
	Nodes                 []struct{ ID, Kind, Home string }
	Why                   json.RawMessage
}

func (j *headerJSON) header() (h Header, err error) {
	if j.Schema != Schema {
		return h, fmt.Errorf("schema %q: must be %s: write the file again with zablab replay "+
			"--trace",
			j.Schema, Schema)
	}
	seed, err := strconv.ParseUint(j.Seed, 0, 64)
	if err != nil {
		return h, fmt.Errorf("seed %q: not a number: write the file again with zablab replay "+
			"--trace", j.Seed)
	}
	h = Header{Commit: j.Engine.Commit, Scenario: j.Scenario, Title: j.Title, Seed: seed,
		Actions: j.Actions}
	for _, n := range j.Nodes {
		h.Nodes = append(h.Nodes, Node{n.ID, n.Kind, n.Home})
	}
	err = pairs(j.Config, func(key string, value json.RawMessage) {
		s := Setting{Key: key}
		if json.Unmarshal(value, &s.Word) != nil {
			_ = json.Unmarshal(value, &s.Number) // a later version may add types: ignore them
		}
		h.Config = append(h.Config, s)
	})
	if err != nil {
		return h, fmt.Errorf("config: %w", err)
	}
	err = pairs(j.Why, func(key string, value json.RawMessage) {
		e := Explanation{Key: key}
		_ = json.Unmarshal(value, &e.Text)
		h.Why = append(h.Why, e)
	})
	if err != nil {
		return h, fmt.Errorf("why: %w", err)
	}
	return h, nil
}

// pairs calls the function each for every key of a JSON object, in the order of the file. A map
// would lose the order.
func pairs(object json.RawMessage, each func(key string, value json.RawMessage)) error {
	if len(object) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errors.New("not a JSON object: write the file again with zablab replay --trace")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		each(key.(string), value)
	}
	return nil
}

type eventJSON struct {
	I    int64
	T    int64
	N, K string
	C    *int64
	M    uint64
	Msg  *struct {
		To, Kind, Z string
		Ep          uint32
		Bytes       int
		At          int64
	}
	D    patchJSON
	Hash string
	Say  string

	Drawn, Why, Key string
}

type recordJSON struct{ Z, Op string }

type patchJSON struct {
	Role    string
	Ep      *uint32
	Ldr     *string
	Acc     *uint32
	Cur     *uint32
	Durable *string
	Log     *recordJSON
	Reload  *struct {
		Base string
		Log  []recordJSON
	}
	Com   *string
	Trunc *string
	Tree  [][]json.RawMessage
	Watch []string
	Sess  []struct {
		Open       bool
		ID, Client string
		Ms         int32
	}
	Belief *struct{ Lead bool }
	Groups [][]string
	Srv    *string
}

func (j *eventJSON) event() (Event, error) {
	e := Event{
		I: j.I, T: j.T, N: j.N, K: j.K, Cause: -1, M: j.M, Hash: j.Hash,
		Say: j.Say, Drawn: j.Drawn, Why: j.Why, Key: j.Key,
	}
	if j.C != nil {
		e.Cause = *j.C
	}
	if m := j.Msg; m != nil {
		e.Msg = &Message{To: m.To, Kind: m.Kind, Z: m.Z, Epoch: m.Ep, Bytes: m.Bytes, At: m.At}
	}
	err := j.D.patch(&e.Patch)
	return e, err
}

func (j *patchJSON) patch(p *Patch) error {
	*p = Patch{
		Role: j.Role, Epoch: j.Ep, Leader: j.Ldr, Acc: j.Acc, Cur: j.Cur, Durable: j.Durable,
		Com: j.Com, Trunc: j.Trunc, Groups: j.Groups, Server: j.Srv,
	}
	if j.Log != nil {
		p.Log = &Record{j.Log.Z, j.Log.Op}
	}
	if j.Reload != nil {
		p.Reload = &Reload{Base: j.Reload.Base}
		for _, r := range j.Reload.Log {
			p.Reload.Records = append(p.Reload.Records, Record(r))
		}
	}
	if len(j.Watch) == 3 {
		sign, path, client := j.Watch[0], j.Watch[1], j.Watch[2]
		p.Watch = &WatchChange{Set: sign == "+", All: sign == "x", Path: path, Client: client}
	}
	for _, s := range j.Sess {
		p.Sess = append(p.Sess, SessionChange{s.Open, s.Client, s.ID, s.Ms})
	}
	if j.Belief != nil {
		p.Belief = &j.Belief.Lead
	}
	for _, c := range j.Tree {
		if err := treeChange(c, p); err != nil {
			return err
		}
	}
	return nil
}

func treeChange(c []json.RawMessage, p *Patch) error {
	var verb, path string
	if len(c) == 0 || json.Unmarshal(c[0], &verb) != nil {
		return errors.New("tree change: the first word must be put, del or wipe: write the file " +
			"again with zablab replay --trace")
	}
	if verb == "wipe" {
		p.Wipe = true
		return nil
	}
	if len(c) < 2 || json.Unmarshal(c[1], &path) != nil {
		return fmt.Errorf("tree change: %s: the path is missing: write the file again with "+
			"zablab replay --trace", verb)
	}
	t := TreeChange{Path: path, Deleted: verb == "del"}
	if verb == "put" {
		var n struct {
			D, Own string
			V      int32
			Cz, Mz string
		}
		if len(c) < 3 || json.Unmarshal(c[2], &n) != nil {
			return fmt.Errorf("tree change: put %s: the content of the node is missing: write "+
				"the file again with zablab replay --trace", path)
		}
		t.Data, t.Owner, t.Version, t.Cz, t.Mz = n.D, n.Own, n.V, n.Cz, n.Mz
	}
	p.Tree = append(p.Tree, t)
	return nil
}

type endJSON struct {
	T           int64
	Events      int64
	Fingerprint string
	Ops         []struct {
		C, F, In string
		Call     int64
		Ret, Ap  *int64
		St, Z    string
	}
	Invariants []struct {
		Name, Result       string
		Idle, Allowed, Bad bool
		Text               string
	}
	Drawn  []diagramJSON
	Broken []brokenJSON
	Asks   []askJSON
	Record []json.RawMessage
	Cut    *struct {
		SHA256           string
		From, To, Events int64
	}
	SHA256 string
}

// end converts the end line. The operations' indices stay as in the file.
func (j *endJSON) end() (e End, err error) {
	e = End{T: j.T, Events: j.Events, Record: j.Record}
	if e.Fingerprint, err = strconv.ParseUint(j.Fingerprint, 16, 64); err != nil {
		return e, fmt.Errorf("fingerprint %q: not a hexadecimal number: write the file again "+
			"with zablab replay --trace", j.Fingerprint)
	}
	for _, o := range j.Ops {
		op := Op{Client: o.C, What: o.F, Path: o.In, Call: o.Call, Return: -1, Status: o.St,
			Z: o.Z, Apply: -1}
		if o.Ret != nil {
			op.Return = *o.Ret
		}
		if o.Ap != nil {
			op.Apply = *o.Ap
		}
		e.Ops = append(e.Ops, op)
	}
	for _, c := range j.Invariants {
		e.Invariants = append(e.Invariants, Check(c))
	}
	for i := range j.Drawn {
		e.Drawn = append(e.Drawn, j.Drawn[i].diagram())
	}
	for _, x := range j.Broken {
		e.Broken = append(e.Broken, Broken{x.Name, x.Text, x.I})
	}
	for _, x := range j.Asks {
		e.Asks = append(e.Asks, Ask{x.At, x.Q, x.Options, x.Answer, x.I})
	}
	if c := j.Cut; c != nil {
		e.Cut = &Origin{SHA256: c.SHA256, From: c.From, To: c.To, Events: c.Events}
	}
	return e, nil
}
