/** A few blocks of a made chain, so that the examples need no node: a token, and people who send it. */

import { Engine, MemoryState } from 'braid-evm'
import { signCalls } from '#workloads/calls'
import { senderOf } from '#workloads/cast'
import { addBlock, openChain } from '#workloads/chain'
import { blockNumber, blockTimestamp } from '#workloads/draft'

/** @typedef {import('braid-evm').Hex} Hex */

const ether = 10n ** 18n
const gwei = 10n ** 9n

/** Where the token is. @type {Hex} */
export const token = `0x${'70'.repeat(20)}`

/** keccak256 of `Transfer(address,address,uint256)`. @type {Hex} */
export const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/**
 * A token that knows `transfer(address to, uint256 amount)` and nothing else. The slot of a balance is
 * its owner's address.
 *
 * @type {Hex}
 */
const tokenCode = `0x${[
  '602435', // amount
  '3354', // the sender's balance
  '818110604557', // less than the amount: go to 0x45
  '8190033355', // balance[sender] = balance - amount
  '600435', // to
  '805482018155', // balance[to] += amount
  '90600052', // memory[0] = amount
  `337f${transferTopic.slice(2)}60206000a3`, // log Transfer(sender, to, amount)
  '00',
  '5b60006000fd', // 0x45: revert
].join('')}`

const senders = [0xa1, 0xb2, 0xc3].map((byte) => senderOf(new Uint8Array(32).fill(byte)))

/** Who owns tokens in the beginning. @type {readonly Hex[]} */
export const people = senders.map(({ address }) => address)

/**
 * A storage slot: 32 bytes with a number or an address in the last ones.
 *
 * @param {Hex | bigint} value
 * @returns {Hex}
 */
export function word(value) {
  const digits = typeof value === 'bigint' ? value.toString(16) : value.slice(2)
  return `0x${digits.padStart(64, '0')}`
}

/**
 * The data of a call `transfer(to, amount)`.
 *
 * @param {Hex} to
 * @param {bigint} amount
 * @returns {Hex}
 */
export function transferData(to, amount) {
  return `0xa9059cbb${word(to).slice(2)}${word(amount).slice(2)}`
}

/**
 * The state before the first block: everybody has 10 ether and 1000 tokens.
 *
 * @type {import('braid-evm').Alloc}
 */
export const alloc = {
  ...Object.fromEntries(people.map((address) => [address, { balance: 10n * ether }])),
  [token]: {
    nonce: 1n,
    code: tokenCode,
    storage: Object.fromEntries(people.map((address) => [word(address), 1000n])),
  },
}

/**
 * What a block does: everybody sends tokens to the next one; in the second block the first one too many.
 *
 * @param {number} index
 * @returns {import('#workloads/calls').Call[]}
 */
function callsOf(index) {
  return senders.map((from, i) => {
    const amount = i === 0 && index === 1 ? 1_000_000n : BigInt(10 * (index + 1) + i)
    const data = transferData(people[(i + 1) % people.length], amount)
    return { from, to: token, gasLimit: 100_000, data }
  })
}

/** @param {Engine} engine */
const firstChain = (engine) =>
  openChain(engine, new MemoryState(alloc), {
    number: blockNumber - 1n,
    timestamp: blockTimestamp - 12n,
  })

/** The header of the block before the first one. */
export async function headBefore() {
  const engine = await Engine.create()
  const { header } = await firstChain(engine)
  engine.close()
  return header
}

/**
 * The RLP of so many blocks in a row, whose headers are right.
 *
 * @param {number} length
 */
export async function makeChain(length) {
  const engine = await Engine.create()
  const chain = await firstChain(engine)
  const now = /** @type {MemoryState} */ (chain.state)
  const fees = { maxFeePerGas: 20n * gwei, maxPriorityFeePerGas: gwei }
  const blocks = []
  for (let index = 0; index < length; index++) {
    const transactions = signCalls(callsOf(index), now, fees)
    const { rlp } = await addBlock(chain, { transactions })
    blocks.push(rlp)
  }
  engine.close()
  return blocks
}
