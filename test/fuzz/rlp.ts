/**
 * The RLP reader and the block decoder against `@ethereumjs/rlp`:
 *
 *   node build/test/fuzz/rlp.js [--seconds N] [--seed N] [--findings FOLDER] [FILE...]
 *
 * Random bytes, damaged blocks, and well-formed RLP of damaged trees. Inputs that lead to an error
 * not seen before are kept, in memory, and damaged again. A file is tried and nothing else.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { RLP } from '@ethereumjs/rlp'
import { decodeBlock } from '../../lib/block/index.js'
import { BlockDecodeError, BraidError } from '../../lib/errors.js'
import { bytesToHex } from '../../lib/hex/index.js'
import { keccak256 } from '../../lib/native/load.js'
import { decodeRlp, type RlpItem } from '../../lib/rlp/index.js'
import { hasFixtures } from '../fixtures.js'
import { damageBytes, mutateBytes, Random } from '../random.js'
import { encodeTree } from '../support/rlp-tree.js'
import { fixtureBlocks, ownBlocks } from './blocks.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    findings: { type: 'string', default: 'build/fuzz-findings' },
  },
})
const seconds = Number(values.seconds)
const seed = Number(values.seed ?? Math.floor(Math.random() * 0x7fff_ffff))

/** Deepest nesting that the reader takes. The reference has no limit but its stack. */
const maxDepth = 1024

/** Inputs kept at most. */
const maxCorpus = 3_000

/** Small inputs are damaged more to the point. */
const smallInput = 4_096

/** The input is a reason to look closer. */
class Finding extends Error {}

/** An answer: a tree, or an error's code and what it is about. */
type Answer = { readonly tree: RlpItem } | { readonly refused: string }

function ours(bytes: Uint8Array): Answer {
  try {
    return { tree: decodeRlp(bytes) }
  } catch (error) {
    if (error instanceof BlockDecodeError) return { refused: error.code }
    throw error
  }
}

function theirs(bytes: Uint8Array): Answer {
  try {
    return { tree: RLP.decode(bytes) as RlpItem }
  } catch (error) {
    return { refused: String(error) }
  }
}

/** Whether a tree of the reference is one that the reader has to refuse. */
function isBeyondLimits(bytes: Uint8Array, refused: string): boolean {
  // For the reference nothing at all is an empty string.
  return bytes.length === 0 || (refused === 'DECODE_RLP_TOO_DEEP' && bytes.length > maxDepth)
}

/** Compares the two decoders; returns what ours said. */
function checkRlp(bytes: Uint8Array): string {
  const answer = ours(bytes)
  const reference = theirs(bytes)
  if ('tree' in answer) {
    if (!('tree' in reference)) throw new Finding(`accepted, but: ${reference.refused}`)
    if (!isDeepStrictEqual(answer.tree, reference.tree)) throw new Finding('another tree')
    if (Buffer.compare(encodeTree(answer.tree), bytes) !== 0) throw new Finding('not canonical')
    return 'ok'
  }
  if ('tree' in reference && !isBeyondLimits(bytes, answer.refused)) {
    throw new Finding(`refused (${answer.refused}), but the reference takes it`)
  }
  return answer.refused
}

/** Decodes a block and compares its hashes with those of the reference's tree. */
function checkBlock(bytes: Uint8Array): string {
  let block: ReturnType<typeof decodeBlock>
  try {
    block = decodeBlock(bytes)
  } catch (error) {
    if (!(error instanceof BraidError)) throw error
    const { code, details } = error
    return `${code} ${details.field ?? ''}`
  }
  const [header, transactions] = RLP.decode(bytes) as unknown as [Uint8Array[], RlpItem[]]
  if (block.header.hash !== hashOf(RLP.encode(header))) throw new Finding('another block hash')
  const hashes = transactions.map((item) =>
    hashOf(Array.isArray(item) ? RLP.encode(item as never) : item),
  )
  if (!isDeepStrictEqual([...block.transactions.hashes], hashes)) {
    throw new Finding('other transaction hashes')
  }
  for (let i = 0; i < hashes.length; i++) {
    block.transactions.to(i)
    block.transactions.nonce(i)
  }
  return 'ok block'
}

function hashOf(bytes: Uint8Array): string {
  return bytesToHex(keccak256(bytes))
}

/** Items that fields are replaced by. */
const oddItems: readonly RlpItem[] = [
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.of(0x7f),
  Uint8Array.of(0x80),
  new Uint8Array(20),
  new Uint8Array(32).fill(0xff),
  new Uint8Array(33).fill(1),
  new Uint8Array(55).fill(1),
  new Uint8Array(56).fill(1),
  new Uint8Array(256).fill(1),
  [],
  [[], []],
  [new Uint8Array(20), [new Uint8Array(32)]],
]

