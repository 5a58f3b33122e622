package diagram

// Document is a parsed file.
type Document struct {
	Name       string // the file's name
	Title      string // its first heading, or else the name
	Diagrams   []*Diagram
	Passed     []Passed  // empty blocks, and diagrams of other kinds
	Problems   []Problem // lines that are wrong, in order
	Notices    []Notice  // lines that may mean something else than their author intended
	Headings   []Heading // in order
	Paragraphs []Paragraph
}

// Passed is a block that was skipped because it is not a sequence diagram.
type Passed struct {
	Line int    // number of the first line; of an empty block, of its fence
	Kind string // text of the first line, such as "graph TD"; "empty" for an empty block
}

// Notice is a place in a document that may mean something other than what its author intended.
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

// Paragraph is consecutive lines of prose. Tables and lists are paragraphs too.
type Paragraph struct {
	Line int    // number of the first line
	Text string // as written, with line ends
}

// Diagram is one sequence diagram.
type Diagram struct {
	Title        string        // its own title, or else the nearest heading above
	AccTitle     string        // its accTitle, for screen readers
	Description  string        // its accDescr
	Line         int           // of the word sequenceDiagram
	EndLine      int           // of the last line that belongs to it
	Participants []Participant // in order of declaration or first appearance
	Items        []Item
}

// Participant is a participant of a diagram, with its name and alias.
type Participant struct {
	Name     string
	Alias    string // what Mermaid shows instead of the name, or empty
	Declared bool   // by a participant or actor line
	Actor    bool   // drawn as a person
	Line     int
}

// Label returns the text that Mermaid shows for a participant: the alias, or else the name.
func (p Participant) Label() string {
	if p.Alias != "" {
		return Plain(p.Alias)
	}
	return p.Name
}

// Participant returns the participant with this name.
func (d *Diagram) Participant(name string) (Participant, bool) {
	for _, p := range d.Participants {
		if p.Name == name {
			return p, true
		}
	}
	return Participant{}, false
}

// Item is one statement of a diagram: a *[Declare], *[Destroy], *[Arrow], *[Note], *[Block],
// *[Activation], *[Autonumber], *[Link], *[Directive] or *[Unread]. No other type can be an Item.
type Item interface {
	// Position returns the place where the statement begins.
	Position() Pos
	item()
}

// Declare is a line that declares a participant. It begins with participant or actor, or with
// create and one of these words.
type Declare struct {
	Pos
	Name   string
	Alias  string
	Config string // the text within @{ … }
	Actor  bool
	Create bool // the next arrow creates the participant
}

// Destroy is a destroy line: the participant's lifeline ends with the next arrow.
type Destroy struct {
	Pos
	Name  string
	Loose bool // the next arrow is not to or from the participant: Mermaid refuses this
}

// Activation is an activate or deactivate line. The + or - after an arrow is not an Activation, but
// the field Sends or Ends of [Arrow].
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

// Link is a line that begins with the keyword "links", "link", "properties" or "details".
type Link struct {
	Pos
	Kind string
	Name string
	Text string
}

// Unread is a statement that cannot be read. [Document.Problems] lists it too.
type Unread struct {
	Pos
	Text    string // as written
	Problem string // the cause and the remedy
	Nearest string // a similar statement that can be read, or empty
}

// Expect is the outcome that an author expects for an arrow or a note: "%% expect: later".
type Expect string

// The expected outcomes. The zero value, Unsaid, means "as drawn". OnlyRemark says that an arrow or
// a note is only for the reader, whatever its words mean: it is not played, and nothing is expected
// of it.
const (
	Unsaid    Expect = ""
	Different Expect = "different"
	Later     Expect = "later"
	Never     Expect = "never"

	OnlyRemark Expect = "remark"
)

// Arrow is an arrow from one participant to another, or from a participant to itself.
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

// Placement is the position of a note relative to participants.
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

// Block is a block of the kind loop, opt, alt, par, par_over, critical, break, rect or box.
type Block struct {
	Pos
	Kind     string
	Branches []Branch // the first, and one for each line "else", "and" or "option"
}

// Label returns the label of the first branch: the text after the block's keyword.
func (b *Block) Label() string { return b.Branches[0].Label }

// Branch is one part of a block: the items up to "else", "and", "option" or "end".
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

// StoryKey is the key of the word that makes a diagram a story: the steps of one run of a small
// world, each of which package explore carries out exactly where it is written. The value is the
// name of a setup.
const StoryKey = "explore"

// Word is one word of a directive: key=value, or a key alone.
type Word struct {
	Pos
	Key   string
	Value string
	Bare  bool // without =
}

// Get returns the first word that has this key.
func (d *Directive) Get(key string) (Word, bool) {
	for _, w := range d.Words {
		if w.Key == key {
			return w, true
		}
	}
	return Word{}, false
}

// Position returns p, so that every type that embeds a Pos has this method.
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

// Walk calls visit for each item of the list and of the blocks in it, in document order. A block
// comes before its items. Walk stops when visit returns false, and then returns false.
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
