// Package report draws a comparison of ZAB and Raft as one page: HTML with its pictures in it as SVG, and nothing else.
//
// # Contract
//
//  1. A [Report] is all that the page knows: no clock, no environment, no file. Equal reports give equal bytes.
//  2. The page asks for nothing: its policy forbids every request, and any script. It opens from a disk.
//  3. What is drawn is written beside it, with how many measurements stand behind it. No figure is only a colour or a length.
//  4. What a report has nothing of is left out, heading and all.
//
// # Decisions
//
// Pictures are SVG of our own, without a viewBox: across they are laid out in percent, down in pixels, and so a page 360
// pixels wide has the same letters as one of 1440, without a script. Charting libraries were tried for this. Those for
// Go fix width and colours (no dark, text of 5 pixels on a telephone, styles that a strict policy refuses) and have
// neither lanes nor strips of dots; those for browsers want 200 kB of script, and a page that cannot be read without.
// Should a chart be wanted that one has to move about in, that changes the answer.
package report
