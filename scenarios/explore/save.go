package explore

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
)

// savedSchema is the name and version of the format of a saved search: a line of JSON, the tuples of
// all states, the states in which something was numbered first, and a hash of all that.
const savedSchema = "zablab.search/1"

// SavedPrefix is how the file of a saved search begins.
const SavedPrefix = `{"schema":"zablab.search/`

// saved is the first line.
type saved struct {
	Schema   string         `json:"schema"`
	Version  string         `json:"version"`
	Setup    string         `json:"setup"`
	Settings [][2]string    `json:"settings"`
	Goal     string         `json:"goal,omitempty"`
	Certain  bool           `json:"certain,omitempty"`
	Given    []Line         `json:"given,omitempty"`
	States   int            `json:"states"`
	Grew     int            `json:"grew"`
	At       int            `json:"at"`
	Depth    int            `json:"depth"`
	Level    int            `json:"level"`
	Size     int            `json:"size"`
	Above    int            `json:"above"`
	Cut      int            `json:"cut"`
	Ends     int            `json:"ends"`
	Finals   uint64         `json:"finals,string"`
	Choices  int            `json:"choices"`
	Exits    map[string]int `json:"exits,omitempty"`
	First    *savedEnding   `json:"first,omitempty"`
	Numbered int            `json:"numbered"`
}

// savedEnding is an [ending]. Choice is the number of its action among the choices, or -1.
type savedEnding struct {
	At     int `json:"at"`
	Choice int `json:"choice"`
}

// numbered returns how many things the search has numbered: states of servers, of the network and of
// the checks, messages and so on. States of the world are not among them.
func (x *Search) numbered() int {
	return len(x.words.messages) + len(x.words.votes) + len(x.locals.list) +
		len(x.locals.calls.list) + len(x.nets.list) + len(x.queues.list) + len(x.audits.texts.list)
}

// Unfinished reports whether the search has ended early and can be saved.
func (x *Search) Unfinished() bool {
	return x.options.Keep && x.result.Why != "" && x.result.Differs == ""
}

