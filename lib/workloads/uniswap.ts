/** Blocks of swaps: the contracts of Uniswap V3. */

import type { Hex } from '../hex/index.js'
import { type AbiValue, encodeCall } from './abi.js'
import { initCodeOf } from './artifacts.js'
import { makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressOf, Chance, type Sender, sendersOf } from './cast.js'
import { blockTimestamp } from './draft.js'
import { deployToken } from './erc20.js'
import { richAlloc, Stage } from './stage.js'
import {
  resolveKnobs,
  type Workload,
  type WorkloadKnobs,
  type WorkloadOptions,
} from './workload.js'

/** In hundredths of a basis point; ticks of such pools are 60 apart. */
const poolFee = 3000
/** The outermost ticks that such a pool can use. */
const outermostTick = 887_220
/** A price of 1, as the square root in Q64.96. */
const evenPrice = 1n << 96n
const deadline = blockTimestamp + 3600n
const unlimited = 2n ** 256n - 1n
/** What each pool holds of both tokens. */
const liquidity = 10n ** 24n
/** What each trader has of both tokens. */
const tokensEach = 10n ** 21n
const largestSwap = 10n ** 15n

/** A swap uses about 100,000. */
const gasLimit = 250_000

/** About 30 million gas. */
const usualCount = 300

const createPool = 'createAndInitializePoolIfNecessary(address,address,uint24,uint160)'
const mint =
  'mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))'
const swap = 'exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))'

/** A pool, by its tokens in the order of their addresses. */
export type Pair = readonly [Hex, Hex]

/** Somebody who swaps in one pool, always in the same direction. */
export interface Trader {
  readonly sender: Sender
  readonly from: Hex
  readonly to: Hex
}

/** Every trader swaps in a pool of its own; with `hotRatio`, that share of them in the first one. */
export function uniswapPools(options: WorkloadOptions): Promise<Workload> {
  return swaps('uniswap-pools', resolveKnobs(options, { transactions: usualCount }))
}

/** All traders swap in one pool, half of them in each direction. */
export function uniswapOnePool(options: WorkloadOptions): Promise<Workload> {
  const knobs = resolveKnobs(options, { transactions: usualCount })
  return swaps('uniswap-one-pool', { ...knobs, hotRatio: 1 })
}

async function swaps(name: string, knobs: WorkloadKnobs): Promise<Workload> {
  const { transactions, accounts, seed } = knobs
  const chance = new Chance(seed)
  const senders = sendersOf('trader', accounts, seed)
  const addresses = senders.map(({ address }) => address)
  const pools = poolsOf(knobs, chance)
  const { state, traders, router } = await Stage.set(richAlloc(addresses), async (stage) => {
    const market = await openMarket(stage, Math.max(...pools) + 1, seed)
    const traders = senders.map((sender, index) =>
      traderIn(market.pairs[pools[index]], sender, index),
    )
    for (const trader of traders) await equip(stage, trader, market)
    return { state: stage.state, traders, router: market.router }
  })
  const calls = Array.from({ length: transactions }, (_, index) =>
    swapCall(traders[index % accounts], router, chance),
  )
  return makeBlock(name, state, calls)
}

/** A swap by a trader, of about as much as any other. */
export function swapCall(trader: Trader, router: Hex, chance: Chance): Call {
  const amount = largestSwap - BigInt(chance.below(1_000_000_000))
  const data = encodeCall(swap, ...swapValues(trader, amount))
  return { from: trader.sender, to: router, gasLimit, data }
}

/** Somebody who swaps in a pool: every other one in the other direction. */
export function traderIn([token0, token1]: Pair, sender: Sender, index: number): Trader {
  return index % 2 === 0
    ? { sender, from: token0, to: token1 }
    : { sender, from: token1, to: token0 }
}

/** The pool of each trader, by its number. */
function poolsOf({ accounts, hotRatio }: WorkloadKnobs, chance: Chance): number[] {
  let last = 0
  return Array.from({ length: accounts }, () => (chance.next() < hotRatio ? 0 : ++last))
}

/** What traders meet. */
export interface Market {
  /** Who has all tokens at first, and gives the pools what they hold. */
  readonly creator: Hex
  readonly router: Hex
  readonly pairs: readonly Pair[]
}

/** Deploys the exchange and opens so many pools, each of its own pair of tokens. */
export async function openMarket(stage: Stage, poolCount: number, seed: number): Promise<Market> {
  const creator = addressOf('creator', 0, seed)
  // The router and the position manager only need an address for wrapped ether, not its code.
  const wrappedEther = addressOf('wrapped ether', 0, seed)
  const factory = await stage.deploy(creator, uniswapCode('core', 'UniswapV3Factory'))
  const router = await stage.deploy(
    creator,
    uniswapCode('periphery', 'SwapRouter'),
    factory,
    wrappedEther,
  )
  const positions = await stage.deploy(
    creator,
    uniswapCode('periphery', 'NonfungiblePositionManager'),
    factory,
    wrappedEther,
    wrappedEther,
  )
  const tokens: Hex[] = []
  for (let i = 0; i < tokenCount(poolCount); i++) {
    const token = await deployToken(stage, creator, i)
    await stage.call(creator, token, 'approve(address,uint256)', positions, unlimited)
    tokens.push(token)
  }
  const pairs = pairsOf(tokens).slice(0, poolCount)
  for (const [token0, token1] of pairs) {
    await stage.call(creator, positions, createPool, token0, token1, poolFee, evenPrice)
    const range = [-outermostTick, outermostTick] as const
    const amounts = [liquidity, liquidity, 0, 0] as const
    await stage.call(
      creator,
      positions,
      mint,
      ...[token0, token1, poolFee, ...range, ...amounts, creator, deadline],
    )
  }
  return { creator, router, pairs }
}

function uniswapCode(part: 'core' | 'periphery', name: string): Hex {
  return initCodeOf(`@uniswap/v3-${part}`, `artifacts/contracts/${name}.sol/${name}.json`)
}

/** How many tokens make at least that many pairs. */
function tokenCount(pairCount: number): number {
  return Math.ceil((1 + Math.sqrt(1 + 8 * pairCount)) / 2)
}

function pairsOf(tokens: readonly Hex[]): Pair[] {
  const sorted = [...tokens].sort()
  return sorted.flatMap((token0, index) =>
    sorted.slice(index + 1).map((token1): Pair => [token0, token1]),
  )
}

/** Gives a trader tokens, and lets it swap once: later swaps find no slot of its empty. */
export async function equip(
  stage: Stage,
  trader: Trader,
  { creator, router }: Market,
): Promise<void> {
  const { from, to } = trader
  const { address } = trader.sender
  for (const token of [from, to]) {
    await stage.call(creator, token, 'transfer(address,uint256)', address, tokensEach)
  }
  await stage.call(address, from, 'approve(address,uint256)', router, unlimited)
  await stage.call(address, router, swap, ...swapValues(trader, largestSwap))
}

function swapValues({ sender, from, to }: Trader, amount: bigint): AbiValue[] {
  const leastOut = 0
  const anyPrice = 0
  return [from, to, poolFee, sender.address, deadline, amount, leastOut, anyPrice]
}
