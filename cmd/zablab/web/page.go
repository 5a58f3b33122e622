package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/cmd/zablab/web/lzma"
)

//go:embed ui
var ui embed.FS

// MaxEvents is the maximum number of events in a run that a page can show.
const MaxEvents = 1_000_000

// ErrTooLarge is the error for a trace with more than [MaxEvents] events.
var ErrTooLarge = fmt.Errorf("a page shows at most %d events", MaxEvents)

// These are the filters of the list of events: the key moments, the protocol without pings and
// timers, or all events.
const (
	FilterKey      = "key"
	FilterProtocol = "protocol"
	FilterAll      = "all"
)

// Page is the page of one run.
type Page struct {
	Title  string
	Trace  []byte // in the format zablab.trace/1
	Step   *int64 // the event at which the page opens; nil for where a check breaks, or the start
	Filter string // of the events; empty for the key moments
	// Source and Engine let the reader change the run: the document, and the compressed engine that
	// [Engine] returns. If one of them is missing, WhyNot says why, and what to do.
	Source *fork.Source
	Engine []byte
	WhyNot string
	// Picks, for a page without a trace, are what the reader can play. They need an engine.
	Picks []Pick
	// Beside, if not nil, is a second run, shown below the first one on the same axis of time.
	Beside *Beside
	// Odds has, by step, how many runs that are the same up to the step have the outcome that the page
	// is about, and how many runs there are. The page draws it over the strip of the whole run.
	// OddsWord says what the two numbers are, if not these.
	Odds     [][3]int64
	OddsWord string
	// Shared is the address, from the page, of the folder with the files of [Shared], for a site of
	// many pages. The page then contains neither the modules nor the engine.
	Shared string
}

// Pick is a run that a page without a trace offers to play.
type Pick struct {
	Source  *fork.Source `json:"-"`
	Title   string       `json:"title"`
	Promise string       `json:"promise"`          // what the reader will see, in one line
	Filter  string       `json:"filter,omitempty"` // as that of a Page
}

// Beside is the second run on a page: the run of the same plan (a list of faults) on another
// engine, or a run that equals the first run up to some moment.
type Beside struct {
	Trace []byte    // in the format zablab.trace/1
	Names [2]string // of the two runs, the page's own first
	// At is the time of the plan's first fault, in µs, which the page marks in both runs. If it is 0,
	// the page marks the first difference.
	At int64
}

// modules are the page's modules, by the names that they import each other by.
var modules = []struct{ name, file string }{
	{"lit-html", "vendor/lit-html.js"}, {"lab/trace.js", "trace.js"}, {"lab/history.js", "history.js"},
	{"lab/store.js", "store.js"}, {"lab/words.js", "words.js"}, {"lab/stage.js", "stage.js"},
	{"lab/spacetime.js", "spacetime.js"}, {"lab/minimap.js", "minimap.js"},
	{"lab/panels.js", "panels.js"}, {"lab/drawing.js", "drawing.js"}, {"lab/keys.js", "keys.js"},
	{"lab/lzma.js", "lzma.js"}, {"lab/engine.js", "engine.js"}, {"lab/whatif.js", "whatif.js"}, {"lab/text.js", "text.js"},
	{"lab/main.js", "main.js"},
}

// boot is the page's first module.
const boot = `import 'lab/main.js'`

// Bytes returns the page as text. Its errors are those of [Page.Write].
func (p *Page) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := p.Write(&b)
	return b.Bytes(), err
}

