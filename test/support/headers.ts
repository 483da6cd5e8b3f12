/** Headers of any fields, and chains to check them by. */

import { Common, Mainnet } from '@ethereumjs/common'
import {
  type BlockHeader,
  decodeBlock,
  encodeBlock,
  type RpcHeader,
} from '../../lib/block/index.js'
import { hardforkRules } from '../../lib/chain/index.js'
import { emptyOmmersHash, emptyTrieRoot } from '../../lib/empty-hashes.js'

const zeros = (size: number) => `0x${'00'.repeat(size)}`

/** The fields of a header of Frontier without transactions. */
export const frontierFields: RpcHeader = {
  parentHash: zeros(32),
  sha3Uncles: emptyOmmersHash,
  miner: `0x${'cb'.repeat(20)}`,
  stateRoot: zeros(32),
  transactionsRoot: emptyTrieRoot,
  receiptsRoot: emptyTrieRoot,
  logsBloom: zeros(256),
  difficulty: 1n << 30n,
  number: 1000n,
  gasLimit: 1_024_000n,
  gasUsed: 0n,
  timestamp: 10_000n,
  extraData: '0x',
  mixHash: zeros(32),
  nonce: zeros(8),
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
