/** A chain of blocks with a bit of everything: transfers, tokens, swaps. */

import { type BlockHeader, Engine, type Hex, type MemoryState } from '../../lib/index.js'
import { encodeCall } from '../../lib/workloads/abi.js'
import { type Call, signCalls } from '../../lib/workloads/calls.js'
import { addressesOf, addressOf, Chance, sendersOf } from '../../lib/workloads/cast.js'
import { addBlock, openChain } from '../../lib/workloads/chain.js'
import { demandSuccess } from '../../lib/workloads/draft.js'
import { deployToken } from '../../lib/workloads/erc20.js'
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
const fees = { maxFeePerGas: 100_000_000_000n, maxPriorityFeePerGas: 1n }

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
    const chain = await openChain(engine, state, { gasLimit: 60_000_000 })
    const parent = chain.header as BlockHeader
    const now = chain.state as MemoryState
    let transactionCount = 0
    let gasUsed = 0n
    const blocks: Uint8Array[] = []
    for (let i = 0; i < options.blocks; i++) {
      const calls = callsOf(i)
      const { rlp, result } = await addBlock(chain, { transactions: signCalls(calls, now, fees) })
      demandSuccess(result)
      transactionCount += calls.length
      gasUsed += result.gasUsed
      blocks.push(rlp)
    }
    return { state, parent, blocks, transactionCount, gasUsed }
  } finally {
    engine.close()
  }
}