// Write writes the page. It returns [ErrTooLarge] if the trace has more than [MaxEvents] events.
func (p *Page) Write(out io.Writer) error {
	if n := bytes.Count(p.Trace, []byte("\n{\"i\":")); n > MaxEvents {
		return fmt.Errorf("the page of %s: the trace has %d events, and %w: keep only a "+
			"part of it, with zablab trace trim --around 1.7s", p.Title, n, ErrTooLarge)
	}
	packed, err := "", error(nil)
	if len(p.Trace) > 0 {
		if packed, err = pack(p.Trace); err != nil {
			return err
		}
	}
	second, names, at := "", []string(nil), int64(0)
	if x := p.Beside; x != nil {
		if second, err = pack(x.Trace); err != nil {
			return err
		}
		names, at = x.Names[:], x.At
	}
	options, err := json.Marshal(struct {
		Step   *int64 `json:"step,omitempty"`
		Filter string `json:"filter,omitempty"`
		WhyNot string `json:"whyNot,omitempty"`
		Engine string `json:"engine,omitempty"`

		Names []string   `json:"names,omitempty"`
		At    int64      `json:"at,omitempty"`
		Odds  [][3]int64 `json:"odds,omitempty"`
		Word  string     `json:"oddsWord,omitempty"`
		Picks []Pick     `json:"picks,omitempty"`
	}{p.Step, p.Filter, p.WhyNot, p.engineAddress(), names, at, p.Odds, p.OddsWord, p.Picks})
	if err != nil {
		return err
	}
	engine, source, err := p.playable()
	if err != nil {
		return err
	}
	imports := importMap()
	values := map[string]string{
		"csp": policy("", imports, boot), "title": html.EscapeString(p.Title),
		"style": "<style>" + read("style.css") + "</style>",
		"trace": packed, "beside": second, "options": string(options), "engine": engine, "source": source,
		"scripts": `<script type="importmap">` + imports + "</script>\n" +
			`<script type="module">` + boot + "</script>",
	}
	if p.Shared != "" {
		values["csp"] = policy("'self' ", imports, boot)
		values["style"] = `<link rel="stylesheet" href="` + p.Shared + StyleFile + `">`
		values["scripts"] = `<script src="` + p.Shared + ModulesFile + `"></script>`
	}
	return fill(out, values)
}

// playable is the engine and what it plays, as text of the page; empty for a page without either.
func (p *Page) playable() (engine, source string, err error) {
	if p.Source == nil && len(p.Picks) == 0 || p.Engine == nil {
		return "", "", nil
	}
	if p.Shared == "" {
		engine = dense(p.Engine)
	}
	var what any = p.Source
	if len(p.Picks) > 0 {
		list := make([]*fork.Source, len(p.Picks))
		for i := range p.Picks {
			list[i] = p.Picks[i].Source
		}
		what = list
	}
	words, err := json.Marshal(what)
	if err != nil {
		return "", "", err
	}
	source, err = pack(words)
	return engine, source, err
}

// engineAddress is where a page of a site finds the engine; empty for any other page.
func (p *Page) engineAddress() string {
	if p.Shared == "" || p.Engine == nil {
		return ""
	}
	return p.Shared + EngineFile
}

// These are the names of the files that the pages of a site share.
const (
	StyleFile   = "run.css"
	ModulesFile = "run.js"
	EngineFile  = "engine.js"
)

// Shared returns the files that the pages of a site share, by name: the style, the modules and, if
// it is not nil, the engine. The modules and the engine are wrapped in plain scripts, because a
// browser does not let a page that is opened from a file import a module.
func Shared(engine []byte) map[string][]byte {
	files := map[string][]byte{StyleFile: []byte(read("style.css")),
		ModulesFile: wrapped(importMap(), boot)}
	if engine != nil {
		files[EngineFile] = []byte("globalThis.zablabEngine = " + quoted(dense(engine)) + "\n")
	}
	return files
}

// Script wraps a JavaScript module in a plain script, for a page of a site. The module may import
// 'lab/engine.js'. The second result, policyOf, is the Content-Security-Policy of such a page: it
// allows the page's files, the script, and a worker for the engine.
func Script(module string) (script []byte, policyOf string) {
	list := map[string]string{"site/page.js": module, "lab/engine.js": read("engine.js"),
		"lab/lzma.js": read("lzma.js")}
	var b bytes.Buffer
	b.WriteString(`{"imports":{`)
	for i, name := range slices.Sorted(maps.Keys(list)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%s":"data:text/javascript,%s"`, name,
			inURL.Replace(lean(list[name])+"//# sourceURL="+name+"\n"))
	}
	b.WriteString(`}}`)
	const start = `import 'site/page.js'`
	return wrapped(b.String(), start), policy("'self' ", b.String(), start) + "; frame-src 'self'"
}

// wrapped is a plain script that adds an import map, and the module that begins.
func wrapped(imports, begin string) []byte {
	quote := func(s string) string { // it is a file of its own: HTML need not be escaped
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(s) // a string can always be encoded
		return strings.TrimSuffix(b.String(), "\n")
	}
	return []byte("// Modules, as an import map.\n" +
		"for (const [type, text] of [['importmap', " + quote(imports) + "], ['module', " +
		quote(begin) + "]]) {\n" +
		"  const s = document.createElement('script')\n  s.type = type\n  s.textContent = text\n" +
		"  document.head.append(s)\n}\n")
}

