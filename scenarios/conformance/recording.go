package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/tree"
)

// Recording has sequences of requests, with the answers of a real server.
type Recording struct {
	Name  string
	order []string
	steps map[string][]*step
}

// Sequences returns the number of sequences.
func (r *Recording) Sequences() int { return len(r.order) }

// Steps returns the number of steps in all sequences.
func (r *Recording) Steps() (n int) {
	for _, name := range r.order {
		n += len(r.steps[name])
	}
	return n
}

// step is one line of a recording.
type step struct {
	Seq, Sess, Op string
	N             int
	Args          args
	Err           *int32
	Zxid          int64
	Res           json.RawMessage
	Events        []string

	line int
	op   tree.Op // if the step is a request
}

// args are a step's arguments. Each operation uses some of them and ignores the others.
type args struct {
	Op           string // the operation, in a part of a multi
	Path         string
	Data         json.RawMessage // text, "base64:…" or null; for setWatches, a list of paths
	ACL          json.RawMessage // world:anyone:cdrwa, or a list
	Flags        int32
	Version      int32
	Watch        bool
	Mode, Type   int32
	Scheme, Auth string
	Exist, Child []string
	RelativeZxid int64
	Ops          []args

	Timeout      int32 // ms
	Of           string
	BadPassword  bool
	LastZxidSeen int64
	Ms           int64
	Sessions     string
}

// longestLine is the length of the longest line in bytes: a node may have a megabyte of data.
const longestLine = 4 << 20

// Read reads a recording; name is the name of the file, for error messages. An error in a line is a
// [*diagram.Error].
func Read(name string, in io.Reader) (*Recording, error) {
	r := &Recording{Name: name, steps: make(map[string][]*step)}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	n := 0
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		s, err := readStep(lines.Bytes())
		if err == nil && s.Sess != "" && !begins(s) && !r.begun(s) {
			err = fmt.Errorf("%s: session %s is not connected: connect or resume it first",
				s.Op, s.Sess)
		}
		if err != nil {
			return nil, formatError(name, n, err.Error())
		}
		s.line = n
		if r.steps[s.Seq] == nil {
			r.order = append(r.order, s.Seq)
		}
		r.steps[s.Seq] = append(r.steps[s.Seq], s)
	}
	switch {
	case lines.Err() != nil:
		return nil, fmt.Errorf("read %s: line %d: %w", name, n+1, lines.Err())
	case n == 0 || len(r.order) == 0:
		return nil, formatError(name, 1, "the recording has no steps")
	}
	return r, nil
}

func formatError(name string, line int, message string) error {
	return &diagram.Error{File: name, Line: line, Column: 1,
		Message: message + ": for the format see go doc ./scenarios/conformance"}
}

func begins(s *step) bool { return s.Op == "connect" || s.Op == "resume" }

// begun is true if an earlier step connected the session.
func (r *Recording) begun(s *step) bool {
	for _, old := range r.steps[s.Seq] {
		if begins(old) && old.Sess == s.Sess {
			return true
		}
	}
	return false
}

func readStep(line []byte) (*step, error) {
	s := new(step)
	if err := json.Unmarshal(line, s); err != nil {
		return nil, err
	}
	switch {
	case s.Seq == "":
		return nil, errors.New(`the key "seq" is missing`)
	case skipped[s.Op] != "":
		return s, nil
	}
	switch s.Op {
	case "serverKill9", "serverStart", "sleepPinging":
		return s, nil
	}
	if s.Sess == "" {
		return nil, fmt.Errorf(`%s: the key "sess" is missing`, s.Op)
	}
	switch s.Op {
	case "connect", "resume", "dropTCP", "collectEvents":
		return s, nil
	}
	var err error
	if s.op, err = operation(s.Op, &s.Args); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Op, err)
	}
	return s, nil
}

var opCodes = map[string]tree.OpCode{
	"create": tree.OpCreate, "create2": tree.OpCreate2, "delete": tree.OpDelete,
	"createContainer": tree.OpCreateContainer, "createTTL": tree.OpCreateTTL,
	"whoAmI": tree.OpWhoAmI,
	"exists": tree.OpExists, "getData": tree.OpGetData, "setData": tree.OpSetData,
	"getACL": tree.OpGetACL, "setACL": tree.OpSetACL, "getChildren": tree.OpGetChildren,
	"getChildren2": tree.OpGetChildren2, "sync": tree.OpSync, "ping": tree.OpPing,
	"check": tree.OpCheck, "multi": tree.OpMulti, "multiRead": tree.OpMultiRead,
	"addAuth": tree.OpAuth, "setWatches": tree.OpSetWatches, "addWatch": tree.OpAddWatch,
	"removeWatches": tree.OpRemoveWatches, "checkWatches": tree.OpCheckWatches,
	"getAllChildrenNumber": tree.OpGetAllChildrenNumber, "closeSession": tree.OpCloseSession,
}

