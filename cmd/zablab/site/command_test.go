package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestServe: the site is there for browsers on this machine, to be read, and each file is sent once.
func TestServe(t *testing.T) {
	files := Files{"index.html": []byte("<h1>x</h1>"), "runs/a.html": []byte("a"), "engine.js": []byte("e")}
	ask := func(method, host, to, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://"+host+to, nil)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		files.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		method, host, to string
		code             int
		says             string
	}{
		{"GET", "127.0.0.1:8095", "/", 200, "<h1>x"}, {"GET", "localhost", "/index.html", 200, "<h1>x"},
		{"GET", "[::1]:80", "/runs/a.html?slides", 200, "a"}, {"HEAD", "127.0.0.1", "/engine.js", 200, ""},
		{"GET", "127.0.0.1", "/nosuch", 404, "no such page"}, {"GET", "127.0.0.1", "/runs", 404, "no such page"},
		{"GET", "127.0.0.1", "/../../etc/passwd", 404, "no such page"},
		{"POST", "127.0.0.1", "/", 405, "only be read"}, {"GET", "evil.example", "/", 403, "use the address"},
		{"GET", "127.0.0.1.evil.example:80", "/", 403, "use the address"},
	} {
		w := ask(c.method, c.host, c.to, "")
		if body := w.Body.String(); w.Code != c.code || !strings.HasPrefix(body, c.says) && !strings.Contains(
			body, c.says) || c.says == "" && body != "" {
			t.Errorf("%s %s%s: %d %q, want %d %q", c.method, c.host, c.to, w.Code, body, c.code, c.says)
		}
	}
	first := ask("GET", "localhost", "/engine.js", "")
	if kind := first.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/javascript") {
		t.Errorf("the engine is of type %s", kind)
	}
	again := ask("GET", "localhost", "/engine.js", first.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("the same file again: %d, %d bytes", again.Code, again.Body.Len())
	}
}

// TestListen: no other machine reaches the book.
func TestListen(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "8095", "example.com:0", "[::]:0"} {
		if l, err := listen(address); err == nil {
			l.Close()
			t.Errorf("listens at %s", address)
		}
	}
	l, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := listen(l.Addr().String()); err == nil || !strings.Contains(err.Error(), "use another port") {
		t.Errorf("a port that is in use: %v", err)
	}
}
