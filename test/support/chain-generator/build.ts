/** Chains out of recipes: nonces, fees and signatures, and headers by executing. */

import type { Common } from '@ethereumjs/common'
import { RLP } from '@ethereumjs/rlp'
import { createTx, type TypedTransaction } from '@ethereumjs/tx'
import { eoaCode7702SignAuthorization } from '@ethereumjs/util'
import { decodeBlock } from '../../../lib/block/index.js'
import {
  difficultyOf,
  gasLimitRange,
  nextBaseFee,
  nextExcessBlobGas,
  Revision,
  type Ruleset,
  rulesetAt,
} from '../../../lib/chain/index.js'
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
import { listRoot } from '../../../lib/trie/list-root.js'
import { commonOf, timesOf } from './forks.js'
import { secretKeys, signers } from './keys.js'
import { hexOf } from './programs.js'
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

const zeroHash = new Uint8Array(32)
const gasLimit = 30_000_000n
const gwei = 1_000_000_000n

/** The values of a header, by name; absent where the fork does not have them. */
interface HeaderValues {
  parentHash: Uint8Array
  ommersHash: Uint8Array
  coinbase: Uint8Array
  stateRoot: Uint8Array
  transactionsRoot: Uint8Array
  receiptsRoot: Uint8Array
  logsBloom: Uint8Array
  difficulty: bigint
  number: bigint
  gasLimit: bigint
  gasUsed: bigint
  timestamp: bigint
  extraData: Uint8Array
  mixHash: Uint8Array
  nonce: Uint8Array
  baseFeePerGas?: bigint
  withdrawalsRoot?: Uint8Array
  blobGasUsed?: bigint
  excessBlobGas?: bigint
  parentBeaconBlockRoot?: Uint8Array
  requestsHash?: Uint8Array
}

