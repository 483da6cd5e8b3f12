/** How `trace_*` is answered. */

import { checkFlags, checkObject, checkOptions, demand, type MembersOf } from '../arguments.js'
import { checkState } from '../state/readable-state.js'
import {
  matchOf,
  type NativeTracer,
  type ParityClient,
  type ParityFilter,
  type ParityForm,
  type ParityMatch,
  parityCalls,
} from '../trace/index.js'
import { checkSignal, checkTimeout } from './cancellation.js'
import {
  type BlockSequence,
  checkChainOptions,
  type ExecuteBlocksOptions,
} from './chain-options.js'
import { blockMembers, checkBlockFlags, type ExecuteBlockOptions } from './options.js'

/** How `trace_transaction` and `trace_get` are answered. */
export interface ParityTransactionOptions
  extends Omit<ExecuteBlockOptions, 'transactionRoots' | 'verify'>,
    ParityForm {}

/** How `trace_block` is answered. */
export interface ParityBlockOptions extends ParityTransactionOptions {
  /**
   * Whether withdrawals are told after the rewards, as Erigon does where it is asked for
   * `IncludeWithdrawals`. Default false.
   */
  readonly includeWithdrawals?: boolean | undefined
  /** Whether to compare the outcome with the header, and fail at the first difference. Default true. */
  readonly verify?: boolean | undefined
}

/** How `trace_filter` is answered: its filter, and how the blocks are executed. */
export interface ParityFilterOptions
  extends Omit<ExecuteBlocksOptions, 'transactionRoots'>,
    ParityForm,
    ParityFilter {}

const { transactionRoots: _, verify: __, ...executionMembers } = blockMembers

const transactionMembers: MembersOf<ParityTransactionOptions> = {
  ...executionMembers,
  client: true,
  creationMethod: true,
}

const members: MembersOf<ParityBlockOptions> = {
  ...transactionMembers,
  verify: true,
  includeWithdrawals: true,
}

/** Checks how a block is traced, and makes the tracer. Throws `OPTION_INVALID`, `CANCELLED`. */
export function checkParityBlock(options: ParityBlockOptions): NativeTracer {
  checkOptions(options, members)
  checkFlags(options, 'includeWithdrawals')
  return checked(options)
}

/** Checks how a transaction is traced, as {@link checkParityBlock} does. */
export function checkParityTransaction(options: ParityTransactionOptions): NativeTracer {
  checkObject(options, 'options')
  const { verify } = options as ParityBlockOptions
  demand(verify === undefined, 'verify', 'none: the block is not executed to its end', verify)
  checkOptions(options, transactionMembers)
  return checked(options)
}

function checked(options: ParityTransactionOptions): NativeTracer {
  const { signal, timeout, state } = options
  checkBlockFlags(options)
  checkSignal(signal)
  checkTimeout(timeout)
  checkState(state)
  return parityCalls(options)
}

/** What a range of blocks is searched for, and how it is executed. */
export interface ParitySearch {
  readonly tracer: NativeTracer
  readonly client: ParityClient
  readonly matches: ParityMatch
  readonly after: number
  readonly count: number
  readonly chain: ExecuteBlocksOptions
}

/** Checks how a range of blocks is searched. Throws `OPTION_INVALID`, `CANCELLED`. */
export function checkParityFilter(
  blocks: BlockSequence,
  options: ParityFilterOptions,
): ParitySearch {
  checkObject(options, 'options')
  const { client = 'openethereum', creationMethod, ...rest } = options
  const { fromAddress, toAddress, mode, after, count, ...chain } = rest
  checkChainOptions(blocks, chain)
  const tracer = parityCalls({ client, creationMethod })
  const matches = matchOf({ fromAddress, toAddress, mode, after, count }, client)
  return { tracer, client, matches, after: after ?? 0, count: count ?? Infinity, chain }
}

/** Checks the place of a call among those of its transaction. Throws `OPTION_INVALID`. */
export function checkTraceAddress(address: readonly number[]): void {
  const isPlace = (index: unknown) => Number.isSafeInteger(index) && Number(index) >= 0
  const isAddress = Array.isArray(address) && address.every(isPlace)
  demand(isAddress, 'traceAddress', 'an array of numbers, 0 or more each', address)
}
