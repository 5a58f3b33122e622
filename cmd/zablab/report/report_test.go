package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/compare"
	"golang.org/x/net/html"
)

// write returns the page of a report, as text and parsed.
func write(t *testing.T, r *Report) (text string, doc *node) {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	parsed, err := html.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), &node{parsed}
}

// node is an element of a page, as a browser parses it.
type node struct{ *html.Node }

func (n *node) attr(key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// is reports whether an element has all the classes of a selector such as rect.fill or .card.
func (n *node) is(selector string) bool {
	name, classes, _ := strings.Cut(selector, ".")
	if n.Type != html.ElementNode || name != "" && n.Data != name {
		return false
	}
	has := strings.Fields(n.attr("class"))
	for c := range strings.SplitSeq(classes, ".") {
		if c != "" && !slices.Contains(has, c) {
			return false
		}
	}
	return true
}

func (n *node) all(selector string) (list []*node) {
	for d := range n.Descendants() {
		if m := (&node{d}); m.is(selector) {
			list = append(list, m)
		}
	}
	return list
}

// text returns what a reader sees in an element, without pictures, with single blanks.
func (n *node) text() string {
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		if n.Data != "svg" {
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
	}
	walk(n.Node)
	return strings.Join(strings.Fields(b.String()), " ")
}

// section returns the part of the page with this id.
func (n *node) section(t *testing.T, id string) *node {
	t.Helper()
	for _, s := range n.all("section") {
		if s.attr("id") == id {
			return s
		}
	}
	t.Fatalf("there is no section %s", id)
	return nil
}

// TestSame: equal reports give equal bytes, and a report with another figure gives another page.
func TestSame(t *testing.T) {
	first, _ := write(t, sample(t))
	if again, _ := write(t, sample(t)); again != first {
		t.Error("the second page of the same report is another")
	}
	r := sample(t)
	r.Failover[0].First.Values[3] += 5000
	if other, _ := write(t, r); other == first {
		t.Error("a run that took 5 ms more makes no difference")
	}
}

// TestAlone: the page loads nothing and runs nothing: it has no address, no script, and only the
// style that its policy names by hash. Every link within the page has a target.
func TestAlone(t *testing.T) {
	text, doc := write(t, sample(t))
	policy := ""
	ids := map[string]bool{}
	for d := range doc.Descendants() {
		n := &node{d}
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "link", "iframe", "object", "embed", "base", "image",
			"foreignObject", "form":
			t.Errorf("there is a <%s>", n.Data)
		}
		if n.attr("http-equiv") == "Content-Security-Policy" {
			policy = n.attr("content")
		}
		if id := n.attr("id"); id != "" {
			if ids[id] {
				t.Errorf("#%s is there twice", id)
			}
			ids[id] = true
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" ||
				a.Key == "srcset" {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if strings.Contains(a.Val, "://") {
				t.Errorf("<%s %s=%q>: an address", n.Data, a.Key, a.Val)
			}
		}
	}
	for d := range doc.Descendants() {
		ref, ok := strings.CutPrefix((&node{d}).attr("href"), "#")
		if (&node{d}).attr("href") != "" && (!ok || !ids[ref]) {
			t.Errorf("href %q leads nowhere", (&node{d}).attr("href"))
		}
	}
	style := doc.all("style")
	if len(style) != 1 {
		t.Fatalf("%d styles", len(style))
	}
	css := style[0].FirstChild.Data
	sum := sha256.Sum256([]byte(css))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if !strings.Contains(policy, want) || !strings.HasPrefix(policy, "default-src 'none';") ||
		strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q, want %q in it", policy, want)
	}
	for _, m := range regexp.MustCompile(`url\([^)]*\)`).FindAllString(css, -1) {
		if ref, ok := strings.CutPrefix(m, "url(#"); !ok || !ids[strings.TrimSuffix(ref, ")")] {
			t.Errorf("the style has %s", m)
		}
	}
	if strings.Contains(css, "@import") || strings.Contains(text, "<script") ||
		!strings.HasPrefix(text, "<!doctype html>") {
		t.Errorf("an import, a script, or no doctype first: %.60q", text)
	}
}