/** In the order of the list. */
function encodeHeader(values: HeaderValues): (Uint8Array | bigint)[] {
  const {
    parentHash, ommersHash, coinbase, stateRoot, transactionsRoot, receiptsRoot, logsBloom,
    difficulty, number, gasLimit, gasUsed, timestamp, extraData, mixHash, nonce, baseFeePerGas,
    withdrawalsRoot, blobGasUsed, excessBlobGas, parentBeaconBlockRoot, requestsHash,
  } = values // biome-ignore format: a list
  return [
    parentHash, ommersHash, coinbase, stateRoot, transactionsRoot, receiptsRoot, logsBloom,
    difficulty, number, gasLimit, gasUsed, timestamp, extraData, mixHash, nonce, baseFeePerGas,
    withdrawalsRoot, blobGasUsed, excessBlobGas, parentBeaconBlockRoot, requestsHash,
  ].filter((value) => value !== undefined) // biome-ignore format: a list
}

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

  #genesis(timestamp: bigint): HeaderValues {
    const ruleset = rulesetAt(this.#common, 0n, timestamp)
    return {
      ...emptyHeader(),
      timestamp,
      stateRoot: bytesOf(this.#trie.root),
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
    const isProofOfWork = ruleset.header.difficulty !== undefined
    const ommers = isProofOfWork ? this.#ommersOf(recipe, ruleset) : []
    draft.ommersHash = keccak256(RLP.encode(ommers as never))
    const withdrawals = this.#withdrawals(recipe)
    if (draft.withdrawalsRoot !== undefined) {
      draft.withdrawalsRoot = listRoot(withdrawals.map((item) => RLP.encode(item as never)))
    }
    const transactions = [...recipe.transactions]
    for (;;) {
      const signed = this.#sign(transactions, draft, ruleset)
      const encode = (header: HeaderValues) =>
        RLP.encode([
          encodeHeader(header),
          signed.map((tx) => (tx.type === 0 ? tx.raw() : tx.serialize())),
          ommers,
          ...(header.withdrawalsRoot === undefined ? [] : [withdrawals]),
        ] as never)
      const header = { ...draft, transactionsRoot: listRoot(signed.map((tx) => tx.serialize())) }
      const invalid = this.#complete(header, encode(header))
      if (invalid === undefined) {
        this.#add(headerOf(header))
        this.#transactionCount += signed.length
        return encode(header)
      }
      transactions.splice(invalid, 1)
      this.#dropped++
    }
  }

  /** The header without what executing the block gives. */
  #draft(
    recipe: BlockRecipe,
    parent: BlockHeader,
    ruleset: Ruleset,
    timestamp: bigint,
  ): HeaderValues {
    const fields = forkFields(ruleset)
    const { least, most } = gasLimitRange(parent, fields.baseFeePerGas !== undefined)
    const limit = parent.gasLimit < least ? least : parent.gasLimit > most ? most : parent.gasLimit
    const { header: rules, blobSchedule } = ruleset
    const number = parent.number + 1n
    return {
      ...emptyHeader(),
      parentHash: bytesOf(parent.hash),
      coinbase: bytesOf(recipe.coinbase),
      number,
      timestamp,
      gasLimit: limit,
      mixHash: keccak256(Uint8Array.of(Number(number & 255n))),
      difficulty:
        rules.difficulty === undefined
          ? 0n
          : difficultyOf(rules.difficulty, {
              number,
              timestamp,
              parentTimestamp: parent.timestamp,
              parentDifficulty: parent.difficulty,
              parentHasOmmers: parent.ommersHash !== emptyListHash,
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
   * Executes the block and completes its header. Returns the index of a transaction that may not be in
   * the block, where there is one.
   */
  #complete(header: HeaderValues, block: Uint8Array): number | undefined {
    try {
      const options = {
        state: this.#state,
        blockHashes: this.#hashes,
        verify: false,
        transactionRoots: true,
      }
      const result = this.#engine.executeBlockSync(block, options)
      header.gasUsed = result.gasUsed
      header.logsBloom = bytesOf(result.logsBloom)
      header.receiptsRoot = bytesOf(result.receiptsRoot ?? '0x')
      if (header.blobGasUsed !== undefined) header.blobGasUsed = result.blobGasUsed
      if (header.requestsHash !== undefined)
        header.requestsHash = bytesOf(result.requestsHash ?? '0x')
      this.#state.commit(result)
      this.#trie.update(result)
      header.stateRoot = bytesOf(this.#trie.root)
      this.#gasUsed += result.gasUsed
      return undefined
    } catch (error) {
      if (!(error instanceof BraidError) || error.details.txIndex === undefined) throw error
      return error.details.txIndex
    }
  }

  #sign(
    recipes: readonly TransactionRecipe[],
    { baseFeePerGas = 0n }: HeaderValues,
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

  #withdrawals({ withdrawals = [] }: BlockRecipe): unknown[] {
    return withdrawals.map(({ address, amount }) => [
      this.#withdrawalIndex++,
      7n,
      bytesOf(address),
      BigInt(amount),
    ])
  }

  /** Siblings of ancestors. */
  #ommersOf({ ommers = [] }: BlockRecipe, ruleset: Ruleset): unknown[] {
    return ommers.flatMap(({ depth, coinbase }) => {
      const parent = this.#headers[this.#headers.length - depth]
      if (parent === undefined || depth < 2 || depth > 7) return []
      const timestamp = parent.timestamp + 1n
      const rules = rulesetAt(this.#common, parent.number + 1n, timestamp)
      if (rules.header.difficulty === undefined || ruleset.header.difficulty === undefined)
        return []
      const recipe = { delay: 1, coinbase, transactions: [] }
      const values = this.#draft(recipe, parent, rules, timestamp)
      values.extraData = Uint8Array.of(0x0e)
      const encoded = encodeHeader(values)
      const hash = hexOf(keccak256(RLP.encode(encoded as never)))
      if (this.#ommers.has(hash)) return []
      this.#ommers.add(hash)
      return [encoded]
    })
  }
}

const emptyListHash = hexOf(keccak256(Uint8Array.of(0xc0)))

function emptyHeader(): HeaderValues {
  return {
    parentHash: zeroHash,
    ommersHash: bytesOf(emptyListHash),
    coinbase: new Uint8Array(20),
    stateRoot: zeroHash,
    transactionsRoot: listRoot([]),
    receiptsRoot: listRoot([]),
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number: 0n,
    gasLimit: 0n,
    gasUsed: 0n,
    timestamp: 0n,
    extraData: new Uint8Array(0),
    mixHash: zeroHash,
    nonce: new Uint8Array(8),
  }
}

/** The fields that the fork's header has, empty. */
function forkFields({ revision }: Ruleset): Partial<HeaderValues> {
  return {
    ...(revision >= Revision.London ? { baseFeePerGas: 0n } : {}),
    ...(revision >= Revision.Shanghai ? { withdrawalsRoot: listRoot([]) } : {}),
    ...(revision >= Revision.Cancun
      ? { blobGasUsed: 0n, excessBlobGas: 0n, parentBeaconBlockRoot: new Uint8Array(32).fill(0xbe) }
      : {}),
    ...(revision >= Revision.Prague ? { requestsHash: zeroHash } : {}),
  }
}

function headerOf(values: HeaderValues): BlockHeader {
  const withdrawals = values.withdrawalsRoot === undefined ? [] : [[]]
  return decodeBlock(RLP.encode([encodeHeader(values), [], [], ...withdrawals] as never)).header
}

function bytesOf(hex: Hex): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex')
}