// defaultTTL is the time to live of a createTTL, in ms: recordings omit it.
const defaultTTL = 60_000

// operation returns the operation of a step, or of one part of a multi.
func operation(name string, a *args) (op tree.Op, err error) {
	code, ok := opCodes[name]
	if !ok {
		return op, fmt.Errorf("unknown operation %q: use an operation of ZooKeeper, such as "+
			"create, getData or multi", name)
	}
	op = tree.Op{
		Type: code, Path: a.Path, Flags: tree.CreateMode(a.Flags), Version: a.Version,
		Watch: a.Watch, WatchMode: tree.AddWatchMode(a.Mode), WatcherType: tree.WatcherType(a.Type),
		Scheme: a.Scheme,
	}
	if a.Auth != "" {
		op.Data = []byte(a.Auth)
	}
	if code == tree.OpSetWatches {
		op.SetWatches = &tree.SetWatches{
			RelativeZxid: a.RelativeZxid, Exist: a.Exist, Child: a.Child,
		}
		return op, unmarshal("data", a.Data, &op.SetWatches.Data)
	}
	if len(a.Data) > 0 {
		var text *string
		if err := unmarshal("data", a.Data, &text); err != nil {
			return op, err
		}
		if op.Data, err = bytesOf(text); err != nil {
			return op, err
		}
	}
	if op.ACL, err = aclOf(a.ACL); err != nil {
		return op, err
	}
	if code == tree.OpCreateContainer || code == tree.OpCreateTTL {
		if op.Data == nil {
			op.Data = []byte{}
		}
		if op.ACL == nil {
			op.ACL = tree.OpenACL
		}
		op.TTL = defaultTTL
	}
	for i := range a.Ops {
		part := &a.Ops[i]
		if skipped[part.Op] != "" {
			continue // Replay skips the whole step
		}
		sub, err := operation(part.Op, part)
		if err != nil {
			return op, fmt.Errorf("part %d: %w", i+1, err)
		}
		switch { // recordings omit the default mode, data and ACL of a part
		case code == tree.OpMulti && sub.Type == tree.OpCreateContainer:
			sub.Flags = tree.Container
		case code == tree.OpMulti && sub.Type == tree.OpCreateTTL:
			sub.Flags = tree.PersistentTTL
		case len(part.Data) == 0:
			sub.Data = []byte("m")
		}
		if len(part.ACL) == 0 {
			sub.ACL = tree.OpenACL
		}
		op.Ops = append(op.Ops, sub)
	}
	return op, nil
}

func unmarshal(key string, data json.RawMessage, v any) error {
	if len(data) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// aclOf reads an ACL: a list, or the name world:anyone:cdrwa.
func aclOf(data json.RawMessage) (acl []tree.ACL, err error) {
	if len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	if data[0] == '"' {
		if string(data) != `"world:anyone:cdrwa"` {
			return nil, fmt.Errorf("no ACL is called %s: write a list of objects with the keys "+
				"perms, scheme and id, or \"world:anyone:cdrwa\"", data)
		}
		return tree.OpenACL, nil
	}
	var list []struct {
		Perms      int32
		Scheme, ID string
	}
	if err := unmarshal("acl", data, &list); err != nil {
		return nil, err
	}
	acl = []tree.ACL{}
	for _, a := range list {
		acl = append(acl, tree.ACL{Perms: a.Perms, Scheme: a.Scheme, ID: a.ID})
	}
	return acl, nil
}

// skipped lists the operations that the simulated server does not support, each with the reason.
var skipped = map[string]string{
	"fourLetterWord": "four-letter words are not supported",
}

// parentOf returns the path of the parent, or "" for a path without a slash.
func parentOf(path string) string {
	i := strings.LastIndexByte(path, '/')
	switch {
	case i < 0:
		return ""
	case i == 0:
		return "/"
	}
	return path[:i]
}
