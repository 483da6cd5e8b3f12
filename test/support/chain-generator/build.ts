/** Chains out of recipes: nonces, fees and signatures, and headers by executing. */

import type { Common } from '@ethereumjs/common'
import { createTx, type TypedTransaction } from '@ethereumjs/tx'
import { eoaCode7702SignAuthorization } from '@ethereumjs/util'
import {
  decodeBlock,
  encodeBlock,
  type RpcBlock,
  type RpcHeader,
  type RpcWithdrawal,
} from '../../../lib/block/index.js'
import {
  difficultyOf,
  gasLimitRange,
  nextBaseFee,
  nextExcessBlobGas,
  Revision,
  type Ruleset,
  rulesetAt,
} from '../../../lib/chain/index.js'
import { emptyOmmersHash, emptyTrieRoot } from '../../../lib/empty-hashes.js'
import { bytesToHex } from '../../../lib/hex/index.js'
import {
  type Alloc,
  type BlockHeader,
  BraidError,
  Engine,
  type Hex,
  MemoryState,
  StateTrie,
} from '../../../lib/index.js'
import { keccak256 } from '../../../lib/native/load.js'
import { completeBlock, emptyHeader } from '../../../lib/workloads/draft.js'
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
    return new ChainBuilder(recipe, common, engine).build()
  } finally {
    engine.close()
  }
}

class ChainBuilder {
  readonly #recipe: ChainRecipe
  readonly #common: Common
  readonly #engine: Engine
  readonly #state: MemoryState
  readonly #trie: StateTrie
  readonly #headers: BlockHeader[] = []
  readonly #hashes = new Map<bigint, Hex>()
  /** Ommers have to be new. */
  readonly #ommers = new Set<Hex>()
  #dropped = 0
  #gasUsed = 0n
  #transactionCount = 0
  #withdrawalIndex = 0n

  constructor(recipe: ChainRecipe, common: Common, engine: Engine) {
    this.#recipe = recipe
    this.#common = common
    this.#engine = engine
    this.#state = new MemoryState(recipe.alloc)
    this.#trie = new StateTrie(this.#state)
  }

  build(): BuiltChain {
    const times = timesOf(this.#recipe)
    this.#add(headerOf(this.#genesis(BigInt(times[0]))))
    const blocks = this.#recipe.blocks.map((block, i) => this.#block(block, BigInt(times[i + 1])))
    return {
      recipe: this.#recipe,
      genesis: this.#headers[0],
      headers: this.#headers,
      alloc: this.#recipe.alloc,
      blocks,
      dropped: this.#dropped,
      gasUsed: this.#gasUsed,
      transactionCount: this.#transactionCount,
    }
  }

  #add(header: BlockHeader): void {
    this.#headers.push(header)
    this.#hashes.set(header.number, header.hash)
  }

  #genesis(timestamp: bigint): RpcHeader {
    const ruleset = rulesetAt(this.#common, 0n, timestamp)
    return {
      ...emptyHeader,
      timestamp,
      stateRoot: this.#trie.root,
      gasLimit,
      difficulty: ruleset.header.difficulty === undefined ? 0n : 131_072n,
      ...forkFields(ruleset),
      ...(ruleset.revision >= Revision.London ? { baseFeePerGas: gwei } : {}),
    }
  }

  #block(recipe: BlockRecipe, timestamp: bigint): Uint8Array {
    const parent = this.#headers[this.#headers.length - 1]
    const ruleset = rulesetAt(this.#common, parent.number + 1n, timestamp)
    const draft = this.#draft(recipe, parent, ruleset, timestamp)
    const uncles = this.#ommersOf(recipe, ruleset)
    const withdrawals = this.#withdrawals(recipe)
    const body = { uncles, ...(draft.withdrawalsRoot === undefined ? {} : { withdrawals }) }
    const recipes = [...recipe.transactions]
    const baseFee = BigInt(draft.baseFeePerGas ?? 0)
    for (;;) {
      const transactions = this.#sign(recipes, baseFee, ruleset).map(rpcTransactionOf)
      const completed = this.#complete({ ...draft, ...body, transactions })
      if (completed instanceof Uint8Array) {
        this.#add(decodeBlock(completed).header)
        this.#transactionCount += transactions.length
        return completed
      }
      recipes.splice(completed, 1)
      this.#dropped++
    }
  }

