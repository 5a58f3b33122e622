package script

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Vocabulary is the words that one kind of line may use, from the parser's tables.
type Vocabulary struct {
	Where string `json:"where"` // the kind of line
	Terms []Term `json:"terms"`
}

// Term is one meaning, with all phrases that have this meaning.
type Term struct {
	Means   string   `json:"means"`
	Phrases []string `json:"phrases"` // all phrases with this meaning
}

// Vocabularies returns all words that documents may use, for the author's guide. The words come
// from the parser's tables, so that the guide lists exactly what the parser reads.
func Vocabularies() []Vocabulary {
	return []Vocabulary{
		{"A solid arrow from a client: a call", callTerms()},
		{"A solid arrow from a client: a heartbeat (these phrases take precedence over those of calls)",
			[]Term{{"the client is connected, and its session is alive", alive}}},
		{"A dashed arrow to a client: an answer", answerTerms()},
		{"A dashed arrow to a client: a notification", noticeTerms()},
		{"A note over a participant: a fault", faultTerms()},
		{"A note: a fault as --fault takes it, but without the time", planTerms()},
		{"The time that stands before a fault, in --fault and in fault=",
			momentTerms()},
		{"A note over the ensemble or a server: an event expected there", happeningTerms()},
		{"A note: a wait", []Term{{"this much time passes: 10s, or 10 seconds", passWords}}},
		{"An arrow between servers: a message; you may add its zxid (1/3), a path (/a), or the " +
			"server that a vote is for (for S3)",
			packetTerms()},
		{"Negations, which may stand before a phrase for an action or an event",
			[]Term{{"the lab does not carry out the action, and checks that it does not happen " +
				"before the next line",
				phrasesOf(negators)}}},
		{"On any arrow: the message is lost, as with a cross at the arrow's end (-x, --x)", []Term{
			{"a lost call does not reach its server; a lost answer does not reach its client",
				phrasesOf(lostWords)}}},
		{"Settings, in a line that begins with \"%% lab:\"", settingTerms()},
		{"What the author expects, in a line that begins with \"%% expect:\" and stands below an " +
			"arrow or a note", []Term{
			{"the drawn event happens, but after something that is not drawn", []string{"later"}},
			{"something else happens instead of the drawn event", []string{"different"}},
			{"the drawn event does not happen", []string{"never"}},
			{"the line is only for the reader, whatever its words mean", []string{"remark"}},
		}},
	}
}

// termsOf groups the phrases of a table by meaning, in the order of the table.
func termsOf[M comparable](table *lexicon[M], name func(M) string) (terms []Term) {
	at := make(map[M]int)
	for _, p := range table.list {
		i, known := at[p.means]
		if !known {
			i = len(terms)
			at[p.means] = i
			terms = append(terms, Term{Means: name(p.means)})
		}
		terms[i].Phrases = append(terms[i].Phrases, p.text)
	}
	return terms
}

// phrasesOf returns all phrases of a table.
func phrasesOf[M any](l *lexicon[M]) (list []string) {
	for _, p := range l.list {
		list = append(list, p.text)
	}
	return list
}

// callTerms are the lines of the guide for calls.
func callTerms() []Term {
	means := map[verb]string{
		verbCreate: "create a node: write its /path and, if you need them, (ephemeral), " +
			"(sequential) and = value",
		verbSet: "set a node's data: write \"/path to value\" and, if you need it, " +
			"\"version 3\"",
		verbGet:      "read a node's data; with watch, be notified once of a change",
		verbExists:   "ask whether a node exists; with watch, be notified once of a change",
		verbChildren: "list a node's children; with watch, be notified once of a change",
		verbDelete:   "delete a node: write its /path and, if you need it, \"version 3\"",
		verbSync:     "bring the client's server up to the leader's state",
		verbWatch:    "be notified once when a node is created, changed or deleted",
		verbMulti:    "several operations, all or none: multi create /a, set /b to 1, check /c version 2",
		verbClose:    "end the session",
		verbCheck:    "in a multi: require a node to have this version",
	}
	return termsOf(calls, func(v verb) string { return means[v] })
}

