package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Contents are the parts of a message between servers that its arrow shows, such as an epoch.
type Contents struct {
	ZxidLoose bool           // the zxid is not written as 1/3: it may differ from the run's
	ZxidFree  bool           // its counter may begin anywhere: zxid=42, 10.5
	Change    tree.EventType // a proposal's change of its node; 0 if the text does not say
	Epoch     uint32         // of a vote
	HasEpoch  bool
	Round     uint64 // of a vote
	HasRound  bool
}

// contents reads the parts of a message that an arrow between servers shows: a zxid in any
// notation; the proposed leader, epoch and round of a vote; the change of a node that a proposal
// makes.
func (a *Act) contents() {
	pairs := pairsIn(a.Text)
	if z, loose, ok := zxidOf(a.Text, pairs); ok {
		a.Zxid, a.HasZxid, a.ZxidLoose = z, true, loose
	}
	a.shortHex(pairs)
	a.ZxidFree = a.ZxidLoose && a.free()
	a.Change = changeIn(a.words())
	if a.Packet != "NOTIFICATION" {
		return
	}
	if a.VoteFor == 0 {
		a.VoteFor = candidate(a.Text, pairs)
	}
	defer a.placeholder(pairs)
	if _, rest, ok := strings.Cut(a.Text, "("); ok && a.VoteFor == 0 { // Vote(S1, zxid=5)
		name, _, _ := strings.Cut(rest, ",")
		name, _, _ = strings.Cut(name, ")")
		if name = strings.ToUpper(strings.TrimSpace(name)); strings.HasPrefix(name, "S") {
			a.VoteFor, _ = serverID(name)
		}
	}
	if first, second, ok := tuple(a.Text); ok {
		if id, ok := serverID(first); ok && a.VoteFor == 0 {
			a.VoteFor = id
			if z, loose, ok := parseZxid(second); ok && !a.HasZxid {
				a.Zxid, a.HasZxid, a.ZxidLoose = z, true, loose
			}
		}
	}
	for _, p := range pairs {
		n, ok := number(p.value)
		switch p.key {
		case "epoch", "peerepoch", "peer_epoch":
			a.Epoch, a.HasEpoch = n, ok
		case "round", "electionepoch", "logicalclock":
			a.Round, a.HasRound = uint64(n), ok
		}
	}
}

// placeholder removes the zxid of a vote that is only a name: zxid2, in a vote for S2. A name that
// has a value, and one beside another zxid, is none.
func (a *Act) placeholder(pairs []pair) {
	name := fmt.Sprintf("zxid%d", a.VoteFor)
	at := slices.IndexFunc(a.words(), func(w word) bool { return w.is == name })
	if a.VoteFor == 0 || !a.HasZxid || at < 0 {
		return
	}
	text := strings.ToLower(a.Text)
	_, rest, _ := strings.Cut(text, name)
	rest = strings.TrimLeft(rest, " ")
	if rest != "" && strings.IndexByte("=:(<[0123456789", rest[0]) >= 0 ||
		strings.HasPrefix(rest, "is ") ||
		strings.Count(text, "zxid") > 1 || strings.Contains(text, "0x") ||
		slices.ContainsFunc(pairs, func(p pair) bool { return strings.HasSuffix(p.key, "zxid") }) {
		return
	}
	a.Zxid, a.HasZxid, a.ZxidLoose, a.ZxidFree = 0, false, false, false
	a.beside("%s is not checked: it only names the zxid of S%d and has no value", name, a.VoteFor)
}

// shortHex reads a zxid in hexadecimal that is too short for an epoch, if the text gives the epoch
// and the number begins with it: epoch=3, zxid=0x30005 is 3/5.
func (a *Act) shortHex(pairs []pair) {
	if !a.ZxidLoose || a.Zxid.Epoch() != 0 || !strings.Contains(strings.ToLower(a.Text), "0x") {
		return
	}
	digits := strconv.FormatUint(uint64(a.Zxid), 16)
	for _, p := range pairs {
		e, ok := number(p.value)
		rest, begins := strings.CutPrefix(digits, strconv.FormatUint(uint64(e), 16))
		if p.key != "epoch" || !ok || e == 0 || !begins || len(rest) < 2 {
			continue
		}
		if n, err := strconv.ParseUint(rest, 16, 32); err == nil {
			a.Zxid = zab.MakeZxid(e, uint32(n))
		}
		return
	}
}

