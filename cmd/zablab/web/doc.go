// Package web makes the page of a run: one HTML file that contains the trace, the style and the
// modules that draw it. It fetches nothing, needs no server, and works from a disk.
//
// # Contract
//
//  1. [Page.Write] writes one file. Its Content-Security-Policy forbids every connection, and every
//     script but the file's own.
//  2. Whatever the trace contains is shown as text. The trace is compressed and written in base64,
//     so that no text of it is HTML.
//  3. The page applies the patches of the trace, one after another, as scenarios/trace does, and so
//     computes each state. Events of kind "check" hold the hash of the state: if a hash differs,
//     the page says so and shows no state.
//  4. Equal traces, sources and engines give equal files.
//  5. With a [fork.Source] and an engine, the page plays the run again, with changes, in a worker. Its
//     run without changes is the program's, to the byte (TestSameEngine). If the past of a fork differs
//     from the run on screen, the page says so and shows no fork.
//
// # Files
//
//   - ui/index.html and ui/style.css: the frame of the page, in which Page.Write replaces the
//     {{names}}
//   - ui/trace.js and ui/history.js: read a trace, compute its states, and index them; they do not
//     use the DOM
//   - ui/store.js: holds the page's state, which no other module changes, and makes links
//   - ui/stage.js, ui/spacetime.js, ui/minimap.js, ui/panels.js, ui/drawing.js: the views
//   - ui/engine.js: the worker, and what the engine may ask of it (wasip1, standard input and output)
//   - ui/whatif.js, ui/text.js: forks, and the document as text
//   - ui/keys.js, ui/words.js: the keys, and the marks, colours and words that all views share
//   - ui/main.js: opens a trace and draws what the store holds
//   - ui/vendor: lit-html, as its authors publish it, with its licence and hash
//
// # Decisions
//
//   - The engine is a program for wasip1 and not for js: each run is a new instance that reads a
//     request and writes an answer, so that nothing is left of an earlier run, the same program can be
//     tested without a browser, and no glue has to match the compiler. It is built without inlining,
//     which makes it 12 % smaller.
//   - A fork is the document with "%% lab:" lines, never a private format: what the page shows,
//     zablab replay plays.
//   - There is no build step: the browser runs the modules as they are written. An import map names
//     the modules. Their addresses are data: URLs, because a page that is opened from a disk may
//     not import other files.
//   - The axis shortens long stretches of time with nothing but pings and timers, and shows their
//     true length. Otherwise a session timeout of 6s would leave only a few pixels for the 100 ms
//     in which everything else happens.
package web
