/** Blocks of token transfers: OpenZeppelin's ERC-20 contract. */

import type { Hex } from '../hex/index.js'
import { encodeCall } from './abi.js'
import { initCodeOf } from './artifacts.js'
import { makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressesOf, addressOf, Chance, sendersOf } from './cast.js'
import { richAlloc, Stage } from './stage.js'
import {
  resolveKnobs,
  type Workload,
  type WorkloadKnobs,
  type WorkloadOptions,
} from './workload.js'

const artifact = 'build/contracts/ERC20PresetFixedSupply.json'
const transfer = 'transfer(address,uint256)'
const supply = 10n ** 30n

/** What every holder has before the block. */
const tokensEach = 10n ** 18n

/** A transfer between holders uses about 34,000. */
const gasLimit = 80_000

/** About 30 million gas. */
const usualCount = 860

/**
 * Creates a token, all of which its creator has.
 *
 * @param index tells the tokens of one creator apart by name
 */
export function deployToken(stage: Stage, creator: Hex, index = 0): Promise<Hex> {
  const initCode = initCodeOf('@openzeppelin/contracts', artifact)
  const name = { text: `Token ${index}` }
  const symbol = { text: `T${index}` }
  return stage.deploy(creator, initCode, name, symbol, supply, creator)
}

/** Everybody sends tokens to somebody else; with `hotRatio`, that share of them to one account. */
export function erc20(options: WorkloadOptions): Promise<Workload> {
  return tokenTransfers('erc20', resolveKnobs(options, { transactions: usualCount }))
}

/** Half of the token transfers go to one account, as to an exchange. */
export function hotErc20(options: WorkloadOptions): Promise<Workload> {
  const knobs = resolveKnobs(options, { transactions: usualCount, hotRatio: 0.5 })
  return tokenTransfers('erc20-hot', knobs)
}

async function tokenTransfers(name: string, knobs: WorkloadKnobs): Promise<Workload> {
  const { transactions, accounts, hotRatio, seed } = knobs
  const creator = addressOf('creator', 0, seed)
  const exchange = addressOf('exchange', 0, seed)
  const senders = sendersOf('sender', accounts, seed)
  const addresses = senders.map(({ address }) => address)
  const recipients = addressesOf('recipient', transactions, seed)
  const chance = new Chance(seed)
  const calls = (token: Hex): Call[] =>
    recipients.map((recipient, index) => {
      const to = chance.next() < hotRatio ? exchange : recipient
      const data = encodeCall(transfer, to, BigInt(index + 1))
      return { from: senders[index % accounts], to: token, gasLimit, data }
    })
  const staged = await Stage.set(richAlloc(addresses), async (stage) => {
    const token = await deployToken(stage, creator)
    for (const holder of [exchange, ...addresses, ...recipients]) {
      await stage.call(creator, token, transfer, holder, tokensEach)
    }
    return { state: stage.state, token }
  })
  return makeBlock(name, staged.state, calls(staged.token))
}
