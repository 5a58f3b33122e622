package diagram

import "strings"

// listing reads the two lines that open a diagram in AsciiDoc: [plantuml, name, svg], and below it
// a line of four dashes or dots.
func (r *reader) listing(t string) (fence, bool) {
	if attrs, ok := strings.CutPrefix(t, "["); ok && strings.HasSuffix(t, "]") {
		words := strings.FieldsFunc(strings.TrimSuffix(attrs, "]"), func(c rune) bool {
			return c == ',' || c == ' ' || c == '"' || c == '%' || c == '='
		})
		if len(words) > 1 && words[0] == "source" {
			words = words[1:]
		}
		if len(words) > 0 && languages[strings.ToLower(words[0])].draws() {
			r.attrs, r.attrLine = fence{lang: languages[strings.ToLower(words[0])]}, r.n
		}
		return fence{}, false
	}
	if r.attrLine == 0 || r.attrLine != r.n-1 || len(t) < 4 ||
		strings.Trim(t, "-") != "" && strings.Trim(t, ".") != "" {
		return fence{}, false
	}
	f := r.attrs
	f.char, f.count, f.line = t[0], len(t), r.n
	return f, true
}

// isAsciiDoc reports whether a document's name says that it is AsciiDoc.
func (r *reader) isAsciiDoc() bool {
	name := strings.ToLower(r.doc.Name)
	return strings.HasSuffix(name, ".adoc") || strings.HasSuffix(name, ".asciidoc") ||
		strings.HasSuffix(name, ".asc")
}

// sectionTitle reads a heading of AsciiDoc, "== Title". It returns level 0 for another line.
func sectionTitle(t string) (level int, text string) {
	for level < len(t) && t[level] == '=' {
		level++
	}
	if level == 0 || level > 6 || level == len(t) || t[level] != ' ' {
		return 0, ""
	}
	return level, trim(t[level:])
}

// commented reports whether a line of prose is part of an HTML comment of several lines, whose text
// is nobody's title.
func (r *reader) commented(t string) bool {
	switch {
	case r.comment:
		r.comment = !strings.Contains(t, "-->")
		return true
	case strings.HasPrefix(t, "<!--") && !strings.Contains(t, "-->") && r.isAhead("-->"):
		r.comment = true
		return true
	}
	return false
}
