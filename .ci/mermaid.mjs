// Parses every Mermaid block of the named files with Mermaid itself: every renderer can draw the book,
// what zablab writes of runs (.mmd), and what the tests of scenarios/diagram print.
// node mermaid.mjs FOLDER FILE... : FOLDER has node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const find = createRequire(join(resolve(folder), "node_modules", "x.js"));

// A box asks a page for its colour, and its title is purified in one.
const { JSDOM } = await import(pathToFileURL(find.resolve("jsdom")));
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
globalThis.Option = window.Option;
const { default: mermaid } = await import(pathToFileURL(find.resolve("mermaid")));

// Of a test of scenarios/diagram what is printed, of a .mmd file each drawing, of all others what is in
// a fence.
const printed = /^----\n(sequenceDiagram\n[\s\S]*?)(?=^\n|$(?![\s\S]))/gm;
const drawn = /^(sequenceDiagram\r?\n[\s\S]*?)(?=^sequenceDiagram|$(?![\s\S]))/gm;
const fenced = /^```mermaid\r?\n([\s\S]*?)^```/gm;

const within = (file) => file.includes("diagram/testdata/") ? printed : file.endsWith(".mmd") ? drawn : fenced;

let blocks = 0, bad = 0;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  for (const block of text.matchAll(within(file))) {
    blocks++;
    try {
      await mermaid.parse(block[1]);
    } catch (e) {
      bad++;
      console.error(`${file}:${text.slice(0, block.index).split("\n").length}: ${e.message}`);
    }
  }
}
if (bad > 0 || blocks === 0) {
  console.error(`mermaid: ${bad} of ${blocks} blocks cannot be read`);
  process.exit(1);
}
console.log(`mermaid: ${blocks} drawings can be read`);
