/** What an `RpcState` is made of. */

import {
  checkFlags,
  checkObject,
  checkOptions,
  demand,
  historyOf,
  type MembersOf,
} from '../arguments.js'
import type { Hex } from '../hex/index.js'
import { JsonRpcClient, type JsonRpcOptions, jsonRpcMembers } from '../rpc-client/index.js'
import { checkPath } from '../state/lmdb-options.js'
import type { RpcCacheOptions } from './answer-cache.js'

/** Where the state is, and how it is asked for: see {@link JsonRpcOptions} for the rest. */
export interface RpcStateOptions extends Omit<JsonRpcOptions, 'client'> {
  /**
   * What sends requests, in place of `url`: a {@link JsonRpcClient} that several states share, a client
   * of viem, any EIP-1193 provider.
   */
  readonly client?: JsonRpcOptions['client'] | JsonRpcClient
  /**
   * The block whose post-state it is, by number or hash. A number stands for what the node has there when
   * it is asked, a hash (EIP-1898) for one block, whatever becomes of the chain's head.
   */
  readonly block: bigint | number | Hex
  /** With a hash: whether the node is to fail where the block is none of its chain. Default false. */
  readonly requireCanonical?: boolean | undefined
  /**
   * Whether to ask for traces (`debug_traceBlockByNumber`, `prestateTracer`) of a block that is to be
   * executed, which tell most of what it reads. Default true; a node that cannot trace is asked once.
   */
  readonly trace?: boolean | undefined
  /**
   * Whether to ask for access lists (`eth_createAccessList`) of transactions that are to be executed,
   * where there are no traces. Default true; a node that cannot make them is asked once.
   */
  readonly accessLists?: boolean | undefined
  /**
   * Whether to take accounts and slots only with a proof (`eth_getProof`, EIP-1186) against the state root:
   * of `stateRoot`, or of the block's header as the node gives it. Default false, or true where
   * `stateRoot` is given.
   */
  readonly verify?: boolean | undefined
  /** The root of the state, from whom one trusts. */
  readonly stateRoot?: Hex | undefined
  /**
   * A folder in which answers are kept for the next run: what the node tells of the state, under the
   * block's hash. One process has it open at a time. Default: none.
   */
  readonly cache?: string | RpcCacheOptions | undefined
  /** How many commits can be undone: see {@link SourceStateOptions.history}. Default 0. */
  readonly history?: number | undefined
}

const { client: _, ...httpMembers } = jsonRpcMembers

const members: MembersOf<RpcStateOptions> = {
  ...httpMembers,
  client: true,
  block: true,
  requireCanonical: true,
  trace: true,
  accessLists: true,
  verify: true,
  stateRoot: true,
  history: true,
  cache: true,
}

const cacheMembers: MembersOf<RpcCacheOptions> = { path: true, sizeLimit: true }

/** Options of which none is left open. */
export interface RpcStateSettings {
  readonly client: JsonRpcClient
  /** A number, or a hash in lower case. */
  readonly block: bigint | Hex
  readonly requireCanonical: boolean
  readonly trace: boolean
  readonly accessLists: boolean
  readonly verify: boolean
  readonly stateRoot: Hex | undefined
  readonly cache: RpcCacheOptions | undefined
}

/** Throws `OPTION_INVALID`. */
export function settingsOf(options: RpcStateOptions): RpcStateSettings {
  checkOptions(options, members)
  checkFlags(options, 'requireCanonical', 'trace', 'accessLists', 'verify')
  const {
    block,
    requireCanonical,
    trace,
    accessLists,
    verify,
    stateRoot,
    history,
    cache,
    ...asking
  } = options
  historyOf({ history })
  const root = stateRoot === undefined ? undefined : hashIn('stateRoot', stateRoot)
  return {
    client: asking.client instanceof JsonRpcClient ? shared(asking) : new JsonRpcClient(asking),
    block: blockIn(block),
    requireCanonical: requireCanonical ?? false,
    trace: trace ?? true,
    accessLists: accessLists ?? true,
    verify: verify ?? root !== undefined,
    stateRoot: root,
    cache: cacheIn(cache),
  }
}

function cacheIn(given: RpcStateOptions['cache']): RpcCacheOptions | undefined {
  if (given === undefined) return undefined
  const cache = typeof given === 'string' ? { path: given } : given
  checkObject(cache, 'cache')
  checkOptions(cache, cacheMembers, 'cache')
  checkPath(cache.path, 'cache')
  const { sizeLimit = leastCacheBytes } = cache
  const isSize = Number.isSafeInteger(sizeLimit) && sizeLimit >= leastCacheBytes
  demand(isSize, 'cache.sizeLimit', `a whole number, ${leastCacheBytes} or more`, sizeLimit)
  return cache
}

/** With less there is no room for a block. */
const leastCacheBytes = 2 ** 22

/** A client that others ask, too: it has limits of its own. */
function shared({ client, ...others }: Omit<RpcStateOptions, 'block'>): JsonRpcClient {
  const [field] = Object.entries(others).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  )
  demand(field === undefined, field ?? '', 'none beside a JsonRpcClient, which has its own', field)
  return client as JsonRpcClient
}

function blockIn(block: bigint | number | Hex): bigint | Hex {
  if (typeof block === 'string') return hashIn('block', block)
  const isNumber =
    typeof block === 'bigint' ? block >= 0n : Number.isSafeInteger(block) && block >= 0
  demand(isNumber, 'block', 'the number or the hash of a block', block)
  return BigInt(block)
}

function hashIn(field: string, hash: Hex): Hex {
  demand(/^0x[0-9a-fA-F]{64}$/.test(hash), field, '32 bytes of 0x hex', hash)
  return hash.toLowerCase() as Hex
}
