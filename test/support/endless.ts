/** Blocks that run until they are stopped. */

import type { Alloc, RpcBlock } from '../../lib/index.js'
import { draftBlock } from '../../lib/workloads/draft.js'

const sender = `0x${'5e'.repeat(20)}` as const

/** The contracts that run for ever, by what they do meanwhile. */
export const endlessKinds = {
  /** JUMPDEST, PUSH1 0, JUMP. */
  computing: { address: `0x${'c1'.repeat(20)}`, code: '0x5b600056' },
  /** Hashes 32 KiB again and again. */
  hashing: { address: `0x${'c2'.repeat(20)}`, code: '0x5b61800060002050600056' },
  /** Reads slots that nobody has read before. */
  reading: { address: `0x${'c3'.repeat(20)}`, code: '0x60005b600101805450600256' },
  /** Calls the identity precompile. */
  calling: { address: `0x${'c4'.repeat(20)}`, code: '0x5b60006000600060006004612710fa50600056' },
} as const

/** The name of an endless contract. */
export type EndlessKind = keyof typeof endlessKinds

/** Gas for centuries. */
const endlessGas = 1n << 54n

/** A state with the endless contracts. */
export const endlessAlloc: Alloc = {
  [sender]: { balance: 1n },
  ...Object.fromEntries(
    Object.values(endlessKinds).map(({ address, code }) => [address, { balance: 0n, code }]),
  ),
}

/** A Cancun block whose transactions call contracts, with so much gas each. Its roots are wrong. */
export function blockOfCalls(contracts: readonly string[], gas: bigint = endlessGas): RpcBlock {
  return draftBlock({
    gasLimit: '0x7fffffffffffffff',
    timestamp: 1_718_000_000,
    baseFeePerGas: 0,
    transactions: contracts.map((to, nonce) => ({
      type: 0,
      from: sender,
      to,
      nonce,
      gas,
      gasPrice: 0,
      value: 0,
      input: '0x',
    })),
  })
}

/** A block that runs until it is stopped. */
export function endlessBlock(kind: EndlessKind = 'computing'): RpcBlock {
  return blockOfCalls([endlessKinds[kind].address])
}

/** How the blocks here are executed. */
export const endlessOptions = { trustSenders: true, verify: false } as const