// answerTerms are the lines of the guide for answers.
func answerTerms() []Term {
	how := map[Outcome]string{WentWell: "the call succeeded", WentWrong: "the call failed",
		Unanswered: "the outcome is unknown"}
	terms := termsOf(outcomes, func(o Outcome) string { return how[o] })
	terms = append(terms, termsOf(reasons, func(c tree.Code) string {
		return "the call failed: " + c.Error()
	})...)
	return append(terms, Term{"any other text: the value read", []string{`"A"`, "5"}})
}

// noticeTerms are the lines of the guide for notifications.
func noticeTerms() []Term {
	terms := []Term{{"an event of any kind", noticeWords}}
	return append(terms, termsOf(eventWords,
		func(e tree.EventType) string { return e.String() })...)
}

func faultTerms() []Term { return termsOf(faultWords, sim.FaultKind.Help) }

func planTerms() (terms []Term) {
	for _, k := range sim.FaultKinds() {
		terms = append(terms, Term{k.Help(), []string{k.Form()}})
	}
	return terms
}

func momentTerms() (terms []Term) {
	for _, m := range sim.Moments() {
		terms = append(terms, Term{m.Help, []string{m.Form}})
	}
	return terms
}

func packetTerms() []Term {
	return termsOf(packets, func(name string) string { return name })
}

// happeningTerms are the lines of the guide for expected events.
func happeningTerms() []Term {
	what := map[OccurrenceKind]string{
		BecomesLeader:   "in a note over a server: the server becomes leader",
		BecomesFollower: "in a note over a server: the server becomes a follower",
		BecomesLooking:  "in a note over a server: the server begins to look for a leader",
		LeaderElected:   "in a note over the ensemble: a leader is elected",
		NodeDeleted: "in a note over the ensemble: the node with the path in the note is " +
			"deleted",
		NodeCreated: "in a note over the ensemble: the node with the path in the note is " +
			"created",
		SessionOver: "in a note over the ensemble: a session ends (write its client's name in " +
			"the note)",
		LearnsLoss: "in an arrow to a client, or in a note over a client that is cut off: the " +
			"client learns that its connection is lost",
		LearnsExpiry: "in an arrow to a client, or in a note over a client that is cut off: the " +
			"client learns that its session has expired",
		LearnsConnection: "in an arrow to a client, or in a note over a client that is cut off: " +
			"the client learns that it is connected again",
	}
	name := func(h OccurrenceKind) string { return what[h] }
	list := append(termsOf(serverHappenings, name), termsOf(ensembleHappenings, name)...)
	return append(list, termsOf(connectionStates, name)...)
}

func settingTerms() (terms []Term) {
	for _, s := range settings {
		terms = append(terms, Term{s.means, []string{s.example}})
	}
	return terms
}

// nearest returns a word of the text, and the phrase of a table that is most like it; both are
// empty if no phrase is similar.
func nearest[M any](words []word, table *lexicon[M]) (like, is string) {
	best := 3 // one more than the allowed edits
	for _, w := range words {
		if w.isPath() || len(w.is) < 3 {
			continue
		}
		for _, p := range table.list {
			if strings.Contains(p.text, " ") {
				continue
			}
			if d := distance(w.is, p.text); d < best && d <= max(1, len(w.is)/4) {
				best, like, is = d, w.raw, p.text
			}
		}
	}
	return like, is
}

// meant returns " (did you mean …?)" for an error, if a word is similar to a phrase of the table.
func meant[M any](words []word, table *lexicon[M]) string {
	if _, is := nearest(words, table); is != "" {
		return fmt.Sprintf(" (did you mean %q?)", is)
	}
	return ""
}

// unknown returns the error of a text that has no phrase of the table. why is the reason, and write
// lists what the author may write.
func unknown[M any](text string, words []word, table *lexicon[M], why, write string) error {
	m := &misread{why: why + meant(words, table) + ": write " + write}
	if like, is := nearest(words, table); is != "" {
		like = strings.Trim(like, ".,;:!?")
		m.nearest = strings.Replace(text, like, is, 1)
	}
	return m
}

// distance returns how many letters must be inserted, deleted, changed or swapped to turn a into b.
// It returns 3 for more than 2.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > 2 || d < -2 {
		return 3
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
