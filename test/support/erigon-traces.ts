/** Blocks of mainnet whose state was put together from Erigon's traces of them. */

import type { Alloc, BlockEnvironment, CallOptions, CallRequest, Hex } from '../../lib/index.js'
import {
  type Engine,
  MemoryState,
  type ParityTrace,
  type ParityTracerConfig,
} from '../../lib/index.js'
import { fixtureNames, readFixture } from '../fixtures.js'

/** A block with the answer to `trace_replayBlockTransactions`. */
export interface ErigonBlock {
  readonly number: number
  readonly fork: string
  readonly env: {
    readonly coinbase: Hex
    readonly timestamp: number
    readonly difficulty: Hex
    readonly gasLimit: Hex
    readonly blockHashes: Readonly<Record<string, Hex>>
  }
  readonly transactions: readonly (Readonly<Record<'hash' | 'from' | 'value' | 'input', Hex>> &
    Readonly<Record<'gas' | 'gasPrice' | 'nonce', Hex>> & { readonly to: Hex | null })[]
  /** From each of these transactions on the state is a new one. */
  readonly segments: readonly { readonly from: number; readonly pre: Alloc }[]
  /** The transactions that read something that is in no trace. */
  readonly notReproducible: readonly number[]
  readonly expected: readonly ParityTrace[]
}

/** Where the transactions of a block run. */
export function environmentOf({ number, env }: ErigonBlock): BlockEnvironment {
  return {
    number: BigInt(number),
    timestamp: BigInt(env.timestamp),
    gasLimit: BigInt(env.gasLimit),
    coinbase: env.coinbase,
    difficulty: BigInt(env.difficulty),
  }
}

/** A block of them. */
export function erigonBlock(number: number): ErigonBlock {
  return readFixture('oracles', 'mainnet_parity', `${number}.json.gz`)
}

/** A transaction that nobody has signed here, as a call. */
function requestOf(transaction: ErigonBlock['transactions'][number]): CallRequest {
  const { from, to, value, input, gas, gasPrice } = transaction
  return { from, to: to ?? undefined, value, input, gas, gasPrice }
}

/** Transactions of a block that can be reproduced, and where they run one after another. */
export interface Segment {
  /** The place of the first of them. */
  readonly from: number
  readonly requests: readonly CallRequest[]
  readonly place: Pick<CallOptions, 'state' | 'environment' | 'blockHashes' | 'hardfork'>
}

/** The transactions of a block that can be reproduced. */
export function segmentsOf(block: ErigonBlock): Segment[] {
  const { segments, transactions, env, fork, notReproducible } = block
  return segments.map(({ from, pre }, i) => {
    const end = segments[i + 1]?.from ?? transactions.length
    const last = notReproducible.includes(end - 1) ? end - 1 : end
    return {
      from,
      requests: transactions.slice(from, last).map(requestOf),
      place: {
        state: new MemoryState(pre),
        environment: environmentOf(block),
        blockHashes: env.blockHashes,
        hardfork: nameOf(fork),
      },
    }
  })
}

/** What is told of the transactions that can be reproduced, by their places. */
export async function tracesOf(
  engine: Engine,
  block: ErigonBlock,
  config: ParityTracerConfig,
): Promise<ReadonlyMap<number, ParityTrace>> {
  const told = new Map<number, ParityTrace>()
  for (const { from, requests, place } of segmentsOf(block)) {
    const settings = { tracer: 'parity', config: { ...config, client: 'erigon' } } as const
    const traces = await engine.traceBundle(requests, { ...place, ...settings })
    for (const [i, { value }] of traces.entries()) told.set(from + i, value)
  }
  return told
}

/** A hardfork as `@ethereumjs/common` calls it. */
function nameOf(fork: string): string {
  const own: Readonly<Record<string, string>> = {
    'EIP-158': 'spuriousDragon',
    EIP158: 'spuriousDragon',
    ConstantinopleFix: 'petersburg',
  }
  return own[fork] ?? fork[0].toLowerCase() + fork.slice(1)
}

/** The numbers of the blocks that are here. */
export function erigonBlocks(): number[] {
  return fixtureNames('oracles', 'mainnet_parity').map((name) => Number.parseInt(name, 10))
}

/** A transaction with what it looked up, and what Erigon told of it. */
export interface RecordedTransaction extends ParityTrace {
  readonly index: number
  readonly hash: Hex
  readonly transaction: Readonly<
    Record<'from' | 'value' | 'input' | 'gas' | 'nonce' | 'effectiveGasPrice', Hex>
  > & { readonly to: Hex | null }
  readonly prestate: object
}

/** A block of them. */
export interface RecordedBlock {
  readonly number: number
  readonly env: Readonly<Record<'coinbase' | 'timestamp' | 'baseFeePerGas' | 'gasLimit', string>>
  readonly codes: Readonly<Record<Hex, Hex>>
  readonly transactions: readonly RecordedTransaction[]
}

/** The transactions of a block, each with the state that it runs on. */
export function recordedBlock(number: number): RecordedBlock {
  return readFixture('oracles', 'mainnet_prestate', `${number}.json.gz`)
}

/** One of them as a call, and where it runs. */
export function callOf(
  { number, env, codes }: RecordedBlock,
  { transaction, prestate }: RecordedTransaction,
): { readonly request: CallRequest; readonly place: Pick<CallOptions, 'state' | 'environment'> } {
  const { from, to, value, input, gas, effectiveGasPrice: gasPrice } = transaction
  const environment: BlockEnvironment = {
    number: BigInt(number),
    timestamp: BigInt(env.timestamp),
    gasLimit: BigInt(env.gasLimit),
    coinbase: env.coinbase as Hex,
    baseFee: BigInt(env.baseFeePerGas),
    prevRandao: `0x${'00'.repeat(32)}`,
  }
  const state = new MemoryState(withCodes(prestate, codes) as Alloc)
  const request = { from, to: to ?? undefined, value, input, gas, gasPrice }
  return { request, place: { state, environment } }
}

/** What is told of one of them. */
export async function traceRecorded(
  engine: Engine,
  block: RecordedBlock,
  transaction: RecordedTransaction,
  config: ParityTracerConfig,
): Promise<ParityTrace> {
  const { request, place } = callOf(block, transaction)
  const settings = { tracer: 'parity', config: { ...config, client: 'erigon' } } as const
  return (await engine.traceCall(request, { ...place, ...settings })).value
}

/** Puts the code back into accounts, by its hash. */
export function withCodes(value: unknown, codes: RecordedBlock['codes']): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).map(([name, member]) => [name, withCodes(member, codes)])
  const { codeHash } = value as { readonly codeHash?: Hex }
  const code = codeHash === undefined ? undefined : codes[codeHash]
  return Object.fromEntries(code === undefined ? members : [...members, ['code', code]])
}
