/** A chain of blocks with a bit of everything: transfers, tokens, swaps. */

import { RLP } from '@ethereumjs/rlp'
import { decodeBlock } from '../../lib/block/index.js'
import { nextBaseFee } from '../../lib/chain/index.js'
import { bytesToHex } from '../../lib/hex/index.js'
import {
  type BlockHeader,
  Engine,
  encodeBlock,
  type Hex,
  type MemoryState,
  type RpcBlock,
  type RpcTransaction,
  StateTrie,
} from '../../lib/index.js'
import { keccak256 } from '../../lib/native/load.js'
import { listRoot } from '../../lib/trie/list-root.js'
import { encodeCall } from '../../lib/workloads/abi.js'
import { blockNumber, blockTimestamp, type Call } from '../../lib/workloads/block.js'
import { addressesOf, addressOf, Chance, type Sender, sendersOf } from '../../lib/workloads/cast.js'
import { deployToken } from '../../lib/workloads/erc20.js'
import { QuickSigner } from '../../lib/workloads/signatures.js'
import { richAlloc, Stage } from '../../lib/workloads/stage.js'
import { equip, openMarket, swapCall, traderIn } from '../../lib/workloads/uniswap.js'

/** A chain whose headers are right. */
export interface MixedChain {
  /** The state before the first block. */
  readonly state: MemoryState
  readonly parent: BlockHeader
  /** RLP. */
  readonly blocks: readonly Uint8Array[]
  readonly transactionCount: number
  readonly gasUsed: bigint
}

export interface MixedChainOptions {
  readonly blocks: number
  /** Accounts that are there and mostly left alone. */
  readonly accounts: number
}

const seed = 7
const poolCount = 12
const traderCount = 120
const holderCount = 600
const transfer = 'transfer(address,uint256)'
/** In wei per gas. */
const feeCap = 100_000_000_000n

/** Makes a chain; the same options make the same. */
export async function mixedChain(options: MixedChainOptions): Promise<MixedChain> {
  const traders = sendersOf('trader', traderCount, seed)
  const holders = sendersOf('holder', holderCount, seed)
  const bystanders = addressesOf('bystander', options.accounts, seed)
  const people = [...traders, ...holders].map(({ address }) => address)
  const alloc = richAlloc([...people, ...bystanders])
  const { state, callsOf } = await Stage.set(alloc, async (stage) => {
    const market = await openMarket(stage, poolCount, seed)
    const swapping = traders.map((trader, i) =>
      traderIn(market.pairs[i % poolCount]!, trader, i >> 4),
    )
    for (const trader of swapping) await equip(stage, trader, market)
    const creator = addressOf('creator', 1, seed)
    const token = await deployToken(stage, creator)
    for (const { address } of holders)
      await stage.call(creator, token, transfer, address, 10n ** 18n)
    const chance = new Chance(seed)
    const someone = (block: number, index: number): Hex =>
      chance.next() < 0.2
        ? addressOf(`new ${block}`, index, seed)
        : bystanders[chance.below(bystanders.length)]!
    const callsOf = (block: number): Call[] => {
      const size = 40 + chance.below(200)
      return Array.from({ length: size }, (_, i): Call => {
        const kind = chance.next()
        if (kind < 0.15)
          return swapCall(swapping[chance.below(traderCount)]!, market.router, chance)
        const from = holders[chance.below(holderCount)]!
        const to = someone(block, i)
        if (kind < 0.6)
          return { from, to: token, gasLimit: 80_000, data: encodeCall(transfer, to, 1n) }
        return { from, to, gasLimit: 21_000, value: 1n }
      })
    }
    return { state: stage.state, callsOf }
  })
  const engine = await Engine.create({ policy: 'sequential' })
  try {
    const maker = new ChainMaker(engine, state)
    const parent = maker.parent
    const blocks = Array.from({ length: options.blocks }, (_, i) => maker.add(callsOf(i)))
    const { transactionCount, gasUsed } = maker
    return { state, parent, blocks, transactionCount, gasUsed }
  } finally {
    engine.close()
  }
}

const zeroHash: Hex = `0x${'00'.repeat(32)}`

class ChainMaker {
  readonly #engine: Engine
  readonly #state: MemoryState
  readonly #trie: StateTrie
  readonly #signer = new QuickSigner()
  parent: BlockHeader
  transactionCount = 0
  gasUsed = 0n

  constructor(engine: Engine, state: MemoryState) {
    this.#engine = engine
    this.#state = state.clone()
    this.#trie = new StateTrie(state)
    const first = this.#draft([], zeroHash, blockNumber, blockTimestamp, 7_000_000_000n)
    this.parent = decodeBlock(encodeBlock({ ...first, stateRoot: this.#trie.root })).header
  }

  add(calls: readonly Call[]): Uint8Array {
    const { hash, number, timestamp } = this.parent
    const fee = nextBaseFee(this.parent)
    const draft = this.#draft(this.#sign(calls), hash, number + 1n, timestamp + 12n, fee)
    const result = this.#engine.executeBlockSync(draft, { state: this.#state, verify: false })
    const failed = result.receipts.findIndex(({ status }) => status !== 'success')
    if (failed >= 0) throw new Error(`transaction ${failed} of block ${number + 1n} fails`)
    this.#state.commit(result)
    this.#trie.update(result)
    const outcome = Object.fromEntries(result.verify().map(({ field, actual }) => [field, actual]))
    const block = encodeBlock({ ...draft, ...outcome, stateRoot: this.#trie.root })
    this.parent = decodeBlock(block).header
    this.transactionCount += calls.length
    this.gasUsed += result.gasUsed
    return block
  }

  #draft(
    transactions: readonly RpcTransaction[],
    parentHash: Hex,
    number: bigint,
    timestamp: bigint,
    baseFeePerGas: bigint,
  ): RpcBlock {
    return {
      parentHash,
      sha3Uncles: bytesToHex(keccak256(Uint8Array.of(0xc0))),
      miner: `0x${'fe'.repeat(20)}`,
      stateRoot: zeroHash,
      transactionsRoot: zeroHash,
      receiptsRoot: zeroHash,
      logsBloom: `0x${'00'.repeat(256)}`,
      difficulty: 0n,
      number,
      gasLimit: 60_000_000,
      gasUsed: 0n,
      timestamp,
      extraData: '0x',
      mixHash: zeroHash,
      nonce: '0x0000000000000000',
      baseFeePerGas,
      withdrawalsRoot: bytesToHex(listRoot([])),
      withdrawals: [],
      blobGasUsed: 0n,
      excessBlobGas: 0n,
      parentBeaconBlockRoot: zeroHash,
      transactions,
      uncles: [],
    }
  }

  #sign(calls: readonly Call[]): RpcTransaction[] {
    const nonces = new Map<Hex, bigint>()
    return calls.map(({ from, to, gasLimit, value = 0n, data = '0x' }) => {
      const nonce = nonces.get(from.address) ?? this.#state.getAccount(from.address)?.nonce ?? 0n
      nonces.set(from.address, nonce + 1n)
      const list = RLP.encode([1, nonce, 1n, feeCap, gasLimit, to, value, data, []])
      const hash = keccak256(Buffer.concat([Uint8Array.of(2), list]))
      const fees = { maxPriorityFeePerGas: 1n, maxFeePerGas: feeCap }
      const signature = this.#signer.sign(hash, (from as Sender).secretKey)
      return {
        type: 2,
        chainId: 1,
        nonce,
        ...fees,
        gas: gasLimit,
        to,
        value,
        input: data,
        ...signature,
      }
    })
  }
}
