// Package web makes the page of a run: one HTML file that contains the trace, the style and the
// JavaScript modules that draw the run. The page fetches nothing, needs no server, and also works
// when it is opened as a local file.
//
// # Contract
//
//  1. [Page.Write] writes one file. Its Content-Security-Policy forbids every connection, and every
//     script but the file's own.
//  2. Whatever the trace contains is shown as text. The trace is compressed and written in base64,
//     so that the browser never parses any of its text as HTML.
//  3. The page applies the patches of the trace, one after another, as scenarios/trace does, and so
//     computes each state. Events of kind "check" hold the hash of the state: if a hash differs,
//     the page says so and shows no state.
//  4. Equal traces, sources and engines give equal files.
//  5. With a [fork.Source] and an engine, the page can play the run again with changes. Such a run
//     is called a fork; it is played in a web worker. Without changes, the page's run equals that
//     of zablab replay, to the byte (TestSameEngine). A fork must equal the run on screen up to the
//     first change that the reader made. If it does not, the page says so and does not show the
//     fork.
//
// # Files
//
//   - ui/index.html and ui/style.css: the frame of the page, in which Page.Write replaces the
//     {{names}}
//   - ui/trace.js and ui/history.js: read a trace, compute its states, and index them; they do not
//     use the DOM
//   - ui/store.js: holds the page's state, which no other module changes, and makes the URLs that
//     open the page at a given moment of the run
//   - ui/stage.js, ui/spacetime.js, ui/minimap.js, ui/panels.js, ui/drawing.js: draw the views of
//     the run
//   - ui/engine.js: runs the engine in a web worker, and implements the system calls of wasip1 that
//     the engine makes; ui/lzma.js: unpacks the engine
//   - ui/whatif.js: changes the run from a moment that the reader chooses (a fork); ui/text.js:
//     edits the document as text
//   - ui/keys.js: handles the keyboard; ui/words.js: has the marks, colours and words of all views
//   - ui/main.js: opens a trace and draws what the store holds
//   - ui/vendor: lit-html, as its authors publish it, with its licence and hash
//
// # Decisions
//
//   - The engine is built for wasip1, not for js. Each run is a new instance that reads a request
//     and writes an answer. So nothing is left of an earlier run, the program can be tested without
//     a browser, and no JavaScript file has to match the version of the compiler. The engine is
//     built without inlining, except in a few packages, which makes it a tenth smaller.
//   - The engine is compressed with LZMA, which makes it a fifth smaller than gzip does. The page
//     has a decoder of its own, because browsers unpack gzip only.
//   - The page of a single run has the engine [Player]. The pages of a site have a different
//     engine, [Tutor], which also checks exercises and is therefore larger.
//   - A fork is stored as a document with more "%% lab:" lines, not in a format of its own, so that
//     zablab replay plays every run that a page shows.
//   - There is no build step: the browser runs the modules as they are written, but without comments
//     and indentation. An import map gives
//     each module a URL with the scheme "data:", because a page that is opened from a disk may not
//     import other files.
//   - The time axis shortens long stretches that contain only pings and timers, and prints their
//     true length. Otherwise a session timeout of 6s would fill nearly the whole axis, and the 100
//     ms in which everything else happens would get only a few pixels.
package web
