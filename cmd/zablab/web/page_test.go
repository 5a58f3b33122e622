package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/zab/flaw"
)

// traces plays a chapter, and returns the trace of each of its worlds.
func traces(t *testing.T, chapter string, seed uint64) (list [][]byte) {
	t.Helper()
	c, ok := book.Find(chapter)
	if !ok {
		t.Fatalf("no chapter %s", chapter)
	}
	doc, err := diagram.Parse(c.Name, c.Text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := script.Compile(doc, script.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenarios.Replay(s, scenarios.Options{Seed: &seed, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Worlds {
		var b bytes.Buffer
		if err := r.Worlds[i].WriteTrace(&b); err != nil {
			t.Fatal(err)
		}
		list = append(list, b.Bytes())
		r.Worlds[i].Close()
	}
	return list
}

// failure plays a generated schedule, with a flaw, and returns its trace.
func failure(t *testing.T, seed uint64, bug flaw.Flaw) []byte {
	t.Helper()
	s := fuzz.Swarm.Generate(seed)
	s.Flaw = bug
	r, err := s.Play(fuzz.Playing{Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Ensemble.Close()
	told, err := s.Tell(&r)
	if err != nil {
		t.Fatal(err)
	}
	return told.Trace
}

// tutorial is the run of chapter 3 from its first diagram on.
func tutorial(t *testing.T) []byte { return traces(t, "the-leader-dies", 1)[0] }

func page(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The page of a run of a chapter has at most 400 kB, or 60 bytes an event in a long run; and equal
// traces give equal pages.
func TestSizes(t *testing.T) {
	for _, name := range []string{"the-leader-dies", "traps", "two-leaders", "elections-inside"} {
		for i, text := range traces(t, name, 1) {
			p := Page{Title: name, Trace: text}
			events := bytes.Count(text, []byte("\n{\"i\":"))
			if s := page(t, p); len(s) > max(400_000, 60*events) || s != page(t, p) {
				t.Errorf("%s, world %d, %d events: %d bytes, or two pages differ", name, i+1,
					events, len(s))
			}
		}
	}
}

// What a trace or a title contains is never HTML, and nothing of the page has another address.
func TestSelfContained(t *testing.T) {
	text := tutorial(t)
	s := page(t, Page{Title: `</script><img src=x onerror=alert(1)> "&'`, Trace: text})
	if strings.Contains(s, "<img") || strings.Count(s, "</script>") != 7 {
		t.Error("the title is HTML")
	}
	s = page(t, Page{Title: "t", Trace: text})
	shell := regexp.MustCompile(`"data:text/javascript,[^"]*"`).ReplaceAllString(s, "")
	for _, bad := range []string{"http:", "https:", "<link", " src=", "@import", "url("} {
		if strings.Contains(shell, bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
	if !strings.Contains(s, `content="default-src 'none'; script-src 'sha256-`) ||
		!strings.Contains(s, "connect-src 'none'") {
		t.Error("the page has no policy")
	}
}

func TestTooLarge(t *testing.T) {
	text := append([]byte("{}"), bytes.Repeat([]byte("\n{\"i\":0}"), MaxEvents+1)...)
	err := (&Page{Title: "long", Trace: text}).Write(new(bytes.Buffer))
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "trace trim") {
		t.Error(err)
	}
	if len(page(t, Page{Title: "long", Trace: text[:len(text)-8]})) == 0 {
		t.Error("a page with as many events as may be is empty")
	}
}

// The folder vendor has lit-html as its authors publish it, its licence, its description, and
// nothing else. All modules are in the import map.
func TestVendor(t *testing.T) {
	var v struct{ Name, Version, License, File, Integrity, SHA256 string }
	if err := json.Unmarshal([]byte(read("vendor/vendor.json")), &v); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(read("vendor/" + v.File)))
	if hex.EncodeToString(sum[:]) != v.SHA256 || !strings.HasPrefix(v.Integrity, "sha512-") {
		t.Errorf("%s differs from version %s of %s", v.File, v.Version, v.Name)
	}
	licence := read("vendor/LICENSE")
	if !strings.Contains(licence, "BSD 3-Clause License") || v.License != "BSD-3-Clause" {
		t.Error("the licence is missing")
	}
	known := []string{"index.html", "style.css", "vendor/LICENSE", "vendor/vendor.json"}
	for _, m := range modules {
		known = append(known, m.file)
	}
	err := fs.WalkDir(ui, "ui", func(path string, d fs.DirEntry, err error) error {
		if name := strings.TrimPrefix(path, "ui/"); err == nil && !d.IsDir() &&
			!slices.Contains(known, name) {
			t.Errorf("ui/%s is not part of the page", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ---- the palette ----

type rgb [3]float64

// variables returns the colours of one rule of the style.
func variables(t *testing.T, selector string) map[string]rgb {
	t.Helper()
	style := read("style.css")
	at := strings.Index(style, selector)
	if at < 0 {
		t.Fatalf("no rule %s", selector)
	}
	rule, _, _ := strings.Cut(style[at:], "}")
	colours := make(map[string]rgb)
	for _, m := range regexp.MustCompile(`--(\w+):#([0-9a-f]{6})[;}]`).FindAllStringSubmatch(rule+"}", -1) {
		n, err := strconv.ParseUint(m[2], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		colours[m[1]] = rgb{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}
	}
	return colours
}

func (c rgb) linear() (l rgb) {
	for i, v := range c {
		if l[i] = v / 12.92; v > .04045 {
			l[i] = math.Pow((v+.055)/1.055, 2.4)
		}
	}
	return l
}

func (c rgb) times(m [3]rgb) (out rgb) {
	for i, row := range m {
		for k, v := range row {
			out[i] += v * c[k]
		}
		out[i] = min(1, max(0, out[i]))
	}
	return out
}

// lab is a linear colour in CIE L*a*b*, with the white point of daylight (CIE's illuminant of 6504 K).
func (c rgb) lab() (out rgb) {
	f := func(v float64) float64 {
		if v > .008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16./116
	}
	x := f((.4124*c[0] + .3576*c[1] + .1805*c[2]) / .95047)
	y := f(.2126*c[0] + .7152*c[1] + .0722*c[2])
	z := f((.0193*c[0] + .1192*c[1] + .9505*c[2]) / 1.08883)
	return rgb{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// seen simulates how people see a colour: all cones, and without one kind (Machado, Oliveira and
// Fernandes 2009, severity 1).
var seen = map[string][3]rgb{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
	"deuteranopia": {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.01182, .04294, .968881}},
	"tritanopia":   {{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .3039}},
}

// Epochs, faults and watches can be told apart by everybody, and every text can be read.
func TestPalette(t *testing.T) {
	themes := map[string]string{"light": ":root{", "dark": ":root[data-theme=dark]{"}
	for theme, selector := range themes {
		v := variables(t, selector)
		marks := []string{"e1", "e2", "e3", "bad", "watch"}
		for eye, m := range seen {
			for i, a := range marks {
				for _, b := range marks[:i] {
					p, q := v[a].linear().times(m).lab(), v[b].linear().times(m).lab()
					d := math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2])
					if d < 14 {
						t.Errorf("%s, %s: %s and %s differ by %.1f only", theme, eye, a, b, d)
					}
				}
			}
		}
		light := func(c rgb) float64 { l := c.linear(); return .2126*l[0] + .7152*l[1] + .0722*l[2] }
		for _, ink := range []string{"ink", "ink2", "ink3", "e1", "e2", "e3", "bad", "watch", "ok", "warn"} {
			for _, ground := range []string{"bg", "panel", "soft"} {
				if ground != "panel" && ink[0] == 'e' {
					continue // epochs are on cards only
				}
				a, b := light(v[ink]), light(v[ground])
				if r := (max(a, b) + .05) / (min(a, b) + .05); r < 4.5 {
					t.Errorf("%s: %s on %s has contrast %.2f", theme, ink, ground, r)
				}
			}
		}
	}
	if a, b := read("style.css"), themes["dark"]; fmt.Sprint(variables(t, b)) !=
		fmt.Sprint(variables(t, ":root:not([data-theme=light]){")) || a == "" {
		t.Error("the system's dark theme and the button's differ")
	}
}
