/** Blocks as they are on a busy day: ether, tokens, swaps. */

import type { Hex } from '../hex/index.js'
import { encodeCall } from './abi.js'
import { makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressesOf, addressOf, Chance, type Sender, sendersOf } from './cast.js'
import { richAlloc, Stage } from './stage.js'
import { equip, openMarket, swapCall, type Trader, traderIn } from './uniswap.js'
import { resolveKnobs, type Workload, type WorkloadOptions } from './workload.js'

/** Of this many transactions in a row … */
const period = 8
/** … so many are swaps … */
const swapsPerPeriod = 3
/** … so many move tokens, and the rest ether. */
const tokensPerPeriod = 3

/** Pools that most swaps spread over; `hotRatio` of them use the first. */
const poolCount = 24

/** What every holder of tokens has before the block. */
const tokensEach = 10n ** 18n

const tokenGasLimit = 80_000
const etherGasLimit = 21_000

/** About 30 million gas. */
const usualCount = 550

/**
 * Transfers of ether and of OpenZeppelin's tokens, and swaps in pools of Uniswap V3, one third of
 * them in the most popular pool by default, mixed by chance.
 */
export async function defi(options: WorkloadOptions): Promise<Workload> {
  const { transactions, accounts, hotRatio, seed } = resolveKnobs(options, {
    transactions: usualCount,
    hotRatio: 1 / 3,
  })
  const chance = new Chance(seed)
  const people = sendersOf('person', accounts, seed)
  const recipients = addressesOf('recipient', transactions, seed)
  const { state, router, traders, token } = await Stage.set(
    richAlloc(people.map(({ address }) => address)),
    async (stage) => {
      const market = await openMarket(stage, poolCount, seed)
      const traders: Trader[] = []
      for (const [index, sender] of people.entries()) {
        const pool = chance.next() < hotRatio ? 0 : 1 + chance.below(poolCount - 1)
        const trader = traderIn(market.pairs[pool], sender, index)
        await equip(stage, trader, market)
        traders.push(trader)
      }
      const [token] = market.pairs[0]
      for (const holder of [...people.map(({ address }) => address), ...recipients]) {
        await stage.call(market.creator, token, 'transfer(address,uint256)', holder, tokensEach)
      }
      return { state: stage.state, router: market.router, traders, token }
    },
  )
  const calls = recipients.map((recipient, index): Call => {
    const trader = traders[index % accounts]
    const kind = chance.below(period)
    if (kind < swapsPerPeriod) return swapCall(trader, router, chance)
    return kind < swapsPerPeriod + tokensPerPeriod
      ? tokenTransfer(trader.sender, token, recipient, index)
      : etherTransfer(trader.sender, addressOf('shop', index % 16, seed), index)
  })
  return makeBlock('defi', state, calls)
}

function tokenTransfer(from: Sender, token: Hex, to: Hex, index: number): Call {
  const data = encodeCall('transfer(address,uint256)', to, BigInt(index + 1))
  return { from, to: token, gasLimit: tokenGasLimit, data }
}

function etherTransfer(from: Sender, to: Hex, index: number): Call {
  return { from, to, gasLimit: etherGasLimit, value: BigInt(index + 1) }
}
