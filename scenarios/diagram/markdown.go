package diagram

import "strings"

// isStart is true for the line that begins a diagram in bare text.
func isStart(t string) bool {
	return t == "sequenceDiagram" || t == "sequenceDiagram;"
}

// otherKind is true for a line that begins a Mermaid diagram of another kind in bare text.
func otherKind(t string) bool {
	first, rest, _ := strings.Cut(t, " ")
	switch first {
	case "graph", "flowchart":
		switch strings.TrimSuffix(trim(rest), ";") {
		case "TD", "TB", "BT", "LR", "RL":
			return true
		}
	case "classDiagram", "stateDiagram", "stateDiagram-v2", "erDiagram", "gitGraph":
		return rest == ""
	}
	return false
}

// fenceOf reads the opening line of a fenced block.
func fenceOf(t string) (fence, bool) {
	if len(t) < 3 || t[0] != '`' && t[0] != '~' {
		return fence{}, false
	}
	f := fence{char: t[0]}
	for f.count < len(t) && t[f.count] == f.char {
		f.count++
	}
	info := trim(t[f.count:])
	if f.count < 3 || f.char == '`' && strings.Contains(info, "`") {
		return fence{}, false
	}
	lang := info
	if i := strings.IndexAny(info, " \t{,"); i > 0 {
		lang = info[:i]
	}
	lang = strings.ToLower(strings.Trim(lang, "{.}"))
	f.mermaid, f.foreign = lang == "mermaid", lang != "mermaid" && lang != ""
	return f, true
}

// closes is true for the line that closes the fence.
func (f fence) closes(s string) bool {
	t := trim(s)
	if f.count == 0 || len(t) < f.count || t[0] != f.char {
		return false
	}
	return strings.Trim(t, t[:1]) == ""
}

// atxHeading reads "## Title ##"; level 0 means that t is not a heading.
func atxHeading(t string) (level int, text string) {
	for level < len(t) && t[level] == '#' {
		level++
	}
	if level == 0 || level > 6 || level < len(t) && t[level] != ' ' && t[level] != '\t' {
		return 0, ""
	}
	return level, trim(strings.TrimRight(trim(t[level:]), "#"))
}

// underline reads the line under a heading: 1 for ===, 2 for ---, 0 for neither.
func underline(t string) int {
	switch {
	case len(t) < 3:
		return 0
	case strings.Trim(t, "=") == "":
		return 1
	case strings.Trim(t, "-") == "":
		return 2
	}
	return 0
}

// anchored reads a heading copied from a web page, which ends in the # of its link. It also matches
// a line that ends in C#.
func anchored(t string) (string, bool) {
	text := strings.TrimSuffix(t, "#")
	if text == t || len(text) < 2 || len(t) > 160 || strings.HasSuffix(text, "#") ||
		text[len(text)-2] == ' ' || text[len(text)-1] == ' ' {
		return "", false
	}
	return text, true
}

// matterTitle reads a line "title: …" of front matter.
func matterTitle(t string) (string, bool) {
	rest, ok := strings.CutPrefix(t, "title:")
	if !ok {
		return "", false
	}
	rest = trim(rest)
	if len(rest) >= 2 && (rest[0] == '"' || rest[0] == '\'') && rest[len(rest)-1] == rest[0] {
		rest = rest[1 : len(rest)-1]
	}
	return rest, rest != ""
}

// frontMatter skips the front matter at the head of a file, keeping its title.
func (r *reader) frontMatter() {
	if !strings.HasPrefix(r.text, "---\n") && !strings.HasPrefix(r.text, "---\r\n") {
		return
	}
	r.advance()
	title := ""
	for r.next < len(r.text) {
		t := trim(r.advance())
		if t == "---" || t == "..." {
			r.headed, r.caption = title, title
			return
		}
		if s, ok := matterTitle(t); ok {
			title = s
		}
	}
	r.begin, r.next, r.n = 0, 0, 0 // without an end it was a horizontal rule
}