// free says whether a zxid is written as a counter alone, or as 10.5 or <10,5>.
func (a *Act) free() bool {
	text := strings.ReplaceAll(strings.ToLower(a.Text), " ", "")
	epoch, counter := a.Zxid.Epoch(), a.Zxid.Counter()
	return !strings.Contains(text, "0x") && (epoch == 0 ||
		strings.Contains(text, fmt.Sprintf("%d.%d", epoch, counter)) ||
		strings.Contains(text, fmt.Sprintf("<%d,%d>", epoch, counter)))
}

// bareZxid reads a number directly after a message's name as its zxid: ACK 42, COMMIT 10.5. A
// number in front of other words is something else: ACK 2 of 3.
func (a *Act) bareZxid(rest []word) {
	if len(rest) == 0 || len(rest) > 1 && !rest[1].fresh ||
		strings.Trim(rest[0].is, "0123456789.") != "" {
		return
	}
	if z, loose, ok := parseZxid(rest[0].is); ok {
		a.Zxid, a.HasZxid, a.ZxidLoose = z, true, loose
		a.ZxidFree = a.free()
	}
}

// orElse returns the other names that a text gives a message, as in DIFF or SNAP. from is the index
// after the first name.
func orElse(words []word, from int) (others []string) {
	for i := max(from, 1); i+1 < len(words) && words[i].is == "or"; i += 2 {
		_, name := packets.at(words[i+1:])
		if name == "" {
			break
		}
		others = append(others, name)
	}
	return others
}

// pair is a key and its value: zxid=0x100, leader: 2.
type pair struct{ key, value string }

// pairsIn returns the keys and values in a text, in lower case.
func pairsIn(text string) (list []pair) {
	text = strings.ToLower(text)
	for i := 0; i < len(text); i++ {
		if text[i] != '=' && text[i] != ':' {
			continue
		}
		key := strings.TrimRight(text[:i], " ")
		from := len(key)
		for from > 0 && (isLetter(key[from-1]) || key[from-1] == '_') {
			from--
		}
		value := strings.TrimLeft(text[i+1:], " ")
		to, deep := 0, 0
		for to < len(value) {
			c := value[to]
			if c == '(' || c == '<' {
				deep++
			}
			if deep == 0 && strings.IndexByte(" ,;)>]}", c) >= 0 {
				break
			}
			if to++; c == ')' || c == '>' {
				break
			}
		}
		if from < len(key) && to > 0 {
			list = append(list, pair{key[from:], strings.Trim(value[:to], `"'`)})
		}
	}
	return list
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// zxidOf finds a zxid in a text: after zxid=, as 0x100000003, or as (1, 3) or <1,3> after the word
// zxid. loose is true if the zxid is not written as 1/3.
func zxidOf(text string, pairs []pair) (z zab.Zxid, loose, ok bool) {
	for _, p := range pairs {
		if p.key == "zxid" || p.key == "lastzxid" || p.key == "proposedzxid" {
			if z, loose, ok := parseZxid(p.value); ok {
				return z, loose, ok
			}
		}
	}
	low := strings.ToLower(text)
	if i := strings.Index(low, "0x"); i >= 0 {
		to := i + 2
		for to < len(low) && strings.IndexByte("0123456789abcdef", low[to]) >= 0 {
			to++
		}
		return parseZxid(low[i:to])
	}
	if _, rest, cut := strings.Cut(low, "zxid"); cut {
		rest = strings.TrimLeft(afterName(rest), " =:")
		if i := strings.IndexAny(rest, ")>"); i > 0 && strings.IndexByte("(<", rest[0]) >= 0 {
			return parseZxid(rest[:i+1])
		}
		word, _, _ := strings.Cut(rest, " ")
		return parseZxid(strings.TrimRight(word, ",.;)]"))
	}
	return 0, false, false
}

// afterName removes the number from a name such as zxid3, if a value follows: zxid3 = 77.
func afterName(rest string) string {
	value := strings.TrimLeft(strings.TrimLeft(rest, "0123456789"), " ")
	if is, ok := strings.CutPrefix(value, "is "); ok {
		return is
	}
	if strings.HasPrefix(value, "=") || strings.HasPrefix(value, ": ") {
		return value
	}
	return rest
}

// parseZxid reads a zxid: 1/3, 0x100000003, (1,3), <1,3>, 1:3, or a counter alone.
func parseZxid(s string) (z zab.Zxid, loose, ok bool) {
	s = strings.Trim(s, "()<>[] ")
	if hex, is := strings.CutPrefix(strings.ToLower(s), "0x"); is {
		n, err := strconv.ParseUint(hex, 16, 64)
		return zab.Zxid(n), true, err == nil
	}
	for _, sep := range []string{"/", ",", ":", "."} {
		if e, c, cut := strings.Cut(s, sep); cut {
			epoch, ok1 := number(strings.TrimSpace(e))
			counter, ok2 := number(strings.TrimSpace(c))
			return zab.MakeZxid(epoch, counter), sep != "/", ok1 && ok2
		}
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return zab.Zxid(n), true, err == nil
}

// tuple returns the two values of a vote that is written as (2, 0x5) or <2,5>.
func tuple(text string) (first, second string, ok bool) {
	for i := 0; i < len(text); i++ {
		end := map[byte]byte{'(': ')', '<': '>', '[': ']'}[text[i]]
		if end == 0 {
			continue
		}
		inner, _, cut := strings.Cut(text[i+1:], string(end))
		parts := strings.Split(inner, ",")
		if cut && len(parts) >= 2 && !strings.ContainsAny(inner, "=:") {
			return strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1]), true
		}
	}
	return "", "", false
}

