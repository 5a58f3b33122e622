package script

// lasting are phrases that say that a session or a node does not end.
var lasting = lexiconOf([]string{"survives", "is kept", "is preserved", "stays alive",
	"stays valid", "stays open", "still valid", "is still valid", "still alive", "is still alive",
	"remains valid", "remains alive", "remains open", "still open", "is still open", "lives on",
	"still exists", "remains", "stays", "keeps its session", "keeps the session", "session kept",
	"session survives"})

// lasts reads a note that says that a session or a node does not end: that it ends must not happen
// before the next line. The session is that of the client which the note names.
func (c *compiler) lasts(a *Act, over []string, l line) (ok bool, err error) {
	if hypothetical(l.words) || negated(l.words) || openings.in(l.words) || !lasting.in(l.words) {
		return false, nil
	}
	h := Occurrence{What: SessionOver}
	for i := range l.words {
		name, n := c.cast.named(l.words[i:])
		if n > 0 && c.cast.Roles[name].Kind == RoleClient {
			h.Client = name
		}
	}
	if len(over) == 1 && h.Client == "" && c.cast.Roles[over[0]].Kind == RoleClient {
		h.Client = over[0]
	}
	path := firstPath(l.words)
	switch {
	case c.cast.aside(over) || !c.cast.service():
		return false, nil
	case path != "" && !has(l.words, "session"):
		h = Occurrence{What: NodeDeleted, Path: path, Stays: true}
	case !has(l.words, "session") || h.Client == "":
		return false, nil
	}
	a.Kind, a.Happening = Happening, h
	c.speak(path)
	a.deny()
	return true, a.within(l)
}
