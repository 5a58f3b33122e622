// lzma.js unpacks a file in the format .lzma with the properties lc=3, lp=0, pb=0, as the Go package
// lzma writes it. Its tests have the same decoder in Go. The function runs in a worker, made from
// its own text, so it must not use anything of this module.

export function unlzma(input) {
  const view = new DataView(input.buffer, input.byteOffset), size = view.getUint32(5, true)
  if (input[0] !== 3 || view.getUint32(9, true) !== 0) throw new Error('the data is not an LZMA file with lc=3')
  const out = new Uint8Array(size)
  const model = n => new Uint16Array(n).fill(1024)
  const isMatch = model(12), isRep = model(12), isRepG0 = model(12), isRepG1 = model(12), isRepG2 = model(12), isRep0Long = model(12)
  const literals = model(8 * 0x300), slots = model(4 * 64), special = model(115), aligned = model(16)
  // lengths: choices at 0 and 1, low from 8, mid from 16, high from 32
  const lengths = model(288), repLengths = model(288)
  let width = 0xffffffff, code = view.getUint32(14), from = 18

  function bit(p, i) {
    const v = p[i], bound = (width >>> 11) * v
    let b = 0
    if (code < bound) {
      width = bound
      p[i] = v + ((2048 - v) >> 5)
    } else {
      code -= bound
      width -= bound
      p[i] = v - (v >> 5)
      b = 1
    }
    if (width < 0x1000000) {
      width = (width << 8) >>> 0
      code = ((code << 8) | input[from++]) >>> 0
    }
    return b
  }

  function tree(p, at, n) {
    let m = 1
    for (let i = 0; i < n; i++) m = (m << 1) | bit(p, at + m)
    return m - (1 << n)
  }

  function reverse(p, at, n) {
    let m = 1, v = 0
    for (let i = 0; i < n; i++) {
      const b = bit(p, at + m)
      m = (m << 1) | b
      v |= b << i
    }
    return v
  }

  function length(p) {
    if (!bit(p, 0)) return 2 + tree(p, 8, 3)
    if (!bit(p, 1)) return 10 + tree(p, 16, 3)
    return 18 + tree(p, 32, 8)
  }

  function distance(n) {
    const slot = tree(slots, 64 * Math.min(n - 2, 3), 6)
    if (slot < 4) return slot
    const foot = (slot >> 1) - 1, base = ((2 | (slot & 1)) << foot) >>> 0
    if (slot < 14) return base + reverse(special, base - slot, foot)
    let v = 0
    for (let i = foot - 4; i > 0; i--) {
      width >>>= 1
      v <<= 1
      if (code >= width) {
        code -= width
        v |= 1
      }
      if (width < 0x1000000) {
        width = (width << 8) >>> 0
        code = ((code << 8) | input[from++]) >>> 0
      }
    }
    return base + v * 16 + reverse(aligned, 0, 4)
  }

  let state = 0, rep0 = 0, rep1 = 0, rep2 = 0, rep3 = 0
  for (let at = 0; at < size;) {
    if (!bit(isMatch, state)) {
      const p = 0x300 * (at ? out[at - 1] >> 5 : 0)
      let symbol = 1
      if (state >= 7) {
        let other = out[at - rep0 - 1]
        while (symbol < 0x100) {
          const same = other >> 7 & 1, b = bit(literals, p + ((1 + same) << 8) + symbol)
          other <<= 1
          symbol = (symbol << 1) | b
          if (b !== same) break
        }
      }
      while (symbol < 0x100) symbol = (symbol << 1) | bit(literals, p + symbol)
      out[at++] = symbol
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
      continue
    }
    let n
    if (!bit(isRep, state)) {
      n = length(lengths)
      rep3 = rep2
      rep2 = rep1
      rep1 = rep0
      rep0 = distance(n)
      state = state < 7 ? 7 : 10
    } else {
      n = 0
      if (!bit(isRepG0, state)) {
        if (!bit(isRep0Long, state)) n = 1
      } else {
        let back = rep1
        if (bit(isRepG1, state)) {
          back = rep2
          if (bit(isRepG2, state)) {
            back = rep3
            rep3 = rep2
          }
          rep2 = rep1
        }
        rep1 = rep0
        rep0 = back
      }
      if (n) {
        state = state < 7 ? 9 : 11
      } else {
        n = length(repLengths)
        state = state < 7 ? 8 : 11
      }
    }
    if (rep0 >= at || at + n > size) throw new Error('the data is damaged')
    for (let source = at - rep0 - 1; n > 0; n--) out[at++] = out[source++]
  }
  return out
}