// TestPictures: every picture is well-formed, and either has a description or is in a row with the
// same figures.
func TestPictures(t *testing.T) {
	text, doc := write(t, sample(t))
	for rest := text; ; {
		begin := strings.Index(rest, "<svg")
		if begin < 0 {
			break
		}
		d := xml.NewDecoder(strings.NewReader(rest[begin:]))
		for depth := 0; ; {
			token, err := d.Token()
			if err != nil {
				t.Fatalf("%v: %.200s", err, rest[begin:])
			}
			switch token.(type) {
			case xml.StartElement:
				depth++
			case xml.EndElement:
				depth--
			}
			if depth == 0 {
				break
			}
		}
		rest = rest[begin+int(d.InputOffset()):]
	}
	told := 0
	for _, svg := range doc.all("svg") {
		if svg.is("svg.frame") {
			continue
		}
		switch titles := svg.all("title"); {
		case svg.attr("aria-hidden") == "true" && len(titles) == 0:
		case svg.attr("role") == "img" && len(titles) == 1 &&
			len((&node{titles[0].Node}).text()) > 10:
			told++
		default:
			t.Errorf("a picture that says nothing: %v", svg.Attr)
		}
	}
	if told < 80 {
		t.Errorf("only %d pictures", told)
	}
	for _, row := range doc.all("tr") {
		pic := row.all("td.pic")
		if len(pic) == 1 && len(pic[0].all("title")) == 1 &&
			!strings.ContainsAny(row.text(), "0123456789") {
			t.Errorf("%s: no figure beside the picture", row.text())
		}
	}
}

// TestHostile: a name with HTML in it is shown unchanged, and is only text.
func TestHostile(t *testing.T) {
	r := sample(t)
	r.Runs.Plan += "\n" + hostile
	r.Runs.Sides[1].Moments[1].Say = hostile
	r.Reads[0].Promise, r.Settings[0], r.Version = hostile, hostile, hostile
	text, doc := write(t, r)
	if strings.Contains(text, "<script") || strings.Contains(text, "<img") {
		t.Error("a name became an element")
	}
	for _, id := range []string{"failover", "timeline", "settings", "reads"} {
		if !strings.Contains(doc.section(t, id).text(),
			strings.Join(strings.Fields(hostile), " ")) {
			t.Errorf("%s does not show the name as it is", id)
		}
	}
}

// TestLittle: a section without data is left out, and all others are there.
func TestLittle(t *testing.T) {
	whole := sample(t)
	for _, c := range []struct {
		r    *Report
		want []string
	}{
		{&Report{}, []string{"settings"}},
		{&Report{Seeds: 1, Writes: whole.Writes}, []string{"writes", "settings"}},
		{&Report{
			Seeds: 1, Writes: []compare.Write{{Engine: compare.ZAB, Servers: 5, Enters: "leader"}},
		},
			[]string{"writes", "settings"}},
		{&Report{
			Seeds: 1, Latency: []compare.Latency{{Engine: compare.ZAB}},
			Throughput: []compare.Throughput{{Engine: compare.Raft}},
		},
			[]string{"latency", "throughput", "settings"}},
		{&Report{Seeds: 1, Failover: []compare.Failover{{Engine: compare.Raft, Seeds: 1}}},
			[]string{"failover", "settings"}},
		{&Report{Seeds: 1, Reads: []compare.Read{{Engine: compare.Raft}}},
			[]string{"reads", "settings"}},
		{&Report{Runs: whole.Runs}, []string{"timeline", "settings"}},
		{&Report{Runs: &Runs{}}, []string{"settings"}},
	} {
		text, doc := write(t, c.r)
		var got, named []string
		for _, s := range doc.all("section") {
			got = append(got, s.attr("id"))
		}
		for _, a := range doc.all("nav")[0].all("a") {
			named = append(named, strings.TrimPrefix(a.attr("href"), "#"))
		}
		if !slices.Equal(got, c.want) || !slices.Equal(named, c.want) ||
			strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("%v, and %v in the contents, want %v", got, named, c.want)
		}
	}
	partial, doc := write(t, &Report{Seeds: 1, Partial: true})
	if !strings.Contains(partial, "interrupted") || len(doc.all("p.bad")) != 1 {
		t.Error("an interrupted report does not say so")
	}
	if err := whole.Write(failing{}); err == nil {
		t.Error("what cannot be written is not told")
	}
}

