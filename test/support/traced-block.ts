/** A small block with something for every tracer, whose answers are known. */

import { type Alloc, Engine, type Hex, MemoryState } from '../../lib/index.js'
import { type Call, signCalls } from '../../lib/workloads/calls.js'
import { sendersOf } from '../../lib/workloads/cast.js'
import { addBlock, openChain } from '../../lib/workloads/chain.js'
import { blockNumber, blockTimestamp } from '../../lib/workloads/draft.js'

const ether = 10n ** 18n
const gwei = 10n ** 9n

/** An address that ends in a byte, behind zeros. */
const account = (byte: string): Hex => `0x${byte.padStart(40, '0')}`

/** Pushes the fields of a CALL without data, and makes it. */
const call = (to: Hex, value: string) => `600060006000600060${value}73${to.slice(2)}61fffff150`

/** The accounts of the block. */
export const cast = {
  /** Passes 3 wei on to one and 4 to another. */
  splitter: account('0a01'),
  /** Says no: REVERT with Error("no"). */
  refuser: account('0a02'),
  /** Adds one to slot 0 and logs a topic 9. */
  counter: account('0a03'),
  /** Hashes nothing, calls the identity precompile and the counter. */
  caller: account('0a04'),
  /** Who is paid by the splitter. */
  payees: [account('f1'), account('f2')] as const,
  /** Who gets an ether. */
  friend: account('f3'),
} as const

const refusal = [
  '08c379a0',
  '20'.padStart(64, '0'),
  '02'.padStart(64, '0'),
  '6e6f'.padEnd(64, '0'),
].join('')

const codes: Readonly<Record<Hex, Hex>> = {
  [cast.splitter]: `0x${call(cast.payees[0], '03')}${call(cast.payees[1], '04')}`,
  // CODECOPY(0, 12, 100), REVERT(0, 100)
  [cast.refuser]: `0x6064600c60003960646000fd${refusal}`,
  // SSTORE(0, SLOAD(0) + 1), LOG1(0, 0, 9)
  [cast.counter]: '0x600054600101600055600960006000a100',
  [cast.caller]: `0x6000600020506000600060006000600462012345fa50${call(cast.counter, '00')}`,
}

export const people = sendersOf('traced', 6, 1)

/** The state before the block. */
export const tracedAlloc: Alloc = {
  ...Object.fromEntries(people.map(({ address }) => [address, { balance: 10n * ether }])),
  ...Object.fromEntries(
    Object.entries(codes).map(([address, code]) => [address, { nonce: 1n, code }]),
  ),
}

const gasLimit = 300_000

/** What is done in the block; the calls of the counter contradict each other when they run at once. */
const calls: readonly Call<Hex | null>[] = [
  { from: people[0], to: cast.splitter, gasLimit, value: 7n },
  { from: people[1], to: cast.refuser, gasLimit, data: '0x12345678' },
  { from: people[2], to: cast.friend, gasLimit, value: ether },
  { from: people[3], to: cast.caller, gasLimit },
  // Init code that leaves a byte: MSTORE8(0, 1), RETURN(0, 1).
  { from: people[4], to: null, gasLimit, data: '0x600160005360016000f3' },
  ...Array.from({ length: 24 }, (_, i) => {
    return { from: people[i % people.length], to: cast.counter, gasLimit }
  }),
  // Out of gas in the counter.
  { from: people[5], to: cast.counter, gasLimit: 22_000 },
]

/** The RLP of the block, whose header is right. */
export async function tracedBlock(): Promise<Uint8Array> {
  const engine = await Engine.create({ policy: 'sequential' })
  try {
    const state = new MemoryState(tracedAlloc)
    const head = { number: blockNumber - 1n, timestamp: blockTimestamp - 12n }
    const chain = await openChain(engine, state, head)
    const fees = { maxFeePerGas: 20n * gwei, maxPriorityFeePerGas: gwei }
    const { rlp } = await addBlock(chain, { transactions: signCalls(calls, state, fees) })
    return rlp
  } finally {
    engine.close()
  }
}
