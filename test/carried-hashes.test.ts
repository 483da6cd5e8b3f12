/** What BLOCKHASH knows of blocks that went before, without being given their hashes. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLegacyTx } from '@ethereumjs/tx'
import { bigIntToBytes, createAddressFromString, setLengthLeft } from '@ethereumjs/util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CarriedHashes } from '../lib/cli/carried-hashes.js'
import {
  type Ancestor,
  type BlockHeader,
  Engine,
  type ExecuteBlocksOptions,
  encodeBlock,
  type Hex,
  isBraidError,
  MemoryState,
  type RpcBlock,
} from '../lib/index.js'
import { braid } from './support/braid-command.js'
import { commonAt } from './support/common.js'
import { chainOf, frontierFields, headerOf } from './support/headers.js'
import { keys, senders } from './support/vm-chain.js'

const hashes = suite('hashes of ancestors')

const engine = await Engine.create({ common: chainOf('byzantium') })
const sender: Hex = `0x${'5e'.repeat(20)}`
const asker: Hex = `0x${'a5'.repeat(20)}`
const alloc = {
  [sender]: { balance: 10n ** 18n },
  // Stores at a number the hash of the block with that number.
  [asker]: { code: '0x600035406000355500' },
}

/** The headers 0 to 6 of a chain, oldest first. */
const line: BlockHeader[] = []
for (let number = 0n; number < 7n; number++) {
  const parentHash = line.at(-1)?.hash ?? frontierFields.parentHash
  line.push(headerOf({ ...frontierFields, number, parentHash }))
}
const ancestors: Ancestor[] = line.map((header) => ({ header, ommers: [] })).reverse()
const [parent] = ancestors.map(({ header }) => header)

let nonce = 0n
/** A block that asks for the hashes of others; its header says nothing of the outcome. */
function asking(before: { number: bigint; hash: Hex }, ...numbers: bigint[]): RpcBlock {
  return {
    ...frontierFields,
    parentHash: before.hash,
    number: before.number + 1n,
    transactions: numbers.map((number) => ({
      from: sender,
      to: asker,
      nonce: nonce++,
      gas: 60_000n,
      gasPrice: 0n,
      value: 0n,
      input: `0x${number.toString(16).padStart(64, '0')}`,
    })),
  }
}

/** Two blocks on the line, of which each asks for the hashes of some of the others. */
function blocksAsking(first: bigint[], second: bigint[]): RpcBlock[] {
  nonce = 0n
  const block = asking(parent, ...first)
  const { hash } = headerOfBlock(block)
  return [block, asking({ number: 7n, hash }, ...second)]
}

function headerOfBlock({ transactions: _transactions, ...fields }: RpcBlock): BlockHeader {
  return headerOf(fields)
}

/** What the blocks found, or the code of the error. */
async function found(
  blocks: RpcBlock[],
  known: Partial<ExecuteBlocksOptions>,
): Promise<string | Record<string, Hex>> {
  const state = new MemoryState(alloc)
  const options = { state, verify: false, trustSenders: true, ...known }
  try {
    for await (const _ of engine.executeBlocks(blocks, options));
  } catch (error) {
    if (isBraidError(error)) return `${error.code} ${error.details.field}`
    throw error
  }
  const account = [...state.dump()].find(({ address }) => address === asker)
  return Object.fromEntries(
    [...(account?.storage ?? [])].map(([slot, value]) => [String(BigInt(slot)), value]),
  )
}

hashes("the parent of the first block tells its own and its parent's", async () => {
  const blocks = blocksAsking([6n, 5n], [7n, 6n, 5n])
  assert.equal(await found(blocks, { parent }), {
    5: line[5].hash,
    6: line[6].hash,
    7: headerOfBlock(blocks[0]).hash,
  })
  const further = blocksAsking([6n], [4n])
  assert.is(await found(further, { parent }), 'STATE_MISSING_BLOCK_HASH blockHashes[4]')
})

hashes("the first block itself tells its parent's", async () => {
  const blocks = blocksAsking([], [6n])
  assert.equal(await found(blocks, {}), { 6: line[6].hash })
})

hashes('ancestors tell all of theirs, and more may be given', async () => {
  const blocks = blocksAsking([3n, 2n], [1n, 5n])
  const all = { 1: line[1].hash, 2: line[2].hash, 3: line[3].hash, 5: line[5].hash }
  assert.equal(await found(blocks, { parent, ancestors: ancestors.slice(0, 5) }), all)
  const given = new Map([[1n, line[1].hash]])
  const some = { ancestors: ancestors.slice(0, 4), blockHashes: given }
  assert.equal(await found(blocks, some), all)
})

hashes('ancestors that are not those of the block are refused', async () => {
  const blocks = blocksAsking([], [])
  const others = [ancestors[0], ancestors[2]]
  assert.is(await found(blocks, { ancestors: others }), 'OPTION_INVALID ancestors[1]')
  const older = ancestors.slice(1)
  assert.is(await found(blocks, { ancestors: older }), 'OPTION_INVALID ancestors[0]')
})

hashes('hashes are carried over only to blocks that follow on', () => {
  const carried = new CarriedHashes()
  carried.take(line[4], undefined)
  assert.equal(
    [...(carried.take(line[5], { 0: line[0].hash }) as Map<bigint, string>)],
    [
      [3n, line[3].hash],
      [4n, line[4].hash],
      [0n, line[0].hash],
    ],
  )
  const other = headerOf({ ...frontierFields, number: 6n, parentHash: line[0].hash })
  assert.equal([...(carried.take(other, undefined) as Map<bigint, string>)], [[5n, line[0].hash]])
})

hashes('braid execute carries them over from file to file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'braid-hashes-'))
  try {
    const common = commonAt('chainstart')
    const state = join(folder, 'state.json')
    const { code } = alloc[asker]
    const rich = { balance: '0xde0b6b3a7640000' }
    writeFileSync(state, JSON.stringify({ [asker]: { code }, [senders[0].toString()]: rich }))
    let before: { number: bigint; hash: Hex } = { number: 99n, hash: `0x${'99'.repeat(32)}` }
    let count = 0n
    const paths = [[], [99n], [100n, 99n]].map((numbers, i) => {
      const path = join(folder, `${i}.rlp`)
      const header = { ...frontierFields, number: before.number + 1n, parentHash: before.hash }
      const transactions = numbers.map((number) => {
        const data = setLengthLeft(bigIntToBytes(number), 32)
        const to = createAddressFromString(asker)
        const fields = { nonce: count++, to, data, gasLimit: 60_000n, gasPrice: 1n }
        return createLegacyTx(fields, { common }).sign(keys[0]).toJSON()
      })
      const rpc = transactions.map(({ gasLimit, data, ...tx }) => ({
        ...tx,
        gas: gasLimit,
        input: data,
      }))
      writeFileSync(path, encodeBlock({ ...header, transactions: rpc as never }))
      before = headerOf(header)
      return path
    })
    // The headers are made up; whoever lacks a hash ends with 2.
    const { status, stderr } = braid(['execute', ...paths, '--state', state])
    assert.is(stderr, '')
    assert.is(status, 1)
    assert.is(braid(['execute', paths[1], '--state', state]).status, 2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

hashes.run()
