/** A node as a source, whose answers are kept on disk. */

import { bytesOf, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { Fact } from '../state/facts.js'
import type { SeedingSource, Seeds } from '../state/seeds.js'
import type { SourceAccount, SourceRequest } from '../state/state-source.js'
import type { AnswerCache } from './answer-cache.js'
import {
  type AnswerRecord,
  accountKey,
  accountOf,
  accountValue,
  factOf,
  firstFactKey,
  headerKey,
  headerOf,
  headerValue,
  recordOf,
  seededKey,
  slotKeyOf,
  slotValue,
  slotValueOf,
} from './answer-records.js'
import type { NodeState } from './node-state.js'
import { inputHash } from './packed-calls.js'
import type { RpcSource } from './rpc-source.js'

/** The most bytes that are read at once before an execution. */
const mostAtOnce = 2 ** 26

/**
 * Answers from a cache what it knows, and asks a node for the rest. What the node tells of the state after
 * a block is kept under the block's hash, so that neither another chain nor another block of the same
 * number finds it; what is proved, under the state root; what only a trace says apart from what was
 * asked for, so that who does without traces does without it.
 */
export class CachedSource implements SeedingSource {
  readonly #source: RpcSource
  readonly #node: NodeState
  readonly #cache: AnswerCache
  #scopes: Scopes | undefined
  #isRead = false
  #isHeaderKept = false
  readonly #facts: Gathering
  readonly #codes: Gathering

  constructor(source: RpcSource, node: NodeState, cache: AnswerCache) {
    this.#source = source
    this.#node = node
    this.#cache = cache
    this.#facts = new Gathering((keys, request) => this.#find(keys, request))
    this.#codes = new Gathering((hashes) => cache.readCodes(hashes))
  }

  async seed(input: Uint8Array, request: SourceRequest): Promise<Seeds> {
    const scopes = await this.#scopesOf(request, input)
    const key = seededKey(inputHash(input))
    const facts = await this.#readAll(scopes)
    const seeded = await Promise.all(scopes.read.map((scope) => this.#cache.read(scope, [key])))
    if (seeded.some(([found]) => found !== undefined)) return { facts, keys: [] }
    const seeds = await this.#source.seed(input, request)
    const scope = scopes.traced ?? scopes.told
    for (const fact of seeds.facts) this.#keep(scope, fact)
    this.#cache.write(scope, [{ key, value: new Uint8Array() }])
    this.#keepHeader()
    return { facts: [...facts, ...seeds.facts], keys: seeds.keys }
  }

  async getAccount(address: Hex, request: SourceRequest): Promise<SourceAccount | undefined> {
    const key = accountKey(address)
    const known = await this.#facts.find(key, request)
    if (known !== undefined) return accountOf(known)
    const account = await this.#source.getAccount(address, request)
    await this.#keepAnswer(request, { key, value: accountValue(account) })
    return account
  }

  async getStorage(address: Hex, slot: Hex, request: SourceRequest): Promise<bigint> {
    const key = slotKeyOf(address, slot)
    const known = await this.#facts.find(key, request)
    if (known !== undefined) return slotValueOf(known)
    const value = await this.#source.getStorage(address, slot, request)
    await this.#keepAnswer(request, { key, value: slotValue(value) })
    return value
  }

  async getCode(codeHash: Hex, address: Hex, request: SourceRequest): Promise<Uint8Array> {
    const hash = bytesOf(codeHash) as Uint8Array
    const shelved = this.#source.takeCode(codeHash)
    const known = shelved === undefined ? await this.#codes.find(hash, request) : undefined
    if (known !== undefined) return known
    const code = shelved ?? (await this.#source.getCode(codeHash, address, request))
    // The native side gives code by its own hash alone, so that what is wrong is never found.
    this.#cache.writeCodes([{ key: hash, value: code }])
    return code
  }

  /** Not kept: a node gives hashes by number, and what is there may be of another branch. */
  getBlockHash(number: bigint, request: SourceRequest): Promise<Hex | undefined> {
    return this.#source.getBlockHash(number, request)
  }

  /** Where answers are; by then the node is asked by the block's hash. */
  async #scopesOf(request: SourceRequest, input?: Uint8Array): Promise<Scopes> {
    this.#scopes ??= await this.#findScopes(request, input)
    return this.#scopes
  }

  async #findScopes(request: SourceRequest, input: Uint8Array | undefined): Promise<Scopes> {
    const { verify, stateRoot, trace, block } = this.#node.settings
    if (typeof block === 'string') await this.#recallHeader(block)
    if (verify) {
      const told = scopeOf('proved', stateRoot ?? (await this.#node.pin(request)).stateRoot)
      return { told, traced: undefined, read: [told] }
    }
    if (typeof block === 'bigint' && input !== undefined) this.#source.lookAhead(input, request)
    const hash = typeof block === 'bigint' ? (await this.#node.pin(request)).hash : block
    const told = scopeOf('told', hash)
    const traced = trace ? scopeOf('traced', hash) : undefined
    return { told, traced, read: traced === undefined ? [told] : [told, traced] }
  }

  async #recallHeader(hash: Hex): Promise<void> {
    const [value] = await this.#cache.read(scopeOf('told', hash), [headerKey])
    this.#isHeaderKept = value !== undefined
    if (value !== undefined) this.#node.adopt(headerOf(hash, value))
  }

  /** Keeps what the node has answered, and the header when it came along. */
  async #keepAnswer(request: SourceRequest, record: AnswerRecord): Promise<void> {
    const { told } = await this.#scopesOf(request)
    this.#cache.write(told, [record])
    this.#keepHeader()
  }

  #keepHeader(): void {
    const header = this.#node.knownHeader
    if (this.#isHeaderKept || header === undefined) return
    this.#isHeaderKept = true
    const record = { key: headerKey, value: headerValue(header) }
    this.#cache.write(scopeOf('told', header.hash), [record])
  }

  /** All that is known, once. */
  async #readAll({ read }: Scopes): Promise<Fact[]> {
    if (this.#isRead) return []
    this.#isRead = true
    const parts: AnswerRecord[][] = []
    for (const scope of read) parts.push(await this.#cache.scan(scope, firstFactKey, mostAtOnce))
    const facts = parts.flat().flatMap((record) => factOf(record) ?? [])
    const hashes = new Set(
      facts.flatMap((fact) => ('account' in fact ? (fact.account?.codeHash ?? []) : [])),
    ) as Set<Hex>
    const found = await this.#cache.readCodes(
      [...hashes].map((hash) => bytesOf(hash) as Uint8Array),
    )
    const codes = new Map([...hashes].map((hash, i) => [hash, found[i]]))
    return facts.map((fact) =>
      'account' in fact ? { ...fact, code: codes.get(fact.account?.codeHash as Hex) } : fact,
    )
  }

  async #find(
    keys: readonly Uint8Array[],
    request: SourceRequest,
  ): Promise<(Uint8Array | undefined)[]> {
    const { read } = await this.#scopesOf(request)
    const answers = await Promise.all(read.map((scope) => this.#cache.read(scope, keys)))
    return keys.map((_, i) => answers.map((values) => values[i]).find(isFound))
  }

  #keep(scope: Uint8Array, fact: Fact): void {
    if ('codeHash' in fact) return
    if ('slot' in fact) {
      this.#cache.write(scope, [recordOf({ ...fact, value: BigInt(fact.value as Hex) })])
      return
    }
    this.#cache.write(scope, [recordOf(fact)])
    const { account, code } = fact
    if (account?.codeHash === undefined || code === undefined) return
    this.#cache.writeCodes([{ key: bytesOf(account.codeHash) as Uint8Array, value: code }])
  }
}

/** Where answers to one state are. */
interface Scopes {
  /** Where what the node is asked for goes. */
  readonly told: Uint8Array
  /** Where what its traces say goes. */
  readonly traced: Uint8Array | undefined
  /** Where answers are looked for, the first one that knows is believed. */
  readonly read: readonly Uint8Array[]
}

/** What answers are kept under: how they came, and the hash of what they are true of. */
function scopeOf(kind: 'told' | 'traced' | 'proved', hash: Hex): Uint8Array {
  return keccak256(Buffer.from(`${kind} ${hash}`))
}

function isFound(value: Uint8Array | undefined): value is Uint8Array {
  return value !== undefined
}

/** Gathers the keys that are looked for in one turn. */
class Gathering {
  readonly #find: Find
  #keys: Uint8Array[] = []
  #found: Promise<(Uint8Array | undefined)[]> | undefined

  constructor(find: Find) {
    this.#find = find
  }

  async find(key: Uint8Array, request: SourceRequest): Promise<Uint8Array | undefined> {
    const place = this.#keys.push(key) - 1
    // The turn that asks has ended by then.
    this.#found ??= Promise.resolve().then(() => {
      const keys = this.#keys
      this.#keys = []
      this.#found = undefined
      return this.#find(keys, request)
    })
    return (await this.#found)[place]
  }
}

type Find = (
  keys: readonly Uint8Array[],
  request: SourceRequest,
) => Promise<(Uint8Array | undefined)[]>