/** A copy: the next edit may be of it. */
function oddItem(random: Random): RlpItem {
  return structuredClone(random.pick(oddItems))
}

/** The RLP of a tree with some items replaced, doubled, dropped, swapped or wrapped. */
function damagedTree(random: Random, bytes: Uint8Array): Uint8Array {
  const answer = ours(bytes)
  if (!('tree' in answer) || !Array.isArray(answer.tree)) return mutateBytes(random, bytes)
  for (let edits = 1 + random.below(3); edits > 0; edits--) damageList(random, answer.tree)
  return Uint8Array.from(encodeTree(answer.tree))
}

function damageList(random: Random, tree: RlpItem[]): void {
  let list = tree
  for (;;) {
    if (list.length === 0) {
      list.push(oddItem(random))
      return
    }
    const at = random.below(list.length)
    const item = list[at] as RlpItem
    if (Array.isArray(item) && random.below(5) > 0) {
      list = item
      continue
    }
    switch (random.below(6)) {
      case 0:
        list.splice(at, 1)
        return
      case 1:
        list.splice(at, 0, structuredClone(item))
        return
      case 2:
        list[at] = [item]
        return
      case 3:
        if (!Array.isArray(item)) list[at] = damageBytes(random, item)
        return
      case 4:
        // A typed transaction holds a tree of its own.
        if (!Array.isArray(item) && item.length > 2) {
          list[at] = Uint8Array.of(item[0] as number, ...damagedTree(random, item.subarray(1)))
        }
        return
      default:
        list[at] = oddItem(random)
    }
  }
}

/** Bytes that announce a list of what follows, so that it is read. */
function randomList(random: Random): Uint8Array {
  const bytes = random.bytes(random.below(120))
  if (bytes.length > 2) bytes.set([0xf8, bytes.length - 2])
  return bytes
}

/** Lists in lists, around the deepest that is taken. */
function nested(random: Random): Uint8Array {
  let depth = random.pick([1, 30, maxDepth - 2, maxDepth + 1]) + random.below(3)
  let tree: RlpItem = []
  for (; depth > 1; depth--) tree = [tree]
  return Uint8Array.from(encodeTree(tree))
}

function nextInput(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const source = random.pick(corpus)
  const kind = random.below(100)
  if (kind < 30) return damagedTree(random, source)
  if (kind < 60)
    return source.length < smallInput ? mutateBytes(random, source) : damageBytes(random, source)
  if (kind < 80) return damageBytes(random, source)
  if (kind < 98) return randomList(random)
  return nested(random)
}

function check(bytes: Uint8Array): string {
  const kind = checkRlp(bytes)
  return `${kind}; ${checkBlock(bytes)}`
}

/** Checks an input; one that is a finding is written down. */
function tryInput(bytes: Uint8Array): string | undefined {
  try {
    return check(bytes)
  } catch (error) {
    mkdirSync(values.findings, { recursive: true })
    const path = join(values.findings, `rlp-${hashOf(bytes).slice(2, 18)}`)
    writeFileSync(path, bytes)
    console.error(error)
    console.error(`the input is in ${path}`)
    return undefined
  }
}

if (positionals.length > 0) {
  for (const path of positionals) {
    const answer = tryInput(readFileSync(path))
    console.log(`${path}: ${answer ?? 'FINDING'}`)
    if (answer === undefined) process.exitCode = 1
  }
} else {
  const random = new Random(seed)
  const corpus = [
    Uint8Array.of(0xc0),
    ...ownBlocks().map(({ rlp }) => rlp),
    ...(hasFixtures ? fixtureBlocks(30_000).map(({ rlp }) => rlp) : []),
  ]
  console.log(`seed ${seed}, ${corpus.length} inputs`)
  const seen = new Set<string>()
  const start = performance.now()
  let runs = 0
  let findings = 0
  while (findings < 5 && performance.now() - start < seconds * 1000) {
    const bytes = runs < corpus.length ? (corpus[runs] as Uint8Array) : nextInput(random, corpus)
    runs++
    const answer = tryInput(bytes)
    if (answer === undefined) findings++
    else if (!seen.has(answer) && corpus.length < maxCorpus && bytes.length > 0) {
      seen.add(answer)
      corpus.push(bytes)
    }
  }
  console.log(`${seen.size} different answers`)
  console.log(`Done ${runs} runs in ${Math.round((performance.now() - start) / 1000)} second(s)`)
  process.exitCode = findings === 0 ? 0 : 1
}