// TestVariant: a variant of an engine has the look of its engine, and a row of its own.
func TestVariant(t *testing.T) {
	_, doc := write(t, &Report{
		Seeds: 2,
		Failover: []compare.Failover{
			failover(compare.ZAB, "a cut", 2, 0), failover(compare.Raft, "a cut", 2, 0),
			failover("raft, no PreVote", "a cut", 2, 0),
		},
	})
	rows := doc.section(t, "failover").all("table.anatomy")[0].all("tr.raft")
	if len(rows) != 2 || !strings.HasPrefix(rows[1].text(), "Raft, no PreVote 1.7 s 1.5–1.7") {
		t.Errorf("%d rows", len(rows))
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

var _ io.Writer = failing{}

// TestPalette: the contrast of text is at least 4.5:1, that of shapes 3:1, in light and dark mode.
func TestPalette(t *testing.T) {
	light, dark, ok := strings.Cut(styleText, "@media (prefers-color-scheme:dark)")
	if !ok {
		t.Fatal("there is no dark")
	}
	for name, css := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]float64{}
		colour := regexp.MustCompile(`--([a-z0-9]+):#([0-9a-f]{6})`)
		for _, m := range colour.FindAllStringSubmatch(css, -1) {
			colours[m[1]] = luminance(t, m[2])
		}
		for _, c := range []struct {
			on, of string
			least  float64
		}{
			{"bg", "ink", 4.5}, {"bg", "ink2", 4.5}, {"panel", "ink", 4.5}, {"panel", "ink2", 4.5},
			{"soft", "ink", 4.5}, {"panel", "fault", 4.5}, {"bg", "fault", 4.5}, {"zab", "on", 4.5},
			{"raft", "on", 4.5}, {"panel", "zab", 3}, {"panel", "raft", 3}, {"panel", "steady", 3},
			{"panel", "looks", 3},
		} {
			a, b := colours[c.on], colours[c.of]
			ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05)
			if ratio < c.least || a == 0 && b == 0 {
				t.Errorf("%s: %s on %s: %.2f:1, want %v", name, c.of, c.on, ratio, c.least)
			}
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(c uint64) float64 {
		x := float64(c&255) / 255
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

// TestLibrary: a page about etcd-io/raft says nothing of hashicorp/raft, and the reverse.
func TestLibrary(t *testing.T) {
	r := sample(t)
	plain, _ := write(t, r)
	r.Name, r.Raft = "etcd-io/raft", "v3.7.0"
	etcd, _ := write(t, r)
	for _, c := range []struct{ text, says, not string }{
		{plain, "hashicorp/raft v1.8.0", "etcd"}, {etcd, "etcd-io/raft v3.7.0", "hashicorp"},
	} {
		body := c.text[strings.Index(c.text, "<header>"):]
		if strings.Count(body, c.says) < 2 || strings.Contains(body, c.not) {
			t.Errorf("the page of %s names the library %d times, and %s %d times", c.says,
				strings.Count(body, c.says), c.not, strings.Count(body, c.not))
		}
	}
	if strings.Contains(etcd, "heartbeat timeout") || !strings.Contains(plain, "heartbeat timeout") {
		t.Error("of the two libraries, hashicorp/raft alone has a heartbeat timeout")
	}
	if want := "Here each has these settings: " + r.AsTheyCome[0] + ". "; !strings.Contains(etcd, want) {
		t.Errorf("the page does not say %q", want)
	}
}
