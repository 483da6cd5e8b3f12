/** A block of mainnet and the state before it, as `@ethereumjs/vm` has both. */

import { type Block, createBlock, createBlockFromRLP } from '@ethereumjs/block'
import type { Common } from '@ethereumjs/common'
import { createMPT } from '@ethereumjs/mpt'
import { Caches, MerkleStateManager } from '@ethereumjs/statemanager'
import { hexToBytes, MapDB, type PrefixedHexString, ValueEncoding } from '@ethereumjs/util'
import { createVM, type VM } from '@ethereumjs/vm'
import { type Alloc, Engine, MemoryState, StateTrie } from 'braid-evm'
import { trustingKzg } from '../../lib/cli/demo/trusting-kzg.js'
import { keccak256 } from '../../lib/native/load.js'
import { blockchainOf } from './ethereumjs.js'
import type { MainnetBlock } from './fixtures.js'
import { nodesOf } from './mpt-state.js'

/** How the state managers of a {@link MerkleBlock} are made. */
export interface ManagerOptions {
  /** With the caches of `@ethereumjs/statemanager` in front of the trie. Default: without, as `createVM` does. */
  readonly hasCaches?: boolean
}

/** A block whose state root is that of the made state, and its pre-state as nodes of tries. */
export class MerkleBlock {
  readonly #block: MainnetBlock
  readonly #common: Common
  readonly #nodes: ReadonlyMap<string, Uint8Array>
  readonly #rootBefore: Uint8Array
  /** The root that the block leaves behind. */
  readonly stateRoot: Uint8Array

  private constructor(
    block: MainnetBlock,
    common: Common,
    nodes: ReadonlyMap<string, Uint8Array>,
    roots: { readonly before: string; readonly after: string },
  ) {
    this.#block = block
    this.#common = common
    this.#nodes = nodes
    this.#rootBefore = hexToBytes(roots.before as PrefixedHexString)
    this.stateRoot = hexToBytes(roots.after as PrefixedHexString)
  }

  /** Makes the tries of the pre-state, and executes the block once for the root after it. */
  static async of(block: MainnetBlock, chain: Common): Promise<MerkleBlock> {
    const state = new MemoryState(block.preState)
    const trie = new StateTrie(state)
    const before = trie.root
    const nodes = nodesOf(trie)._database
    for (const code of codesOf(block.preState)) {
      nodes.set(`63${Buffer.from(keccak256(code)).toString('hex')}`, code)
    }
    const engine = await Engine.create({ common: chain })
    const result = await engine.executeBlock(block.rlp, {
      state,
      blockHashes: block.blockHashes,
      forgiveMissingSystemContracts: true,
    })
    engine.close()
    const common = chain.copy()
    common.setHardforkBy({ blockNumber: result.header.number, timestamp: result.header.timestamp })
    common.customCrypto.kzg = trustingKzg
    return new MerkleBlock(block, common, nodes, { before, after: trie.rootAfter(result) })
  }

  /** A VM on a state of its own, of which nothing is decoded or cached yet. */
  async vm({ hasCaches = false }: ManagerOptions = {}): Promise<VM> {
    const common = this.#common.copy()
    common.customCrypto.kzg = trustingKzg
    const trie = await createMPT({
      db: new MapDB(new Map(this.#nodes)),
      root: this.#rootBefore,
      useKeyHashing: true,
      valueEncoding: ValueEncoding.Bytes,
      common,
    })
    const stateManager = new MerkleStateManager({
      common,
      trie,
      ...(hasCaches ? { caches: new Caches() } : {}),
    })
    return createVM({ common, stateManager, blockchain: blockchainOf(this.#block) })
  }

  /** The block, none of whose senders is recovered yet. */
  block(common: Common): Block {
    const decoded = createBlockFromRLP(this.#block.rlp, { common })
    const header = { ...decoded.header, stateRoot: this.stateRoot }
    const { transactions, withdrawals, uncleHeaders } = decoded
    return createBlock(
      {
        header,
        transactions: transactions as never,
        uncleHeaders,
        ...(withdrawals === undefined ? {} : { withdrawals }),
      },
      { common, skipConsensusFormatValidation: true },
    )
  }
}

function codesOf(preState: Alloc): Uint8Array[] {
  return Object.values(preState).flatMap(({ code }) =>
    typeof code === 'string' && code.length > 2 ? [Buffer.from(code.slice(2), 'hex')] : [],
  )
}
