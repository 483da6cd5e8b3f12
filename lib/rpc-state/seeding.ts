/** What a node tells of a block or of transactions before they are executed. */

import { isBraidError } from '../errors.js'
import { bytesToHex, type Hex, quantity } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { noSeeds, type SeedKey, type Seeds } from '../state/seeds.js'
import type { SourceRequest } from '../state/state-source.js'
import { addressIn, bytesIn, listIn, recordIn, wordIn } from './answers.js'
import type { NodeHeader } from './node-header.js'
import type { NodeState } from './node-state.js'
import {
  blockNumberOf,
  isSigned,
  packedCalls,
  type RpcCall,
  transactionCount,
} from './packed-calls.js'
import {
  type TracedSeeds,
  traceByHashMethod,
  tracedSeeds,
  traceMethod,
  traceModes,
} from './traces.js'

const listMethod = 'eth_createAccessList'

/**
 * Asks a node for what a block will read, in one round trip: for the traces of the block of that number,
 * else for the access list of each transaction. Which of the two the node has is found out once. What
 * fails here is asked for later, one by one.
 */
export class Seeding {
  readonly #node: NodeState
  #canTrace: boolean
  #canList: boolean
  /** The header of the block to be executed, which was asked for already. */
  #ahead: { readonly number: bigint; readonly header: Promise<NodeHeader | undefined> } | undefined

  constructor(node: NodeState) {
    this.#node = node
    this.#canTrace = node.settings.trace
    this.#canList = node.settings.accessLists
  }

  /** Asks already for the header of the block that a packed input is of. */
  lookAhead(input: Uint8Array, request: SourceRequest): void {
    if (!this.#canTrace || transactionCount(input) === 0 || !isSigned(input)) return
    const number = blockNumberOf(input)
    const header = this.#node.headerAt(number, request)
    header.catch(() => {})
    this.#ahead = { number, header }
  }

  /** The seeds of a packed input. */
  async seedsOf(input: Uint8Array, request: SourceRequest): Promise<Seeds> {
    if (transactionCount(input) === 0) return noSeeds
    if (this.#canTrace && isSigned(input)) {
      const seeds = await this.#traced(blockNumberOf(input), request)
      if (seeds !== undefined) return seeds
    }
    return this.#canList
      ? { facts: [], keys: await this.#listed(packedCalls(input), request) }
      : noSeeds
  }

  /**
   * What traces tell. Their values are of the state before the traced block: facts where that is the
   * child of the block whose state this is, and where nobody asks for proofs. Where they are kept, it is
   * traced by the hash of the child: between two questions there may be another block of that number.
   */
  async #traced(number: bigint, request: SourceRequest): Promise<Seeds | undefined> {
    const node = this.#node
    const { block, verify, cache } = node.settings
    const isKept = cache !== undefined && !verify
    const child = isKept ? await this.#childAt(number, request) : undefined
    const name =
      child === undefined ? [traceMethod, quantity(number)] : [traceByHashMethod, child.hash]
    const wantsHeaders = typeof block === 'string' && !verify && !isKept
    const areOfChild = isKept ? child !== undefined : block === number - 1n
    const [isChild, ...traces] = await Promise.allSettled([
      wantsHeaders ? this.#isChild(number, request) : areOfChild,
      ...traceModes.map((mode) => node.ask(name[0], [name[1], mode], request)),
    ])
    request.signal.throwIfAborted()
    const failed = traces.find((answer) => answer.status === 'rejected')
    if (failed !== undefined) {
      if (isUnknownMethod(failed.reason)) this.#canTrace = false
      return undefined
    }
    try {
      const seeds = tracedSeeds(traces.map((answer) => (answer as { value?: unknown }).value))
      const areFacts = !verify && isChild.status === 'fulfilled' && isChild.value
      return areFacts ? await this.#withCode(seeds, request) : { facts: [], keys: seeds.keys }
    } catch (error) {
      // Whoever answers like that cannot trace.
      if (!isBraidError(error, 'RPC_RESPONSE_INVALID')) throw error
      this.#canTrace = false
      return undefined
    }
  }

  /** Traced seeds with the code that they lack; accounts whose code cannot be had are left to be asked for. */
  async #withCode({ facts, codeless, keys }: TracedSeeds, request: SourceRequest): Promise<Seeds> {
    const unique = new Map(codeless.map((fact) => [fact.account.codeHash, fact.address]))
    const codes = new Map<Hex, Uint8Array>()
    const asked = [...unique].map(async ([codeHash, address]) => {
      const method = 'eth_getCode'
      const code = bytesIn(
        method,
        await this.#node.ask(method, [address, this.#node.block], request),
      )
      if (bytesToHex(keccak256(code)) === codeHash) codes.set(codeHash, code)
    })
    await Promise.allSettled(asked)
    request.signal.throwIfAborted()
    const whole = codeless.flatMap((fact) => {
      const code = codes.get(fact.account.codeHash)
      return code === undefined ? [] : [{ ...fact, code }]
    })
    return { facts: [...facts, ...whole], keys: [...keys, ...delegationTargets(codes.values())] }
  }

