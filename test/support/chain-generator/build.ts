/** Chains out of recipes: nonces, fees and signatures, and headers by executing. */

import type { Common } from '@ethereumjs/common'
import { createTx, type TypedTransaction } from '@ethereumjs/tx'
import { eoaCode7702SignAuthorization } from '@ethereumjs/util'
import {
  decodeBlock,
  encodeBlock,
  type RpcHeader,
  type RpcWithdrawal,
} from '../../../lib/block/index.js'
import { Revision, type Ruleset, rulesetAt } from '../../../lib/chain/index.js'
import { draftOf } from '../../../lib/chain-head/block-builder.js'
import { emptyTrieRoot } from '../../../lib/empty-hashes.js'
import { bytesToHex } from '../../../lib/hex/index.js'
import {
  type Alloc,
  type BlockHeader,
  type BuildBlockOptions,
  type BuiltBlock,
  Chain,
  Engine,
  type Hex,
  isBraidError,
  MemoryState,
  StateTrie,
} from '../../../lib/index.js'
import { keccak256 } from '../../../lib/native/load.js'
import { emptyHeader } from '../../../lib/workloads/draft.js'
import { rpcTransactionOf } from '../rpc.js'
import { commonOf, timesOf } from './forks.js'
import { secretKeys, signers } from './keys.js'
import type { BlockRecipe, ChainRecipe, TransactionRecipe } from './recipe.js'

/** A chain whose headers say what executing its blocks sequentially gives. */
export interface BuiltChain {
  readonly recipe: ChainRecipe
  readonly genesis: BlockHeader
  /** The genesis block's and those of all blocks. */
  readonly headers: readonly BlockHeader[]
  readonly alloc: Alloc
  /** RLP. */
  readonly blocks: readonly Uint8Array[]
  /** How many transactions of the recipe were not valid where they stand, and left out. */
  readonly dropped: number
  readonly gasUsed: bigint
  readonly transactionCount: number
}

const gasLimit = 30_000_000n
const gwei = 1_000_000_000n

/** Builds the chain of a recipe. Transactions that turn out not to be valid are left out. */
export async function buildChain(recipe: ChainRecipe): Promise<BuiltChain> {
  const common = commonOf(recipe)
  const engine = await Engine.create({ common, policy: 'sequential' })
  try {
    const state = new MemoryState(recipe.alloc, { trie: true })
    const times = timesOf(recipe)
    const genesis = genesisOf(common, state, BigInt(times[0]))
    // The recipe decides, not consensus.
    const chain = await Chain.open({ engine, state, head: genesis, validate: false })
    const builder = new ChainBuilder(common, chain, genesis)
    const blocks: Uint8Array[] = []
    for (const [i, block] of recipe.blocks.entries()) {
      blocks.push(await builder.add(block, BigInt(times[i + 1])))
    }
    const { headers, dropped, gasUsed, transactionCount } = builder
    const { alloc } = recipe
    return { recipe, genesis, headers, alloc, blocks, dropped, gasUsed, transactionCount }
  } finally {
    engine.close()
  }
}

const beaconRoot: Hex = `0x${'be'.repeat(32)}`

function genesisOf(common: Common, state: MemoryState, timestamp: bigint): BlockHeader {
  const ruleset = rulesetAt(common, 0n, timestamp)
  return headerOf({
    ...emptyHeader,
    timestamp,
    stateRoot: new StateTrie(state).root,
    gasLimit,
    difficulty: ruleset.header.difficulty === undefined ? 0n : 131_072n,
    ...forkFields(ruleset),
  })
}

class ChainBuilder {
  readonly headers: BlockHeader[]
  dropped = 0
  gasUsed = 0n
  transactionCount = 0
  readonly #common: Common
  readonly #chain: Chain
  /** Ommers have to be new. */
  readonly #ommers = new Set<Hex>()
  #withdrawalIndex = 0n

  constructor(common: Common, chain: Chain, genesis: BlockHeader) {
    this.#common = common
    this.#chain = chain
    this.headers = [genesis]
  }

  async add(recipe: BlockRecipe, timestamp: bigint): Promise<Uint8Array> {
    const parent = this.headers[this.headers.length - 1]
    const ruleset = rulesetAt(this.#common, parent.number + 1n, timestamp)
    const options = this.#optionsOf(recipe, parent, ruleset, timestamp)
    const ommers = this.#ommersOf(recipe, ruleset)
    const withdrawals = this.#withdrawals(recipe)
    const body = {
      ...options,
      ...(ommers.length === 0 ? {} : { ommers }),
      ...(ruleset.revision >= Revision.Shanghai ? { withdrawals } : {}),
    }
    const baseFee = draftOf(parent, ruleset, options).baseFeePerGas ?? 0
    const recipes = [...recipe.transactions]
    for (;;) {
      const transactions = this.#sign(recipes, BigInt(baseFee), ruleset).map(rpcTransactionOf)
      const built = await this.#build({ ...body, transactions })
      if (typeof built === 'number') {
        recipes.splice(built, 1)
        this.dropped++
        continue
      }
      await this.#chain.import(built)
      this.headers.push(built.header)
      this.transactionCount += transactions.length
      this.gasUsed += built.result.gasUsed
      return built.rlp
    }
  }

  #optionsOf(
    { coinbase }: Pick<BlockRecipe, 'coinbase'>,
    { number }: BlockHeader,
    { revision }: Ruleset,
    timestamp: bigint,
  ): BuildBlockOptions {
    return {
      timestamp,
      coinbase,
      prevRandao: bytesToHex(keccak256(Uint8Array.of(Number((number + 1n) & 255n)))),
      ...(revision >= Revision.Cancun ? { parentBeaconBlockRoot: beaconRoot } : {}),
    }
  }