// Save writes a search that has ended early, so that [Resume] can go on with it. The parameter
// version is the version of the program: another version may number states differently.
func (x *Search) Save(out io.Writer, version string) error {
	r := &x.result
	if !x.Unfinished() {
		return errors.New("the search is over, or does not keep what a saved search needs " +
			"(Options.Keep)")
	}
	h := saved{Schema: savedSchema, Version: version, Setup: x.result.Setup.Name,
		Certain: x.options.Certain, States: x.store.n, Grew: len(x.grew), At: x.place.at,
		Depth: x.place.depth, Level: x.place.level, Size: x.place.size, Above: x.place.above, Cut: r.Cut, Ends: r.Ends, Finals: r.Finals,
		Choices: x.choices, Exits: r.Exits, Numbered: x.numbered()}
	for _, s := range settings {
		h.Settings = append(h.Settings, [2]string{s.key, s.get(&x.result.Setup)})
	}
	if g := x.options.Goal; g != nil {
		h.Goal = g.text
	}
	if f := x.options.From; f != nil {
		h.Given = f.Lines
	}
	if e := x.first; e != nil {
		h.First = &savedEnding{e.at, slices.Index(x.choicesAt(e.at), e.action)}
	}
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	sum := fnv.New64a()
	buffered := bufio.NewWriterSize(out, 1<<20)
	w := io.MultiWriter(buffered, sum)
	_, err = w.Write(append(line, '\n'))
	var b []byte
	numbers := func(list []uint32) {
		b = b[:0]
		for _, n := range list {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		if err == nil {
			_, err = w.Write(b)
		}
	}
	for i := range x.store.n {
		numbers(x.store.at(i))
	}
	for list := range slices.Chunk(x.grew, 1<<14) {
		numbers(list)
	}
	if err == nil {
		_, err = buffered.Write(binary.LittleEndian.AppendUint64(nil, sum.Sum64()))
	}
	if err != nil {
		return err
	}
	return buffered.Flush()
}

// Resume reads a saved search, which continues with the options o. The setup, the goal, and the
// options Certain and From come from the saved search, and not from o. The errors of Resume do not
// name the file.
func Resume(in io.Reader, version string, o Options) (*Search, error) {
	r := bufio.NewReaderSize(in, 1<<20)
	line, err := r.ReadSlice('\n') // at most the size of the buffer
	if line = bytes.Clone(line); err != nil || !bytes.HasPrefix(line, []byte(`{"schema":"`)) {
		return nil, errors.New("this is not a search that zablab explore --save has written")
	}
	var h saved
	switch err := json.Unmarshal(line, &h); {
	case err != nil:
		return nil, fmt.Errorf("the first line is damaged: start the search again: %w", err)
	case h.Schema != savedSchema:
		return nil, fmt.Errorf("the format is %q, and this program reads %s: start the search again",
			h.Schema, savedSchema)
	case h.Version != version:
		return nil, fmt.Errorf("it was saved by version %s, and this is version %s, which may number "+
			"states differently: start the search again", h.Version, version)
	}
	x, err := h.search(o)
	if err != nil {
		return nil, err
	}
	sum := fnv.New64a()
	sum.Write(line)
	if err := x.readStates(r, &h, sum); err != nil {
		return nil, fmt.Errorf("the file is damaged or cut off (%w): start the search again", err)
	}
	return x, nil
}

// search returns a search with what the first line says.
func (h *saved) search(o Options) (*Search, error) {
	s, ok := FindSetup(h.Setup)
	if !ok {
		return nil, fmt.Errorf("it has the setup %q, which does not exist: start the search again",
			h.Setup)
	}
	for _, v := range h.Settings {
		i := slices.IndexFunc(settings, func(x setting) bool { return x.key == v[0] })
		if i < 0 {
			return nil, fmt.Errorf("it has the setting %q, which does not exist: start the search "+
				"again", v[0])
		}
		if err := settings[i].set(&s, v[1]); err != nil {
			return nil, fmt.Errorf("%s=%s: %w", v[0], v[1], err)
		}
	}
	if h.Goal != "" {
		var err error
		if o.Goal, err = ParseGoal(h.Goal, &s); err != nil {
			return nil, err
		}
	}
	o.Certain, o.Keep, o.From = h.Certain, true, nil
	if len(h.Given) > 0 {
		o.From = &Story{Setup: s, Lines: h.Given}
	}
	x, err := New(s, o)
	if err != nil {
		return nil, err
	}
	if h.States < 1 || h.At < 0 || h.At > h.States || h.Level < 0 || h.Level > h.States ||
		h.Grew < 0 || h.Grew > h.States || h.First != nil && h.First.At >= h.States {
		return nil, errors.New("the first line contradicts itself: start the search again")
	}
	x.resumed, x.place = true, place{h.At, h.Depth, h.Level, h.Size, h.Above}
	x.saved = h
	return x, nil
}

// readStates reads the states, and those in which something was numbered first.
func (x *Search) readStates(in io.Reader, h *saved, sum io.Writer) error {
	both := io.TeeReader(in, sum)
	b := make([]byte, 4*(x.store.width+1))
	tuple := make([]uint32, x.store.width+1)
	for i := range h.States {
		if _, err := io.ReadFull(both, b); err != nil {
			return err
		}
		for k := range tuple {
			tuple[k] = binary.LittleEndian.Uint32(b[4*k:])
		}
		from := int(tuple[x.store.width])
		if from > max(0, i-1) || !x.store.add(tuple[:x.store.width], from) {
			return fmt.Errorf("state %d is not new", i)
		}
	}
	for range h.Grew {
		if _, err := io.ReadFull(both, b[:4]); err != nil {
			return err
		}
		at := binary.LittleEndian.Uint32(b)
		if int(at) >= h.States {
			return fmt.Errorf("there is no state %d", at)
		}
		x.grew = append(x.grew, at)
	}
	want := sum.(interface{ Sum64() uint64 }).Sum64()
	if _, err := io.ReadFull(in, b[:8]); err != nil {
		return err
	}
	if binary.LittleEndian.Uint64(b) != want {
		return errors.New("its hash is wrong")
	}
	return nil
}

// errUnknown is the error for a saved search that this program cannot go on with.
var errUnknown = errors.New("the saved search does not fit this version of zablab: start the " +
	"search again")

// recall brings back the numbers of everything but the states of the world: it takes again the choices
// in those states in which something was numbered first, in the same order. So each thing gets the
// number that it had. It returns false if it is interrupted, or if the file is wrong.
func (x *Search) recall() (done bool) {
	defer func() {
		if e := recover(); e != nil { // a file with a right hash, but wrong numbers
			done, x.locals.differ = false, fmt.Sprintf("%v (%v)", errUnknown, e)
		}
		x.options.Keep = x.options.Keep && done
	}()
	for i, at := range x.grew {
		if i%(1<<10) == 0 && !x.mayGoOn(x.place.at, x.place.depth) {
			x.result.Why += ", while the saved search was read back"
			return false
		}
		if !x.known(int(at)) {
			x.locals.differ = errUnknown.Error()
			return false
		}
		if x.beyond(x.store.at(int(at))) || x.options.Certain && x.fits(x.store.at(int(at))) {
			continue
		}
		for _, a := range slices.Clone(x.choicesAt(int(at))) {
			x.take(x.store.at(int(at)), a)
		}
	}
	all := true
	for at := 0; at < x.store.n && all; at++ {
		all = x.known(at)
	}
	if !all || x.numbered() != x.saved.Numbered {
		x.locals.differ = errUnknown.Error()
		return false
	}
	x.restore(x.saved)
	return true
}

// restore sets the counts of a saved search.
func (x *Search) restore(h *saved) {
	defer func() { x.choices = h.Choices }()
	x.result.Cut, x.result.Ends, x.result.Finals = h.Cut, h.Ends, h.Finals
	for why, n := range h.Exits {
		x.locals.exits[why] = n
	}
	e := h.First
	if e == nil {
		return
	}
	x.first = &ending{at: e.At}
	if list := x.choicesAt(e.At); e.Choice >= 0 {
		x.first.action = list[e.Choice]
		x.take(x.store.at(e.At), x.first.action)
		x.first.broken = x.broken
	} else if !x.fits(x.store.at(e.At)) {
		x.first.broken = x.setup.unserved(&x.scene.sums)
	}
}

// known reports whether all numbers of the state at a place are those of something.
func (x *Search) known(at int) bool {
	tuple := x.store.at(at)
	for _, n := range tuple[:x.setup.all()] {
		if n == 0 || int(n) >= len(x.locals.list) {
			return false
		}
	}
	return int(tuple[x.placeNet()]) < len(x.nets.list) && tuple[x.placeAudit()] > 0 &&
		int(tuple[x.placeAudit()]) <= len(x.audits.texts.list)
}
