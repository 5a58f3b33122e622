// Package site writes the book as a site of static files: a page of contents, a page for each
// chapter, the claims with their evidence, and the glossary. The page of a chapter draws its
// diagrams, and links to its runs, which a reader can step through and change. It asks the reader
// to bet on the outcome before it shows any result.
//
// # Contract
//
//  1. The files work from a disk and under any path of any server. No page loads anything that is not
//     in the folder, and its Content-Security-Policy forbids every connection.
//  2. All runs share one engine, engine.js, which a page loads when a reader first changes a run.
//  3. Equal sources give equal files.
//
// # Files
//
//   - index.html, claims.html, glossary.html, and NN-name.html for each chapter
//   - runs/NN-name-K.html: the Kth ensemble of a chapter, as zablab replay --html shows it
//   - site.css, site.js; run.css, run.js and engine.js, which package web makes
package site
