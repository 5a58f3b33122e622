package diagram

// Document is the contents of one file.
type Document struct {
	Name       string // the file's name
	Title      string // its first heading, or else the name
	Diagrams   []*Diagram
	Passed     []Passed  // blocks that are empty, or diagrams of another kind
	Problems   []Problem // what is not as it should be, in order
	Notices    []Notice  // what was parsed, but may surprise its author
	Headings   []Heading // in order
	Paragraphs []Paragraph
}

// Passed is a block that was skipped as no sequence diagram.
type Passed struct {
	Line int    // its first line; of an empty block, its fence
	Kind string // its first line, as in "graph TD"; "empty" for an empty block
}

// Notice is a place that was parsed, but perhaps not as its author intended.
type Notice struct {
	Pos
	Message string
}

// Heading is a heading of the document.
type Heading struct {
	Level int // 1 to 6
	Text  string
	Line  int
}

// Paragraph is a run of lines of prose, tables and lists included.
type Paragraph struct {
	Line int    // its first line
	Text string // as written, with its line ends
}

// Diagram is one sequence diagram.
type Diagram struct {
	Title        string // its own title, or else the nearest heading above
	AccTitle     string // its accTitle, for screen readers
	Description  string // its accDescr
	Line         int    // of the word sequenceDiagram
	EndLine      int    // of the last line that belongs to it
	Participants []Participant
	Items        []Item
}

// Participant is a participant of a diagram, in order of declaration or first appearance.
type Participant struct {
	Name     string
	Alias    string // what Mermaid shows instead of the name, or empty
	Declared bool   // by a participant or actor line
	Actor    bool   // drawn as a person
	Line     int
}

// Label returns what Mermaid shows: the alias, or else the name.
func (p Participant) Label() string {
	if p.Alias != "" {
		return Plain(p.Alias)
	}
	return p.Name
}

// Participant returns the participant of that name.
func (d *Diagram) Participant(name string) (Participant, bool) {
	for _, p := range d.Participants {
		if p.Name == name {
			return p, true
		}
	}
	return Participant{}, false
}

// Item is one statement of a diagram: a *[Declare], *[Destroy], *[Arrow], *[Note], *[Block],
// *[Activation], *[Autonumber], *[Link], *[Directive] or *[Unread]. The set is closed.
type Item interface {
	// Position returns the place where the item begins.
	Position() Pos
	item()
}

// Declare is a participant or actor line.
type Declare struct {
	Pos
	Name   string
	Alias  string
	Config string // the text within @{ … }
	Actor  bool
	Create bool // created by the arrow below it
}

// Destroy is a destroy line: the participant ends with the arrow below it.
type Destroy struct {
	Pos
	Name  string
	Loose bool // the arrow below it is of others, so that Mermaid refuses it
}

// Activation is an activate or deactivate line. The + and - of an arrow are in [Arrow].
type Activation struct {
	Pos
	Name string
	On   bool
}

// Autonumber is an autonumber line.
type Autonumber struct {
	Pos
	Off   bool
	Start string // as written, or empty
	Step  string
}

// Link is a links, link, properties or details line.
type Link struct {
	Pos
	Kind string
	Name string
	Text string
}

// Unread is a statement that cannot be read. It is in [Document.Problems] too.
type Unread struct {
	Pos
	Text    string // as written
	Problem string // the cause and the remedy
	Nearest string // the statement as it could be written, or empty
}

// Expect is the outcome that a document's author announces for an arrow or a note.
type Expect string

// The outcomes. Unsaid is the zero value: as drawn.
const (
	Unsaid    Expect = ""
	Different Expect = "different"
	Later     Expect = "later"
	Never     Expect = "never"
)

// Arrow is a message from one participant to another, or to itself.
type Arrow struct {
	Pos
	From, To string
	Dashed   bool
	Head     Head
	// Sends and Ends are the + and - after an arrow: + activates To, - deactivates From.
	Sends, Ends bool
	// FromCenter and ToCenter are the circles () of Mermaid 11 before and after an arrow.
	FromCenter, ToCenter bool
	Text                 string
	TextPos              Pos // where the text begins
	Expect               Expect
}

// Placement is the position of a note.
type Placement string

// The placements, as Mermaid writes them.
const (
	Over    Placement = "over"
	LeftOf  Placement = "left of"
	RightOf Placement = "right of"
)

// Note is a note over one or two participants, or next to one.
type Note struct {
	Pos
	Divider   bool // a heading among the arrows: PlantUML's == text ==
	Over      []string
	Placement Placement
	Text      string
	TextPos   Pos
	Expect    Expect
}

// Block is a block that end closes: loop, opt, alt, par, par_over, critical, break, rect or box.
type Block struct {
	Pos
	Kind     string
	Branches []Branch // one, and another for each line else, and or option
}

// Label is the label of the first branch: the text after the block's keyword.
func (b *Block) Label() string { return b.Branches[0].Label }

// Branch is one part of a block.
type Branch struct {
	Pos
	Label string
	Items []Item
}

// Directive is a "%% lab:" line.
type Directive struct {
	Pos
	Words []Word
}

// Word is one word of a directive: key=value, or a key alone.
type Word struct {
	Pos
	Key   string
	Value string
	Bare  bool // without =
}

// Get returns the first word with that key.
func (d *Directive) Get(key string) (Word, bool) {
	for _, w := range d.Words {
		if w.Key == key {
			return w, true
		}
	}
	return Word{}, false
}

// Position returns the place where the item begins.
func (p Pos) Position() Pos { return p }

func (*Declare) item()    {}
func (*Destroy) item()    {}
func (*Arrow) item()      {}
func (*Note) item()       {}
func (*Block) item()      {}
func (*Activation) item() {}
func (*Autonumber) item() {}
func (*Link) item()       {}
func (*Directive) item()  {}
func (*Unread) item()     {}

// Walk calls visit for every item of the list and of its blocks, in document order, a block before
// its items. It stops when visit returns false.
func Walk(items []Item, visit func(Item) bool) bool {
	for _, it := range items {
		if !visit(it) {
			return false
		}
		b, ok := it.(*Block)
		if !ok {
			continue
		}
		for i := range b.Branches {
			if !Walk(b.Branches[i].Items, visit) {
				return false
			}
		}
	}
	return true
}