  /** The header without what executing the block gives. */
  #draft(recipe: BlockRecipe, parent: BlockHeader, ruleset: Ruleset, timestamp: bigint): RpcHeader {
    const fields = forkFields(ruleset)
    const { least, most } = gasLimitRange(parent, fields.baseFeePerGas !== undefined)
    const limit = parent.gasLimit < least ? least : parent.gasLimit > most ? most : parent.gasLimit
    const { header: rules, blobSchedule } = ruleset
    const number = parent.number + 1n
    return {
      ...emptyHeader,
      parentHash: parent.hash,
      miner: recipe.coinbase,
      number,
      timestamp,
      gasLimit: limit,
      mixHash: bytesToHex(keccak256(Uint8Array.of(Number(number & 255n)))),
      difficulty:
        rules.difficulty === undefined
          ? 0n
          : difficultyOf(rules.difficulty, {
              number,
              timestamp,
              parentTimestamp: parent.timestamp,
              parentDifficulty: parent.difficulty,
              parentHasOmmers: parent.ommersHash !== emptyOmmersHash,
            }),
      ...fields,
      ...(fields.baseFeePerGas === undefined ? {} : { baseFeePerGas: nextBaseFee(parent) }),
      ...(blobSchedule === undefined
        ? {}
        : {
            excessBlobGas: nextExcessBlobGas(
              {
                excessBlobGas: parent.excessBlobGas ?? 0n,
                blobGasUsed: parent.blobGasUsed ?? 0n,
                baseFeePerGas: parent.baseFeePerGas ?? 0n,
              },
              blobSchedule,
              rules.blobReservePrice,
            ),
          }),
    }
  }

  /**
   * The block with the header that executing it gives; or the index of a transaction that may not be in
   * it, where there is one.
   */
  #complete(block: RpcBlock): Uint8Array | number {
    const options = {
      state: this.#state,
      trie: this.#trie,
      blockHashes: this.#hashes,
      transactionRoots: true,
    }
    try {
      const { encoded, result } = completeBlock(this.#engine, block, options)
      this.#state.commit(result)
      this.#trie.update(result)
      this.#gasUsed += result.gasUsed
      return encoded
    } catch (error) {
      if (!(error instanceof BraidError) || error.details.txIndex === undefined) throw error
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
    const nonces = signers.map((address) => this.#state.getAccount(address)?.nonce ?? 0n)
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
      const parent = this.#headers[this.#headers.length - depth]
      if (parent === undefined || depth < 2 || depth > 7) return []
      const timestamp = parent.timestamp + 1n
      const rules = rulesetAt(this.#common, parent.number + 1n, timestamp)
      if (rules.header.difficulty === undefined || ruleset.header.difficulty === undefined)
        return []
      const recipe = { delay: 1, coinbase, transactions: [] }
      const ommer = { ...this.#draft(recipe, parent, rules, timestamp), extraData: '0x0e' }
      const { hash } = headerOf(ommer)
      if (this.#ommers.has(hash)) return []
      this.#ommers.add(hash)
      return [ommer]
    })
  }
}

/** The fields that the fork's header has, empty. */
function forkFields({ revision }: Ruleset): Partial<RpcHeader> {
  return {
    ...(revision >= Revision.London ? { baseFeePerGas: 0n } : {}),
    ...(revision >= Revision.Shanghai ? { withdrawalsRoot: emptyTrieRoot } : {}),
    ...(revision >= Revision.Cancun
      ? { blobGasUsed: 0n, excessBlobGas: 0n, parentBeaconBlockRoot: `0x${'be'.repeat(32)}` }
      : {}),
    ...(revision >= Revision.Prague ? { requestsHash: `0x${'00'.repeat(32)}` } : {}),
  }
}

function headerOf(header: RpcHeader): BlockHeader {
  const withdrawals = header.withdrawalsRoot === undefined ? undefined : []
  return decodeBlock(encodeBlock({ ...header, transactions: [], withdrawals })).header
}
