// Package report writes a comparison of ZAB and Raft as one page: a single HTML file, with its
// pictures inside it as SVG.
//
// # Contract
//
//  1. The page depends on the [Report] alone: no clock, no environment, no file. Equal reports give
//     equal bytes.
//  2. The page loads nothing: its policy forbids every request and every script. It opens from
//     disk.
//  3. Every value that is drawn is also written, with the number of measurements. No figure is only
//     a colour or a length.
//  4. A section without data is left out, with its heading.
//
// # Decisions
//
// The SVG is written by hand, without a viewBox: horizontal positions are in percent, vertical ones
// in pixels. So text has the same size on a page 360 pixels wide as on one of 1440, without a
// script. Charting libraries were tried. Those for Go fix width and colours (no dark mode, text of
// 5 pixels on a telephone, styles that a strict policy refuses) and have neither lanes nor strips
// of dots. Those for browsers need 200 kB of script, without which the page cannot be read. An
// interactive chart would change this decision.
package report