  /** The header of the node's block of a number, where it follows the block whose state this is. */
  async #childAt(number: bigint, request: SourceRequest): Promise<NodeHeader | undefined> {
    const ahead = this.#ahead?.number === number ? this.#ahead.header : undefined
    this.#ahead = undefined
    try {
      const child = await (ahead ?? this.#node.headerAt(number, request))
      const { block } = this.#node
      const hash = typeof block === 'string' ? undefined : block.blockHash
      return child?.parentHash === hash ? child : undefined
    } catch {
      request.signal.throwIfAborted()
      return undefined
    }
  }

  /** Whether the node's block of a number follows the block whose state this is. */
  async #isChild(number: bigint, request: SourceRequest): Promise<boolean> {
    const child = await this.#node.headerAt(number, request)
    return child?.parentHash === this.#node.settings.block
  }

  /** What the access lists of transactions name, each made on the state before all of them. */
  async #listed(calls: readonly RpcCall[], request: SourceRequest): Promise<SeedKey[]> {
    const answers = await Promise.allSettled(
      calls.map((call) => this.#node.ask(listMethod, [call, this.#node.block], request)),
    )
    request.signal.throwIfAborted()
    return answers.flatMap((answer) => {
      if (answer.status === 'fulfilled') return listedKeys(answer.value)
      if (isUnknownMethod(answer.reason)) this.#canList = false
      return []
    })
  }
}

/** The accounts that code delegates to (EIP-7702), which traces do not show. */
function delegationTargets(codes: Iterable<Uint8Array>): SeedKey[] {
  return [...codes].flatMap((code) => {
    const hex = code.length === 23 ? bytesToHex(code) : ''
    return hex.startsWith('0xef0100') ? [{ address: `0x${hex.slice(8)}` as Hex }] : []
  })
}

/** The keys that an answer names; none where it is not an answer to that. */
function listedKeys(answer: unknown): SeedKey[] {
  try {
    const { accessList } = recordIn(listMethod, answer)
    return listIn(listMethod, accessList).flatMap((entry) => {
      const { address, storageKeys } = recordIn(listMethod, entry)
      const at = addressIn(listMethod, address)
      const slots = listIn(listMethod, storageKeys ?? [])
      return [
        { address: at },
        ...slots.map((key) => ({ address: at, slot: wordIn(listMethod, key) })),
      ]
    })
  } catch (error) {
    if (isBraidError(error, 'RPC_RESPONSE_INVALID')) return []
    throw error
  }
}

/** Codes of nodes that do not have a method, or not with these parameters (EIP-1474). */
const unknownMethodCodes: ReadonlySet<number> = new Set([-32601, -32004, -32602])

/** Whether a node does not know a method. */
function isUnknownMethod(error: unknown): boolean {
  return isBraidError(error, 'RPC_ERROR') && unknownMethodCodes.has(error.details.rpcCode)
}
