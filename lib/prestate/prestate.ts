/** The pre-state of a block, out of a node. */

import { checkOptions, demand, type MembersOf } from '../arguments.js'
import type { RpcBlock } from '../block/types.js'
import { Engine } from '../engine/engine.js'
import { errorFor, isBraidError } from '../errors.js'
import type { Hex } from '../hex/index.js'
import type { RpcClient } from '../rpc-client/index.js'
import type { Alloc } from '../state/alloc.js'
import { SourceState } from '../state/source-state.js'
import { blockOf } from './block-of.js'
import { changedBeforeTransactions } from './changed-before.js'
import { Node } from './node.js'
import { NodeSource } from './node-source.js'
import {
  accountsBefore,
  type KnownAccount,
  type TracedAccounts,
  type TracedChanges,
  type TraceResult,
} from './traced-accounts.js'

/** How {@link prestate} asks. */
export interface PrestateOptions {
  /**
   * The engine that finds out what the block reads. Default: one for Ethereum mainnet; give one for
   * any other chain.
   */
  readonly engine?: Engine | undefined
  /** The most requests under way at a time. Default 32. */
  readonly concurrency?: number | undefined
  /**
   * Whether to begin with what `debug_traceBlockByHash` tells, which saves most requests. Default
   * true; a node that cannot trace costs one request more.
   */
  readonly trace?: boolean | undefined
  /** Ends the work when it is aborted: the promise is rejected with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
}

const optionMembers: MembersOf<PrestateOptions> = {
  engine: true,
  concurrency: true,
  trace: true,
  signal: true,
}

/** A block with everything that it takes to execute it, as `braid execute` reads it from a file. */
export interface BlockWithPrestate {
  /** The block with full transactions as the node gave it, with the headers of its ommers. */
  readonly block: RpcBlock
  /** The part of the state before the block that the block reads; accounts that are absent do not exist. */
  readonly preState: Alloc
  /** The hashes of the ancestors that BLOCKHASH asks for, by number. */
  readonly blockHashes: Readonly<Record<string, Hex>>
}

/**
 * Fetches a block and the part of the state before it that the block reads.
 *
 * The block is executed here on what the node's `prestateTracer` tells; what that lacks (it never shows
 * the code that delegations point to, what only system calls touch, the hashes of ancestors) is asked
 * for one by one, and the outcome compared with the block's header. Where the node cannot trace, or what
 * it told does not lead to the header, every account and slot is asked for. The node must know the state
 * of the block's parent: an archive node, or a recent block.
 *
 * @param client a client of viem, or any EIP-1193 provider
 * @param block a number, a hash, or `latest`
 * @throws StateError `STATE_UNAVAILABLE` where the node fails; `cause` is its error, `details.field` the
 *   method
 * @throws InvalidBlockError `BLOCK_FIELD_MISMATCH` and whatever else executing the block may give
 * @throws BraidError `CANCELLED` where `signal` was aborted
 */
export async function prestate(
  client: RpcClient,
  block: bigint | number | Hex | 'latest',
  options: PrestateOptions = {},
): Promise<BlockWithPrestate> {
  checkOptions(options, optionMembers)
  const { concurrency = 32, trace = true, signal } = options
  demand(
    Number.isInteger(concurrency) && concurrency > 0,
    'concurrency',
    'a positive integer',
    concurrency,
  )
  const node = new Node(client, concurrency, signal)
  const found = await blockOf(node, block)
  const engine = options.engine ?? (await Engine.create())
  try {
    const attempts = trace ? [() => tracedAccounts(node, found), nothingKnown] : [nothingKnown]
    for (const [i, known] of attempts.entries()) {
      const isLast = i === attempts.length - 1
      const accounts = await known()
      // A node that cannot trace leaves nothing to be tried but asking.
      if (accounts.size === 0 && !isLast) continue
      const source = new NodeSource(node, BigInt(found.number) - 1n, accounts)
      try {
        const executing = { state: new SourceState(source), ...(signal && { signal }) }
        await engine.executeBlock(found, executing)
        const { accounts: preState, blockHashes } = source
        return { block: found, preState, blockHashes }
      } catch (error) {
        // Traces of another client may show something else than they seem to; a second look decides.
        if (isLast || !isBraidError(error) || isFinal(error.code)) throw error
      }
    }
    throw errorFor('STATE_UNAVAILABLE')
  } finally {
    if (options.engine === undefined) engine.close()
  }
}

function isFinal(code: string): boolean {
  return code === 'CANCELLED' || code === 'STATE_UNAVAILABLE'
}

const nothingKnown = (): Promise<ReadonlyMap<Hex, KnownAccount>> => Promise.resolve(new Map())

/**
 * What the node's traces tell of the state before a block; nothing where it cannot trace. What changes
 * before the first transaction is left out: traces show it as it is afterwards.
 */
async function tracedAccounts(
  node: Node,
  { hash }: RpcBlock,
): Promise<ReadonlyMap<Hex, KnownAccount>> {
  const traced = <Result>(tracerConfig: object): Promise<TraceResult<Result>[]> =>
    node.ask('debug_traceBlockByHash', hash, { tracer: 'prestateTracer', tracerConfig })
  try {
    const [before, changes] = await Promise.all([
      traced<TracedAccounts>({ diffMode: false }),
      traced<TracedChanges>({ diffMode: true }),
    ])
    const known = accountsBefore(before, changes)
    for (const address of changedBeforeTransactions) known.delete(address)
    return known
  } catch (error) {
    if (isBraidError(error) && error.code === 'CANCELLED') throw error
    return new Map()
  }
}