  /** The block; or the index of a transaction that may not be in it, where there is one. */
  async #build(options: BuildBlockOptions): Promise<BuiltBlock | number> {
    try {
      return await this.#chain.buildBlock(options)
    } catch (error) {
      if (!isBraidError(error) || error.details.txIndex === undefined) throw error
      return error.details.txIndex
    }
  }

  #sign(
    recipes: readonly TransactionRecipe[],
    baseFeePerGas: bigint,
    ruleset: Ruleset,
  ): TypedTransaction[] {
    const common = this.#common.copy()
    common.setHardfork(ruleset.hardfork)
    const nonces = signers.map(
      (address) => (this.#chain.state as MemoryState).getAccount(address)?.nonce ?? 0n,
    )
    const before = [...nonces]
    return recipes.map((recipe) => {
      nonces[recipe.from] += BigInt(recipe.nonceSkip ?? 0)
      const nonce = nonces[recipe.from]++
      const tip = BigInt(recipe.tip ?? 0)
      const { type, gas, data, value, accessList = [], blobs = 0, authorizations = [] } = recipe
      const fees =
        type < 2
          ? { gasPrice: baseFeePerGas + tip }
          : { maxFeePerGas: 2n * baseFeePerGas + tip, maxPriorityFeePerGas: tip }
      const blobVersionedHashes = Array.from(
        { length: blobs },
        (_, i): Hex => `0x01${(i + 1).toString(16).padStart(62, '0')}`,
      )
      const authorizationList = authorizations.map(({ key, address, nonceAhead, chainId }) => {
        const ahead = before[key] + BigInt(nonceAhead)
        const fields = {
          chainId: `0x${chainId.toString(16)}`,
          address,
          nonce: `0x${ahead.toString(16)}`,
        }
        return eoaCode7702SignAuthorization(fields as never, secretKeys[key])
      })
      const transaction = createTx(
        {
          type,
          nonce,
          gasLimit: BigInt(gas),
          to: recipe.to,
          value: BigInt(value ?? 0),
          data: data ?? '0x',
          ...fees,
          ...(type === 0 ? {} : { chainId: 1n, accessList }),
          ...(type === 3 ? { maxFeePerBlobGas: 10n ** 12n, blobVersionedHashes } : {}),
          ...(type === 4 ? { authorizationList } : {}),
        } as never,
        // Whether it is valid is not for this package to say.
        { common, allowUnlimitedInitCodeSize: true },
      )
      return transaction.sign(secretKeys[recipe.from])
    })
  }

  #withdrawals({ withdrawals = [] }: BlockRecipe): RpcWithdrawal[] {
    return withdrawals.map(({ address, amount }) => ({
      index: this.#withdrawalIndex++,
      validatorIndex: 7n,
      address,
      amount: BigInt(amount),
    }))
  }

  /** Siblings of ancestors. */
  #ommersOf({ ommers = [] }: BlockRecipe, ruleset: Ruleset): RpcHeader[] {
    return ommers.flatMap(({ depth, coinbase }) => {
      const parent = this.headers[this.headers.length - depth]
      if (parent === undefined || depth < 2 || depth > 7) return []
      const timestamp = parent.timestamp + 1n
      const rules = rulesetAt(this.#common, parent.number + 1n, timestamp)
      if (rules.header.difficulty === undefined || ruleset.header.difficulty === undefined)
        return []
      const options = this.#optionsOf({ coinbase }, parent, rules, timestamp)
      const ommer = draftOf(parent, rules, { ...options, extraData: '0x0e' })
      const { hash } = headerOf(ommer)
      if (this.#ommers.has(hash)) return []
      this.#ommers.add(hash)
      return [ommer]
    })
  }
}

/** The fields that the fork's genesis block has. */
function forkFields({ revision }: Ruleset): Partial<RpcHeader> {
  return {
    ...(revision >= Revision.London ? { baseFeePerGas: gwei } : {}),
    ...(revision >= Revision.Shanghai ? { withdrawalsRoot: emptyTrieRoot } : {}),
    ...(revision >= Revision.Cancun
      ? { blobGasUsed: 0n, excessBlobGas: 0n, parentBeaconBlockRoot: beaconRoot }
      : {}),
    ...(revision >= Revision.Prague ? { requestsHash: `0x${'00'.repeat(32)}` } : {}),
  }
}

function headerOf(header: RpcHeader): BlockHeader {
  const withdrawals = header.withdrawalsRoot === undefined ? undefined : []
  return decodeBlock(encodeBlock({ ...header, transactions: [], withdrawals })).header
}
