/**
 * Makes native/tests/uint256_vectors.hpp: operands and results of 256-bit arithmetic, computed with
 * BigInt. The same vectors on every run; with --check it only says whether the file is current.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from './steps.mjs'

const vectorsPerOperation = 220
const largestFile = 400_000

const modulus = 1n << 256n
const mask64 = (1n << 64n) - 1n
const wrap = (value) => BigInt.asUintN(256, value)
const signed = (value) => BigInt.asIntN(256, value)

let state = 0x2545f4914f6cdd1dn

/** splitmix64. */
function next() {
  state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
  let value = state
  value = BigInt.asUintN(64, (value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n)
  value = BigInt.asUintN(64, (value ^ (value >> 27n)) * 0x94d049bb133111ebn)
  return value ^ (value >> 31n)
}

const below = (bound) => Number(next() % BigInt(bound))
const pick = (values) => values[below(values.length)]
const join64 = (words) => words.reduce((sum, word, i) => sum | (word << BigInt(64 * i)), 0n)
const any = () => join64([next(), next(), next(), next()])
const anyBits = () => any() >> BigInt(below(256))

/** Where arithmetic goes wrong: the ends of the range and of each 64-bit word. */
const edges = [
  0n,
  1n,
  2n,
  mask64,
  mask64 + 1n,
  (1n << 128n) - 1n,
  1n << 128n,
  (1n << 192n) - 1n,
  1n << 192n,
  (1n << 255n) - 1n,
  1n << 255n,
  (1n << 255n) + 1n,
  modulus - 2n,
  modulus - 1n,
]

/** One operand: any, short, negative, a power of two, an edge, words of all zeros or ones. */
function operand() {
  switch (below(7)) {
    case 0:
      return any()
    case 1:
      return anyBits()
    case 2:
      return modulus - 1n - anyBits()
    case 3:
      return 1n << BigInt(below(256))
    case 4:
      return pick(edges)
    case 5:
      return join64(Array.from({ length: 4 }, () => pick([0n, mask64, 1n, 1n << 63n, next()])))
    default:
      return next()
  }
}

const nonzero = (value) => (value === 0n ? 3n : value)

/** Divisions where a digit's estimate is one or two too large (Knuth, TAOCP 4.3.1, algorithm D). */
const top = 1n << 63n
const hardDivisions = [
  [join64([0n, 0n, top, top - 1n]), join64([1n, 0n, top])],
  [join64([3n, 0n, top]), join64([1n, 0n, top >> 2n])],
  [join64([0n, mask64 - 1n, top]), join64([mask64, top])],
  [join64([0n, 0n, 0n, top]), join64([mask64, mask64, top - 1n])],
  [join64([0n, 0n, mask64 - 1n, mask64]), join64([mask64, mask64, mask64])],
  [join64([mask64, mask64, mask64, mask64]), join64([0n, mask64])],
  [join64([0n, 0n, 0n, mask64]), join64([1n, 0n, 0n, top])],
  [join64([0n, top, top - 1n]), join64([mask64, top])],
  [join64([2n, mask64, mask64 - 1n, top]), join64([2n, mask64, top])],
]

/** A dividend and a divisor: often of like length, with quotients of a few digits or none. */
function division() {
  const divisor = nonzero(operand())
  if (below(3) > 0) {
    return [operand(), divisor]
  }
  const quotient = anyBits()
  return [wrap(divisor * quotient + pick([0n, 1n, divisor - 1n, modulus - 1n])), divisor]
}

/** Three operands, the last a modulus; the others often below it already. */
function modular() {
  const m = nonzero(operand())
  const [a, b] = [operand(), operand()]
  return below(3) === 0 ? [a % m, b % m, m] : [a, b, m]
}

function power(base, exponent) {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) {
      result = wrap(result * square)
    }
    square = wrap(square * square)
  }
  return result
}

const pair = () => [operand(), operand()]
const shifted = () => [operand(), BigInt(below(256))]

const operations = [
  { name: 'add', operands: pair, compute: (a, b) => [wrap(a + b)] },
  { name: 'subtract', operands: pair, compute: (a, b) => [wrap(a - b)] },
  { name: 'multiply', operands: pair, compute: (a, b) => [wrap(a * b)] },
  {
    name: 'multiply_full',
    operands: pair,
    compute: (a, b) => [(a * b) % modulus, (a * b) >> 256n],
  },
  {
    name: 'divide',
    operands: division,
    first: hardDivisions,
    compute: (a, b) => [a / b, a % b],
  },
  {
    name: 'divide_signed',
    operands: division,
    first: [
      [1n << 255n, modulus - 1n],
      [1n << 255n, 1n],
      [modulus - 7n, 2n],
      [7n, modulus - 2n],
      [modulus - 7n, modulus - 2n],
    ],
    compute: (a, b) => [wrap(signed(a) / signed(b)), wrap(signed(a) % signed(b))],
  },
  { name: 'add_mod', operands: modular, compute: (a, b, m) => [(a + b) % m] },
  {
    name: 'multiply_mod',
    operands: modular,
    first: hardDivisions.map(([a, b]) => [a, 1n << 255n, b]),
    compute: (a, b, m) => [(a * b) % m],
  },
  {
    name: 'power',
    operands: () => (below(2) ? pair() : [operand(), BigInt(below(300))]),
    first: [
      [0n, 0n],
      [0n, 1n],
      [2n, 255n],
      [2n, 256n],
      [2n, modulus - 1n],
      [modulus - 1n, modulus - 1n],
    ],
    compute: (a, b) => [power(a, b)],
  },
  { name: 'shift_left', operands: shifted, compute: (a, b) => [wrap(a << b)] },
  { name: 'shift_right', operands: shifted, compute: (a, b) => [a >> b] },
]

/** One operation's vectors as a C++ array. */
function render({ name, operands, first = [], compute }) {
  const cases = [...first]
  while (cases.length < vectorsPerOperation) {
    cases.push(operands())
  }
  const rows = cases.map((values) => {
    const columns = [...values, ...compute(...values)]
    return `    {${columns.map((value) => `"${value.toString(16)}"`).join(', ')}},`
  })
  const count = cases[0].length + compute(...cases[0]).length
  return `inline constexpr const char* ${name}_vectors[][${count}] = {\n${rows.join('\n')}\n};\n`
}

const text = `/// Operands and results of 256-bit arithmetic, in hex: the operands first, then the results.
/// Made by scripts/generate-uint256-vectors.mjs; do not edit.
#pragma once

// clang-format off
namespace braid::test {

${operations.map(render).join('\n')}
} // namespace braid::test
// clang-format on
`
if (text.length > largestFile) {
  throw new Error(`the vectors take ${text.length} bytes, more than ${largestFile}`)
}

const path = join(root, 'native/tests/uint256_vectors.hpp')
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== text) {
    say('native/tests/uint256_vectors.hpp is not what its generator makes')
    process.exitCode = 1
  }
} else {
  writeFileSync(path, text)
}
