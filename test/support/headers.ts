/** Headers of any fields, and chains to check them by. */

import { Common, Mainnet } from '@ethereumjs/common'
import {
  type BlockHeader,
  decodeBlock,
  encodeBlock,
  type RpcHeader,
} from '../../lib/block/index.js'
import { difficultyOf, hardforkRules, rulesetForFork } from '../../lib/chain/index.js'
import { emptyOmmersHash } from '../../lib/empty-hashes.js'
import { emptyHeader } from '../../lib/workloads/draft.js'

/** The fields of a header of Frontier without transactions. */
export const frontierFields: RpcHeader = {
  ...emptyHeader,
  miner: `0x${'cb'.repeat(20)}`,
  difficulty: 1n << 30n,
  number: 1000n,
  gasLimit: 1_024_000n,
  timestamp: 10_000n,
}

/** The header with these fields. */
export function headerOf(fields: RpcHeader): BlockHeader {
  return decodeBlock(encodeBlock({ ...fields, transactions: [] })).header
}

/** A chain that is in one hardfork from its first block on. */
export function chainOf(hardfork: string, daoForkBlock?: number): Common {
  const names = [...hardforkRules.keys()]
  const hardforks = names
    .slice(0, names.indexOf(hardfork) + 1)
    .filter((name) => name !== 'mergeNetsplitBlock')
    .map((name) => ({ name, block: name === 'dao' ? (daoForkBlock ?? null) : 0 }))
  return new Common({ chain: { ...Mainnet, defaultHardfork: 'chainstart', hardforks } })
}

/** The fields of a block on another, 12 seconds later, in Byzantium. */
export function fieldsOn(before: BlockHeader, change: Partial<RpcHeader> = {}): RpcHeader {
  const rule = rulesetForFork('Byzantium').header.difficulty
  if (rule === undefined) throw new Error('Byzantium has proof of work')
  const timestamp = before.timestamp + 12n
  const difficulty = difficultyOf(rule, {
    number: before.number + 1n,
    timestamp,
    parentTimestamp: before.timestamp,
    parentDifficulty: before.difficulty,
    parentHasOmmers: before.ommersHash !== emptyOmmersHash,
  })
  const place = { parentHash: before.hash, number: before.number + 1n, timestamp, difficulty }
  return { ...frontierFields, ...place, ...change }
}