// candidate returns the server that a vote proposes as leader, from a pair such as leader=2; 0
// without such a pair.
func candidate(text string, pairs []pair) zab.ID {
	for _, p := range pairs {
		switch p.key {
		case "leader", "proposedleader", "proposed_leader", "sid", "myid", "id", "server",
			"candidate", "vote":
			if id, ok := serverID(p.value); ok {
				return id
			}
		}
	}
	return 0
}

// candidate finds the server that a vote is for by a name that is not the lab's: node_0, server 3.
func (c *compiler) candidate(a *Act) {
	if a.Packet != "NOTIFICATION" {
		return
	}
	var values []string
	for _, p := range pairsIn(a.Text) {
		switch p.key {
		case "leader", "proposedleader", "proposed_leader", "candidate", "vote":
			values = append(values, p.value)
		}
	}
	if first, _, ok := tuple(a.Text); ok {
		values = append(values, first)
	}
	for _, v := range values {
		words := nameWords(v)
		if len(words) < 2 || !serverNouns[words[0]] && words[0] != "server" {
			continue
		}
		for _, name := range c.cast.Order {
			short := c.cast.short[c.cast.Drawn(name)]
			if isServer(name) && hasNumber(short) && numberIn(short) == numberIn(words) {
				a.VoteFor = zab.ID(name[1] - '0')
				return
			}
		}
	}
}

// hasNumber says whether a name has a number.
func hasNumber(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { _, ok := number(w); return ok })
}

// serverID reads the number of a server: 2, S2 or server2.
func serverID(s string) (zab.ID, bool) {
	s = strings.TrimPrefix(strings.ToUpper(s), "SERVER")
	s = strings.TrimPrefix(s, "S")
	if len(s) == 1 && s[0] >= '1' && s[0] <= '9' {
		return zab.ID(s[0] - '0'), true
	}
	return 0, false
}

// changeIn returns the change that a transaction makes to its node, or 0 if the text does not say.
func changeIn(words []word) tree.EventType {
	for _, w := range words {
		switch w.is {
		case "create", "creates":
			return tree.NodeCreated
		case "delete", "deletes":
			return tree.NodeDeleted
		case "set", "sets", "setdata":
			return tree.NodeDataChanged
		}
	}
	return 0
}
