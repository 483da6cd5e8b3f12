import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ErrorCode } from '../lib/error-codes.js'
import { BlockDecodeError } from '../lib/errors.js'
import { decodeRlp, type RlpItem, RlpReader, RlpWriter } from '../lib/rlp/index.js'
import { fixtureNames, readFixture, withFixtures } from './fixtures.js'
import { mutateBytes, Random } from './random.js'
import { errorIn } from './support/thrown.js'

const rlp = suite('rlp')
const fixtures = withFixtures(rlp, 'rlp')

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/^0x/, ''), 'hex'))
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** A tree with hex strings for bytes: comparable. */
type HexTree = string | HexTree[]
const treeOf = (item: RlpItem): HexTree => (Array.isArray(item) ? item.map(treeOf) : hexOf(item))

function codeOf(run: () => unknown): ErrorCode | undefined {
  return errorIn(run)?.code
}

/** What the vectors' `in` stands for. */
type VectorItem = string | number | VectorItem[]

function vectorTree(item: VectorItem): HexTree {
  if (Array.isArray(item)) return item.map(vectorTree)
  const isNumber = typeof item === 'number' || item.startsWith('#')
  if (!isNumber) return Buffer.from(item as string, 'latin1').toString('hex')
  const value = BigInt(typeof item === 'number' ? item : item.slice(1))
  if (value === 0n) return ''
  const digits = value.toString(16)
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

function writeTree(writer: RlpWriter, item: HexTree): void {
  if (!Array.isArray(item)) {
    writer.data(`0x${item}`, 'item')
    return
  }
  const mark = writer.size
  for (let i = item.length - 1; i >= 0; i--) writeTree(writer, item[i])
  writer.list(mark)
}

fixtures.test('valid vectors decode and encode', () => {
  const vectors = readFixture<Record<string, { in: VectorItem; out: string }>>(
    'rlp_tests',
    'rlptest.json.gz',
  )
  let count = 0
  for (const [name, { in: value, out }] of Object.entries(vectors)) {
    const tree = vectorTree(value)
    assert.equal(treeOf(decodeRlp(bytesOf(out))), tree, name)
    const writer = new RlpWriter(1)
    writeTree(writer, tree)
    assert.is(hexOf(writer.peek()), out.replace(/^0x/, ''), name)
    count++
  }
  assert.ok(count > 20)
})

fixtures.test('invalid vectors are refused', () => {
  const vectors = readFixture<Record<string, { in: string; out: string }>>(
    'rlp_tests',
    'invalidRLPTest.json.gz',
  )
  let count = 0
  for (const [name, { in: kind, out }] of Object.entries(vectors)) {
    assert.is(kind, 'INVALID', name)
    const code = codeOf(() => decodeRlp(bytesOf(out)))
    assert.match(code ?? '', /^DECODE_/, name)
    count++
  }
  assert.ok(count > 20)
})

fixtures.test('random vectors', () => {
  for (const file of fixtureNames('rlp_tests', 'RandomRLPTests')) {
    const vectors = readFixture<Record<string, { in: string; out: string }>>(
      'rlp_tests',
      'RandomRLPTests',
      file,
    )
    for (const [name, { in: kind, out }] of Object.entries(vectors)) {
      const code = codeOf(() => decodeRlp(bytesOf(out)))
      assert.is(code === undefined, kind === 'VALID', name)
    }
  }
})

rlp('each breach has its code', () => {
  const cases: [hex: string, ErrorCode][] = [
    ['', 'DECODE_FIELD_MISSING'],
    ['81', 'DECODE_RLP_TRUNCATED'],
    ['8100', 'DECODE_RLP_NON_CANONICAL'],
    ['817f', 'DECODE_RLP_NON_CANONICAL'],
    ['b8', 'DECODE_RLP_TRUNCATED'],
    ['b837', 'DECODE_RLP_NON_CANONICAL'],
    ['b90038', 'DECODE_RLP_NON_CANONICAL'],
    ['b838', 'DECODE_RLP_TRUNCATED'],
    ['bfffffffffffffffff', 'DECODE_RLP_TRUNCATED'],
    ['ffffffffffffffffff', 'DECODE_RLP_TRUNCATED'],
    ['c1', 'DECODE_RLP_TRUNCATED'],
    ['c181', 'DECODE_RLP_TRUNCATED'],
    ['c28100', 'DECODE_RLP_NON_CANONICAL'],
    ['f800', 'DECODE_RLP_NON_CANONICAL'],
    ['8080', 'DECODE_RLP_TRAILING'],
    ['c0c0', 'DECODE_RLP_TRAILING'],
  ]
  for (const [hex, code] of cases) {
    assert.is(
      codeOf(() => decodeRlp(bytesOf(hex))),
      code,
      hex,
    )
  }
})

rlp('an item inside a list may not reach beyond it', () => {
  // The inner string is complete in the input, but not in its list.
  assert.is(
    codeOf(() => decodeRlp(bytesOf('c28361' + '6263'))),
    'DECODE_RLP_TRUNCATED',
  )
})

rlp('nesting is bounded', () => {
  const nested = (depth: number) => {
    const writer = new RlpWriter()
    const mark = writer.size
    for (let i = 0; i < depth; i++) writer.list(mark)
    return writer.peek().slice()
  }
  assert.is(
    codeOf(() => decodeRlp(nested(1024))),
    undefined,
  )
  assert.is(
    codeOf(() => decodeRlp(nested(1025))),
    'DECODE_RLP_TOO_DEEP',
  )
  assert.is(
    codeOf(() => decodeRlp(nested(200_000))),
    'DECODE_RLP_TOO_DEEP',
  )
})

rlp('numbers', () => {
  const read = (hex: string, maxBytes: number) => {
    const reader = new RlpReader(bytesOf(hex))
    return reader.bigint('n', maxBytes)
  }
  assert.is(read('80', 8), 0n)
  assert.is(read('01', 8), 1n)
  assert.is(read('7f', 8), 127n)
  assert.is(read('8180', 8), 128n)
  assert.is(read('84ffffffff', 8), 0xffff_ffffn)
  assert.is(read('850100000000', 8), 0x1_0000_0000n)
  assert.is(read('88ffffffffffffffff', 8), (1n << 64n) - 1n)
  assert.is(read(`a0${'ff'.repeat(32)}`, 32), (1n << 256n) - 1n)
  const refused: [string, number, ErrorCode][] = [
    ['00', 8, 'DECODE_LEADING_ZERO'],
    ['820001', 8, 'DECODE_LEADING_ZERO'],
    ['89010000000000000000', 8, 'DECODE_FIELD_RANGE'],
    [`a101${'00'.repeat(32)}`, 32, 'DECODE_FIELD_RANGE'],
    ['c0', 8, 'DECODE_FIELD_TYPE'],
  ]
  for (const [hex, maxBytes, code] of refused) {
    assert.is(
      codeOf(() => read(hex, maxBytes)),
      code,
      hex,
    )
  }
})

rlp('errors name the field, the transaction and the offset', () => {
  const reader = new RlpReader(bytesOf('c3820001'))
  reader.enter('list')
  reader.txIndex = 7
  try {
    reader.uint64('nonce')
    assert.unreachable()
  } catch (error) {
    assert.ok(error instanceof BlockDecodeError)
    assert.is(error.field, 'nonce')
    assert.is(error.txIndex, 7)
    assert.is(error.details.offset, 4)
  }
})

rlp('the writer refuses what is no number or no bytes', () => {
  const code = (write: (writer: RlpWriter) => void) => codeOf(() => write(new RlpWriter()))
  const max64 = (1n << 64n) - 1n
  for (const value of [0, '0x', '0x0', '0x000', 0n, 1, '0xFf', max64, '0x00ffffffffffffffff']) {
    assert.is(
      code((writer) => writer.quantity(value, 'n', 8)),
      undefined,
      String(value),
    )
  }
  const refused: [unknown, ErrorCode][] = [
    [-1, 'DECODE_FIELD_RANGE'],
    [-1n, 'DECODE_FIELD_RANGE'],
    [max64 + 1n, 'DECODE_FIELD_RANGE'],
    ['0x010000000000000000', 'DECODE_FIELD_RANGE'],
    [1.5, 'DECODE_FIELD_TYPE'],
    [Number.NaN, 'DECODE_FIELD_TYPE'],
    [2 ** 60, 'DECODE_FIELD_TYPE'],
    ['', 'DECODE_FIELD_TYPE'],
    ['12', 'DECODE_FIELD_TYPE'],
    ['0x1g', 'DECODE_FIELD_TYPE'],
    ['0x-1', 'DECODE_FIELD_TYPE'],
    ['0x:bigint 0x1', 'DECODE_FIELD_TYPE'],
    ['0x\u0130', 'DECODE_FIELD_TYPE'],
    [null, 'DECODE_FIELD_MISSING'],
    [undefined, 'DECODE_FIELD_MISSING'],
    [{}, 'DECODE_FIELD_TYPE'],
    [[], 'DECODE_FIELD_TYPE'],
    [true, 'DECODE_FIELD_TYPE'],
  ]
  for (const [value, expected] of refused) {
    assert.is(
      code((writer) => writer.quantity(value, 'n', 8)),
      expected,
      String(value),
    )
  }
  const long = 'ab'.repeat(100)
  for (const value of ['0x', '0xAb', `0x${long}`, new Uint8Array(3)]) {
    assert.is(
      code((writer) => writer.data(value, 'b')),
      undefined,
      String(value),
    )
  }
  const wrong = ['', 'ab', '0xa', '0xzz', `0x${long}zz`, `0x${'\u0130\u0131'.repeat(80)}`, 5, {}]
  for (const value of wrong) {
    assert.is(
      code((writer) => writer.data(value, 'b')),
      'DECODE_FIELD_TYPE',
      String(value),
    )
  }
  assert.is(
    code((writer) => writer.data('0xabcd', 'b', 3)),
    'DECODE_FIELD_SIZE',
  )
})

function randomItem(random: Random, depth: number): RlpItem {
  if (depth === 0 || random.below(3) > 0) {
    return random.bytes(random.pick([0, 1, 1, 2, 20, 32, 54, 55, 56, 57, 255, 256, 300]))
  }
  return Array.from({ length: random.below(6) }, () => randomItem(random, depth - 1))
}

rlp('agrees with @ethereumjs/rlp on valid and on damaged input', () => {
  const random = new Random(0x5eed)
  let refused = 0
  for (let i = 0; i < 300; i++) {
    const item = randomItem(random, 4)
    const encoded = RLP.encode(item)
    assert.equal(treeOf(decodeRlp(encoded)), treeOf(item))
    const writer = new RlpWriter(1)
    writeTree(writer, treeOf(item))
    assert.is(hexOf(writer.peek()), hexOf(encoded))
    for (let j = 0; j < 30; j++) {
      const damaged = mutateBytes(random, encoded)
      let expected: HexTree | undefined
      try {
        expected = treeOf(RLP.decode(damaged) as RlpItem)
      } catch {
        // Refused by the judge.
      }
      let actual: HexTree | undefined
      const code = codeOf(() => {
        actual = treeOf(decodeRlp(damaged))
      })
      if (code !== undefined) refused++
      assert.equal(actual, expected, hexOf(damaged))
    }
  }
  assert.ok(refused > 1000)
})

fixtures.report()
rlp.run()
