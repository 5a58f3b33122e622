package linearizability

import (
	"fmt"
	"strconv"
	"strings"
)

// String returns the operation and its outcome in words: "A: create /leader (ephemeral): node
// exists".
func (op *Operation) String() string {
	who := string(op.Client)
	if who != "" {
		who += ": "
	}
	return who + op.asked() + op.answered()
}

func (op *Operation) asked() string {
	switch op.Kind {
	case Create:
		return op.creation()
	case Set:
		return "set " + string(op.Path) + " to " + word(op.Data) + version(op.Version)
	case Delete:
		return "delete " + string(op.Path) + version(op.Version)
	case CheckVersion:
		return "check " + string(op.Path) + version(op.Version)
	case CloseSession:
		return "session " + session(op.Session) + " closes"
	case AddWatch:
		return "watch " + string(op.Path) + " (" + string(op.Mode) + ")"
	case RemoveWatches:
		return "remove watches on " + string(op.Path) + " (mode " + string(op.Mode) + ")"
	case CheckWatches:
		return "check for watches on " + string(op.Path) + " (mode " + string(op.Mode) + ")"
	case SetACL:
		return "setACL " + string(op.Path) + " to " + grants(op.ACL) + version(op.Version)
	case Multi:
		parts := make([]string, len(op.Ops))
		for i := range op.Ops {
			parts[i] = op.Ops[i].asked()
		}
		return "all of: " + strings.Join(parts, "; ")
	case Use:
		return "use the resource that lock " + string(op.Path) + " guards, with token " +
			Zxid(op.Token).either()
	}
	return string(op.Kind) + " " + string(op.Path)
}

func (op *Operation) creation() string {
	s := "create " + string(op.Path)
	if op.Data != "" {
		s += " = " + word(op.Data)
	}
	if op.ACL != nil {
		s += " for " + grants(op.ACL)
	}
	switch {
	case op.Ephemeral && op.Sequential:
		s += " (ephemeral, sequential)"
	case op.Ephemeral:
		s += " (ephemeral)"
	case op.Sequential:
		s += " (sequential)"
	}
	return s
}

func (op *Operation) answered() string {
	switch op.Outcome {
	case Failed:
		if op.Code == noCode {
			return ": failed"
		}
		return ": " + string(op.Code)
	case Unknown:
		return ": no answer"
	}
	r := &op.Result
	var told []string
	switch {
	case op.Kind == Acquire && r.Token != 0:
		told = append(told, "token "+Zxid(r.Token).either())
	case op.Kind == Get || op.Kind == Holder:
		told = append(told, word(r.Data))
	case op.Kind == GetACL:
		told = append(told, grants(r.ACL))
	case op.Kind == Descendants:
		told = append(told, strconv.FormatInt(r.Number, 10))
	case op.Kind == Children || op.Kind == Ephemerals:
		told = append(told, "["+strings.Join(r.Children, " ")+"]")
	case op.Kind == Create && op.Sequential && r.Path != "":
		told = append(told, string(r.Path))
	case op.Kind == CloseSession && len(r.Deleted) > 0:
		for _, p := range r.Deleted {
			told = append(told, "deletes "+string(p))
		}
	default:
		told = append(told, "ok")
	}
	if r.Stat != nil {
		told = append(told, r.Stat.String())
	}
	return ": " + strings.Join(told, ", ")
}

// String prints the known fields: "version 3, czxid 1/4".
func (s *Stat) String() string {
	text := "version " + strconv.Itoa(int(s.Version))
	if s.Czxid != 0 {
		text += ", czxid " + s.Czxid.String()
	}
	if s.Mzxid != 0 {
		text += ", mzxid " + s.Mzxid.String()
	}
	if s.Owner != 0 {
		text += ", owner " + session(s.Owner)
	}
	return text
}

// grants lists an ACL: "[world:anyone:r digest:alice:hash:rw]".
func grants(list []Grant) string {
	words := make([]string, len(list))
	for i, g := range list {
		words[i] = g.String()
	}
	return "[" + strings.Join(words, " ") + "]"
}

func version(v int32) string {
	if v == AnyVersion {
		return ""
	}
	return " at version " + strconv.Itoa(int(v))
}

func session(s Session) string { return fmt.Sprintf("0x%x", int64(s)) }

// word returns data in readable form: quoted where necessary, and cut if long.
func word(data string) string {
	const most = 40
	if len(data) > most {
		return strconv.Quote(data[:most]) + fmt.Sprintf("… (%d bytes)", len(data))
	}
	odd := func(r rune) bool { return r <= ' ' || r == '"' || r > '~' }
	if data == "" || strings.ContainsFunc(data, odd) {
		return strconv.Quote(data)
	}
	return data
}

// String lists the nodes: "/leader = A (session 0x1), /x = 5 version 2".
func (s *state) String() string {
	var nodes []string
	for _, n := range s.nodes {
		if n.path == "/" {
			continue
		}
		text := string(n.path)
		if n.data != "" {
			text += " = " + word(n.data)
		}
		if n.version != 0 {
			text += version(n.version)
		}
		if n.owner != 0 {
			text += " (session " + session(n.owner) + ")"
		}
		nodes = append(nodes, text)
	}
	if len(nodes) == 0 {
		return "no nodes"
	}
	return strings.Join(nodes, ", ")
}

func (r register) String() string {
	if !r.present {
		return "nothing"
	}
	return word(r.data)
}
