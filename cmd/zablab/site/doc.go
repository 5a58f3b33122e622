// Package site writes the book as a site of static files: a page of contents, a page for each
// chapter, the claims with their evidence, and the glossary. The page of a chapter draws its
// diagrams, and links to its runs, which a reader can step through and change. The page of a
// chapter asks the reader to predict the outcome before it shows any result. The page of an
// exercise checks answers with the engine, as zablab learn check does, and keeps the learner's
// progress in the browser.
//
// # Contract
//
//  1. The files work without a server (file://), and under any path of any server. A page loads
//     only files of the site's folder, and the page's Content-Security-Policy forbids fetch and all
//     other connections of its scripts (connect-src 'none').
//  2. All runs share one engine, engine.js, which a page loads when a reader first changes a run.
//  3. Equal sources give equal files.
//
// # Files
//
//   - index.html, exercises.html, claims.html, glossary.html, NN-name.html for each chapter, and
//     exercise-NN-name.html for each exercise
//   - runs/NN-name-K.html: the run of the Kth ensemble that a chapter plays on, as zablab replay
//     --html shows it
//   - runs/exercise-NN-name.html: the run that an exercise is about
//   - site.css, site.js, exercise.js; run.css, run.js and engine.js, which package web makes
package site
