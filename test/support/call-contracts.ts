/** Hand-made contracts that calls are tested with, and a block around them. */

import type { Alloc, BlockEnvironment, Hex } from '../../lib/index.js'

/** An address of one byte again and again. */
export const at = (byte: string): Hex => `0x${byte.repeat(20)}`

/** 32 bytes of a number. */
export const word = (value: bigint | number): Hex => `0x${value.toString(16).padStart(64, '0')}`

/** The data of a call: a selector and words. */
export const dataOf = (...words: (bigint | Hex)[]): Hex =>
  `0x70a08231${words.map((each) => word(BigInt(each)).slice(2)).join('')}`

/** Reverts with the data. */
function reverting(data: string): Hex {
  const size = (data.length / 2).toString(16).padStart(2, '0')
  return `0x60${size}600c60003960${size}6000fd${data}`
}

/** Solidity's Error(string). */
export function errorData(text: string): string {
  const bytes = Buffer.from(text)
  const padded = Buffer.alloc(Math.ceil(bytes.length / 32) * 32)
  bytes.copy(padded)
  const head = word(32).slice(2) + word(bytes.length).slice(2)
  return `08c379a0${head}${padded.toString('hex')}`
}

/** What each contract does. */
export const contracts = {
  /** Returns the slot that the first word of the data names. */
  token: { address: at('a1'), code: '0x6004355460005260206000f3' },
  /** Returns base fee, gas price, number, time, coinbase, caller and balance of the caller. */
  mirror: {
    address: at('a2'),
    code: '0x486000523a6020524360405242606052416080523360a052333160c05260e06000f3',
  },
  /** Adds 1 to slot 0 and logs the new value with topic 7. */
  counter: { address: at('a3'), code: '0x60005460010180600055600052600760206000a100' },
  /** Reverts with a reason. */
  reverter: { address: at('a4'), code: reverting(errorData('not today')) },
  /** Panics: division by zero. */
  panicker: { address: at('a5'), code: reverting(`4e487b71${word(0x12).slice(2)}`) },
  /** Reverts with an error of its own. */
  custom: { address: at('a6'), code: reverting('aabbccdd') },
  underflow: { address: at('a7'), code: '0x01' },
  badJump: { address: at('a8'), code: '0x600556' },
  invalid: { address: at('a9'), code: '0xfe' },
  endless: { address: at('aa'), code: '0x5b600056' },
  /** Calls the counter with all gas, and reads the balance of who is at 0xb1. */
  caller: {
    address: at('ab'),
    code: `0x6000600060006000600073${at('a3').slice(2)}5af15073${at('b1').slice(2)}315000`,
  },
  /** Succeeds only where it has more than 200,000 gas. */
  greedy: { address: at('ac'), code: '0x62030d405a11600e5760006000fd5b00' },
  /** Clears slot 0, which gives a refund. */
  clearer: { address: at('ad'), code: '0x600060005500' },
  /** Returns the hash of the block that the first word names. */
  hashes: { address: at('ae'), code: '0x6004354060005260206000f3' },
  /** Sends all its value on to 0xb2. */
  forwarder: { address: at('af'), code: `0x60006000600060003473${at('b2').slice(2)}5af100` },
} as const

/** Who has ether. */
export const rich = at('f1')
/** Who has none. */
export const poor = at('f2')

/** The contracts, and some accounts. */
export const callAlloc: Alloc = {
  ...Object.fromEntries(
    Object.values(contracts).map(({ address, code }) => [address, { code, balance: 0n }]),
  ),
  [contracts.token.address]: {
    code: contracts.token.code,
    storage: { [word(BigInt(rich))]: word(1234) },
  },
  [contracts.clearer.address]: { code: contracts.clearer.code, storage: { '0x00': word(1) } },
  [rich]: { balance: 10n ** 21n, nonce: 5n },
  [at('b1')]: { balance: 1n },
}

/** The block that calls are run in. */
export const environment: BlockEnvironment = {
  number: 24_000_000n,
  timestamp: 1_766_000_000n,
  gasLimit: 60_000_000n,
  coinbase: at('cc'),
  baseFee: 1_000n,
  prevRandao: word(77),
}
