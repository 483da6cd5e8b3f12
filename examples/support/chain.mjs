/** A few blocks of a made chain, so that the examples need no node: a token, and people who send it. */

import { createFeeMarket1559Tx } from '@ethereumjs/tx'
import { createAddressFromPrivateKey, hexToBytes } from '@ethereumjs/util'
import { Engine, encodeBlock, MemoryState } from 'braid-evm'

/**
 * @typedef {import('braid-evm').Alloc} Alloc
 * @typedef {import('braid-evm').Hex} Hex
 * @typedef {import('braid-evm').RpcBlock} RpcBlock
 * @typedef {import('braid-evm').RpcTransaction} RpcTransaction
 */

const ether = 10n ** 18n
const gwei = 10n ** 9n
/**
 * @param {string} byte
 * @returns {Hex}
 */
const bytes32 = (byte) => `0x${byte.repeat(32)}`

/** keccak256 of the RLP of an empty list. @type {Hex} */
const noOmmers = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'

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

const secretKeys = ['a1', 'b2', 'c3'].map((byte) => hexToBytes(bytes32(byte)))

/** Who owns tokens in the beginning. @type {readonly Hex[]} */
export const people = secretKeys.map((key) => createAddressFromPrivateKey(key).toString())

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

/** The state before the first block: everybody has 10 ether and 1000 tokens. @type {Alloc} */
export const alloc = {
  ...Object.fromEntries(people.map((address) => [address, { balance: 10n * ether }])),
  [token]: {
    nonce: 1n,
    code: tokenCode,
    storage: Object.fromEntries(people.map((address) => [word(address), 1000n])),
  },
}

/**
 * The transactions of a block: everybody sends tokens to the next one; the first one too many.
 *
 * @param {number} index
 * @returns {RpcTransaction[]}
 */
function transactionsOf(index) {
  return people.map((_, i) => {
    const to = people[(i + 1) % people.length]
    const amount = i === 0 && index === 1 ? 1_000_000n : BigInt(10 * (index + 1) + i)
    const fields = {
      chainId: 1n,
      nonce: BigInt(index),
      maxFeePerGas: 20n * gwei,
      maxPriorityFeePerGas: gwei,
      to: token,
      value: 0n,
    }
    const data = transferData(to, amount)
    const { v, r, s } = createFeeMarket1559Tx({ ...fields, data, gasLimit: 100_000n }).sign(
      secretKeys[i],
    )
    const signed = { type: 2, ...fields, gas: 100_000n, input: data, yParity: v, r, s }
    return /** @type {RpcTransaction} */ (signed)
  })
}

/**
 * A block without what only executing it tells.
 *
 * @param {number} index
 * @param {Hex} parentHash
 * @returns {RpcBlock}
 */
function draftOf(index, parentHash) {
  const unknown = bytes32('00')
  return {
    parentHash,
    sha3Uncles: noOmmers,
    miner: `0x${'fe'.repeat(20)}`,
    stateRoot: unknown,
    transactionsRoot: unknown,
    receiptsRoot: unknown,
    logsBloom: `0x${'00'.repeat(256)}`,
    difficulty: 0n,
    number: 20_000_000n + BigInt(index), // of Cancun
    gasLimit: 30_000_000n,
    gasUsed: 0n,
    timestamp: 1_717_281_407n + 12n * BigInt(index),
    extraData: '0x',
    mixHash: bytes32('12'),
    nonce: '0x0000000000000000',
    baseFeePerGas: 7n * gwei,
    withdrawalsRoot: unknown,
    withdrawals: [],
    blobGasUsed: 0n,
    excessBlobGas: 0n,
    parentBeaconBlockRoot: bytes32('15'),
    transactions: transactionsOf(index),
    uncles: [],
  }
}

/**
 * The RLP of so many blocks in a row, whose headers are right.
 *
 * @param {number} length
 */
export async function makeChain(length) {
  const engine = await Engine.create()
  const state = new MemoryState(alloc)
  /** @type {Uint8Array[]} */
  const blocks = []
  let parentHash = bytes32('11')
  for (let index = 0; index < length; index++) {
    const draft = draftOf(index, parentHash)
    const drafted = await engine.executeBlock(draft, { state, verify: false })
    const after = state.clone()
    after.commit(drafted)
    // What differs from the header is what the header should say.
    const outcome = drafted.verify().map(({ field, actual }) => [field, actual])
    const header = { ...Object.fromEntries(outcome), stateRoot: after.stateRoot() }
    const block = encodeBlock({ ...draft, ...header })
    const result = await engine.executeBlock(block, { state })
    state.commit(result)
    parentHash = result.hash
    blocks.push(block)
  }
  engine.close()
  return blocks
}
