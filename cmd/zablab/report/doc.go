// Package report writes a comparison of ZAB and Raft as one page: a single HTML file with inline
// SVG pictures.
//
// # Contract
//
//  1. The page depends on the [Report] alone, not on a clock, the environment or a file. Equal
//     reports give equal bytes.
//  2. The page loads nothing: its content security policy forbids every request and every script. A
//     browser can open it from a disk.
//  3. Every value that is drawn is also written as a number, with the number of measurements.
//  4. A section without data is left out, with its heading.
//
// # Decisions
//
// The SVG is written by hand, without a viewBox: horizontal positions are in percent, vertical
// positions in pixels. Text therefore has the same size on a page of 360 pixels as on a page of
// 1440, without a script.
//
// We tried charting libraries. Go libraries fix the width and the colours: their charts have no
// dark mode, their text is only 5 pixels high on a phone, and a strict Content Security Policy
// blocks their inline styles. Go libraries also have no timelines and no dot plots. Browser
// libraries need 200 kB of script, and without scripts the page cannot be read. If a chart must
// become interactive, a library may be the better choice.
package report