// fill writes the shell with each {{name}} replaced, once, by its value.
func fill(out io.Writer, values map[string]string) error {
	rest := read("index.html")
	for {
		before, after, found := strings.Cut(rest, "{{")
		if _, err := io.WriteString(out, before); err != nil || !found {
			return err
		}
		name, tail, _ := strings.Cut(after, "}}")
		value, known := values[name]
		if !known {
			return errors.New("index.html: no value for " + name)
		}
		if _, err := io.WriteString(out, value); err != nil {
			return err
		}
		rest = tail
	}
}

// policy is the Content-Security-Policy: nothing but these scripts, the modules of the import map,
// the file's own style, what from allows, and a worker that the page makes from its own text, which
// may compile WebAssembly. No connection is allowed.
func policy(from string, scripts ...string) string {
	var hashes []string
	for _, s := range scripts {
		sum := sha256.Sum256([]byte(s))
		hashes = append(hashes, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return "default-src 'none'; script-src " + from + strings.Join(hashes, " ") + " data: 'wasm-unsafe-eval'; worker-src blob:; " +
		"style-src " + from + "'unsafe-inline'; connect-src 'none'; base-uri 'none'; " +
		"form-action 'none'"
}

// importMap returns the import map that has each module as a data: URL.
func importMap() string {
	var b bytes.Buffer
	b.WriteString(`{"imports":{`)
	for i, m := range modules {
		if i > 0 {
			b.WriteByte(',')
		}
		source := read(m.file)
		if !strings.HasPrefix(m.file, "vendor/") {
			source = lean(source) + "//# sourceURL=" + m.file + "\n" // for readable stack traces
		}
		fmt.Fprintf(&b, `"%s":"data:text/javascript,%s"`, m.name, inURL.Replace(source))
	}
	b.WriteString(`}}`)
	return b.String()
}

// lean returns a module without its comments and its indentation. Each line keeps its number, as in
// ui, for stack traces. In the modules, no text of several lines has a line that begins with two
// slashes.
func lean(source string) string {
	lines := strings.Split(source, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, " ")
		if strings.HasPrefix(lines[i], "//") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

// inURL escapes what a data: URL, a string of JSON and a script may not contain. The result is
// smaller than base64, and can be read. A question mark and what follows it belong to the data,
// too.
var inURL = strings.NewReplacer("%", "%25", "\n", "%0A", "\t", "%09", "\r", "%0D", `"`, "%22", `\`, "%5C",
	"<", "%3C", "#", "%23")

// read returns an embedded file.
func read(name string) string {
	b, err := ui.ReadFile("ui/" + name)
	if err != nil {
		panic(err) // the file is embedded
	}
	return string(b)
}

// mostDense is the size of the largest text that is compressed with LZMA: the page unpacks it with
// code of its own, which takes 0.1 s for each MB or so. The browser unpacks a larger text, in gzip,
// while the page reads it.
const mostDense = 1 << 20

// isDense begins a text that is compressed with LZMA and written by dense. No other text in a page
// begins with it.
const isDense = "lzma:"

// pack compresses a text and writes it in characters: with LZMA in 94 characters, which makes it
// 43 % smaller than gzip in base64; or, if it is large, with gzip in base64.
func pack(text []byte) (string, error) {
	if len(text) <= mostDense {
		return isDense + dense(lzma.Compress(text)), nil
	}
	b, err := compress(text)
	return base64.StdEncoding.EncodeToString(b), err
}

// Embedded returns the text of an element of a page. The id of the element is "trace", "beside" or
// "source". Embedded returns an error if the page has no such element, or if the element is empty.
func Embedded(page []byte, id string) ([]byte, error) {
	_, after, found := bytes.Cut(page, []byte(`id="`+id+`">`))
	packed, _, end := bytes.Cut(after, []byte("<"))
	if !found || !end || len(packed) == 0 {
		return nil, fmt.Errorf("the page has no element with the id %q", id)
	}
	if rest, ok := bytes.CutPrefix(packed, []byte(isDense)); ok {
		return lzma.Decompress(undense(string(rest)))
	}
	raw, err := base64.StdEncoding.DecodeString(string(packed))
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
