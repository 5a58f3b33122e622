package diagram

import "strconv"

// Pos is a place in a document. Lines and columns count from 1, columns in characters.
type Pos struct {
	Line, Column int
}

// Problem is a mistake in the text of a diagram. Most problems are lines that cannot be read, which
// are in the diagram as [Unread]. For the other problems, Mermaid refuses the line, but [Parse]
// reads it in the only way that makes sense.
type Problem struct {
	Pos
	Cause   string
	Remedy  string
	Nearest string // a similar line that can be read, or empty
	Mended  string // how a mended line is read; empty for an unread line
}

// Error returns the cause and the remedy, with a colon between them.
func (p *Problem) Error() string { return p.Cause + ": " + p.Remedy }

// Error says where and why a document cannot be read, and how to fix it.
type Error struct {
	File    string
	Line    int
	Column  int
	Message string
}

// Error returns file:line:column: message.
func (e *Error) Error() string {
	return e.File + ":" + strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": " + e.Message
}

// nearest returns the word of the list that is most like word. It returns false if no word differs
// by so little that the difference may be a typo.
func nearest(word string, list []string) (string, bool) {
	best, least := "", 3
	for _, candidate := range list {
		if d := distance(word, candidate); d < least && d < len(candidate)/2+1 {
			best, least = candidate, d
		}
	}
	return best, best != ""
}

// distance returns the Levenshtein distance of a and b. If one of them is longer than any keyword,
// it returns 20.
func distance(a, b string) int {
	if len(a) > 20 || len(b) > 20 {
		return 20
	}
	var row [21]int
	for j := range len(b) + 1 {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// clip quotes a text for an error, and shortens a long text.
func clip(s string) string {
	const most = 40
	n := 0
	for i := range s {
		if n == most {
			return strconv.Quote(s[:i] + "…")
		}
		n++
	}
	return strconv.Quote(s)
}
