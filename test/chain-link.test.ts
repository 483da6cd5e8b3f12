/** What blocks of a chain are told of those before them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DecodedBlock, decodeBlock, encodeBlock } from '../lib/block/index.js'
import { ChainLink } from '../lib/engine/chain-link.js'
import { isBraidError } from '../lib/errors.js'
import { rulesOfChain } from '../lib/validation/index.js'
import { chainOf, frontierFields, headerOf } from './support/headers.js'
import { errorIn } from './support/thrown.js'

const links = suite('chain link')

const parent = headerOf({ ...frontierFields, number: 999n })

/** Blocks that follow one another, from 1000 on. */
function blocks(count: number): DecodedBlock[] {
  const made: DecodedBlock[] = []
  let { hash } = parent
  for (let i = 0; i < count; i++) {
    const fields = { ...frontierFields, number: 1000n + BigInt(i), parentHash: hash }
    const block = decodeBlock(encodeBlock({ ...fields, transactions: [] }))
    made.push(block)
    hash = block.hash
  }
  return made
}

links('a block sees the hashes of the 256 before it and no others', () => {
  const chain = blocks(300)
  const link = new ChainLink({ parent, ancestors: undefined, blockHashes: undefined }, undefined)
  for (const [i, block] of chain.entries()) {
    const hashes = link.follow(block) as Map<bigint, string>
    const seen = chain.slice(Math.max(0, i - 256), i)
    for (const ancestor of seen) assert.is(hashes.get(ancestor.number), ancestor.hash)
    assert.ok(hashes.size <= 256, `${hashes.size} hashes for block ${block.number}`)
    assert.ok([...hashes.keys()].every((number) => number >= block.number - 256n))
    link.advance(block)
    assert.is(link.nextNumber, block.number + 1n)
  }
})

links('given hashes are seen until they are too old', () => {
  const chain = blocks(3)
  const given = new Map<bigint, `0x${string}`>()
  for (let number = 700n; number < 999n; number++) given.set(number, `0x${'07'.repeat(32)}`)
  const link = new ChainLink({ parent, ancestors: undefined, blockHashes: given }, undefined)
  for (const block of chain) {
    const hashes = link.follow(block) as Map<bigint, string>
    assert.is(hashes.get(block.number - 256n), `0x${'07'.repeat(32)}`)
    assert.is(hashes.get(block.number - 257n), undefined)
    link.advance(block)
  }
})

links('hashes begin with that of block 0, and end with the 256th before a block', () => {
  const start = { parent: undefined, ancestors: undefined, blockHashes: undefined }
  const blockAt = (number: bigint, parentHash: `0x${string}`) =>
    decodeBlock(encodeBlock({ ...frontierFields, number, parentHash, transactions: [] }))
  const hash = `0x${'0a'.repeat(32)}` as const
  const first = new ChainLink(start, undefined).follow(blockAt(1n, hash))
  assert.equal([...(first as Map<bigint, string>)], [[0n, hash]])
  const genesis = new ChainLink(start, undefined).follow(blockAt(0n, hash))
  assert.equal([...(genesis as Map<bigint, string>)], [])

  const line = blocks(300)
  const block = line[299]
  const ancestors = line.slice(0, 299).reverse()
  const link = new ChainLink({ ...start, parent: ancestors[0].header, ancestors }, undefined)
  const hashes = link.follow(block) as Map<bigint, string>
  assert.is(hashes.size, 256)
  assert.is(hashes.get(block.number - 256n), line[43].hash)
})

links('a parent whose ommers nobody knows is no ancestor that ommers are checked by', () => {
  const rules = rulesOfChain(chainOf('homestead'))
  const follow = (sha3Uncles: typeof frontierFields.sha3Uncles) => {
    const first = headerOf({ ...frontierFields, number: 0n, sha3Uncles })
    const fields = { ...frontierFields, number: 1n, parentHash: first.hash, timestamp: 10_012n }
    const block = decodeBlock(encodeBlock({ ...fields, transactions: [], uncles: [fields] }))
    const link = new ChainLink(
      { parent: first, ancestors: undefined, blockHashes: undefined },
      rules,
    )
    return errorIn(() => link.follow(block))?.code
  }
  assert.is(follow(`0x${'0e'.repeat(32)}`), 'OPTION_INVALID')
  // One without ommers is: it is the ommer that is wrong then.
  assert.match(follow(frontierFields.sha3Uncles) ?? '', /^BLOCK_OMMER/)
})

links('what was not looked at may be passed over', () => {
  const [first, second] = blocks(2)
  const start = { parent: undefined, ancestors: undefined, blockHashes: undefined }
  const link = new ChainLink(start, undefined)
  link.advance(first)
  assert.ok(link.follow(second))
})

links('a block must follow the one before', () => {
  const [first, second, third] = blocks(3)
  const rejection = (link: ChainLink, block: DecodedBlock): readonly unknown[] => {
    try {
      link.follow(block)
    } catch (error) {
      if (isBraidError(error)) {
        const { field, expected, actual } = error.details
        return [error.code, field, expected, actual]
      }
    }
    return []
  }
  const link = new ChainLink({ parent, ancestors: undefined, blockHashes: undefined }, undefined)
  assert.is(link.nextNumber, 1000n)
  const [code, field] = rejection(link, second)
  assert.equal([code, field], ['BLOCK_PARENT_MISMATCH', 'parentHash'])
  link.follow(first)
  link.advance(first)
  const fields = { ...frontierFields, number: 1003n, parentHash: first.hash }
  const wrong = decodeBlock(encodeBlock({ ...fields, transactions: [] }))
  assert.equal(rejection(link, wrong).slice(0, 2), ['BLOCK_NUMBER_INVALID', 'number'])
  assert.equal(rejection(link, third).slice(0, 2), ['BLOCK_PARENT_MISMATCH', 'parentHash'])
  link.follow(second)
  // Without a parent, whatever comes first is the first.
  const free = new ChainLink(
    { parent: undefined, ancestors: undefined, blockHashes: undefined },
    undefined,
  )
  assert.is(free.nextNumber, undefined)
  free.follow(third)
  free.advance(third)
  assert.is(free.nextNumber, 1003n)
})

links.run()
