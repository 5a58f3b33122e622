// text.js lets the reader change the document: the run follows.
export function draw() {}
