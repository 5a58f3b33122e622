package diagram

import "strconv"

// Pos is a place in a document. Lines and columns count from 1, columns in characters.
type Pos struct {
	Line, Column int
}

// Problem is a fault in the text of a diagram. Most are lines that cannot be read; each of these is
// in the diagram too, as an [Unread]. The others are mended: the line is read, although Mermaid
// refuses it.
type Problem struct {
	Pos
	Cause   string
	Remedy  string
	Nearest string // the line as it could be written, or empty
	Mended  string // how the line is read; empty if it is not read
}

// Error returns the cause and the remedy.
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

// nearest returns the word of the list that differs least from word, if the difference may be a
// typo.
func nearest(word string, list []string) (string, bool) {
	best, least := "", 3
	for _, candidate := range list {
		if d := distance(word, candidate); d < least && d < len(candidate)/2+1 {
			best, least = candidate, d
		}
	}
	return best, best != ""
}

// distance is the Levenshtein distance. A word longer than any keyword is always far.
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

// clip shortens what an error quotes.
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
