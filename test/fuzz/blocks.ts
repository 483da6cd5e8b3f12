/** Blocks that fuzzers start from: those that tests here make, and small ones of mainnet. */

import { encodeBlock } from '../../lib/block/index.js'
import { type Alloc, type BlockHashes, Engine } from '../../lib/index.js'
import { type BlockFixture, fixtureNames, readFixture } from '../fixtures.js'
import { mixedAlloc, mixedBlock, mixedBlockHashes } from '../support/mixed-block.js'
import { sampleBlock } from '../support/sample-block.js'

/** A block and the state before it. */
export interface FuzzBlock {
  readonly name: string
  readonly rlp: Uint8Array
  readonly preState: Alloc
  readonly blockHashes: BlockHashes
}

const engine = await Engine.create({ policy: 'sequential' })
const mixed = (await mixedBlock(engine)).block.serialize()
engine.close()

/** Blocks with transactions of every kind. */
export function ownBlocks(): FuzzBlock[] {
  return [
    { name: 'sample', rlp: sampleBlock().serialize(), preState: {}, blockHashes: new Map() },
    { name: 'mixed', rlp: mixed, preState: mixedAlloc, blockHashes: mixedBlockHashes },
  ]
}

/** The mainnet blocks of the fixtures whose RLP has at most so many bytes. */
export function fixtureBlocks(maxSize: number): FuzzBlock[] {
  return fixtureNames('mainnet_blocks').flatMap((file) => {
    const { block, preState, blockHashes } = readFixture<BlockFixture>('mainnet_blocks', file)
    const rlp = encodeBlock(block)
    if (rlp.length > maxSize) return []
    const hashes = new Map(
      Object.entries(blockHashes ?? {}).map(([number, hash]) => [BigInt(number), hash]),
    )
    return [{ name: `mainnet-${file.split('.')[0]}`, rlp, preState, blockHashes: hashes }]
  })
}
