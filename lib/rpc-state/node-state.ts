/** The state after one block, as a node's methods tell it. */

import { errorFor } from '../errors.js'
import { type Hex, quantity } from '../hex/index.js'
import type { BlockReference } from '../state/block-reference.js'
import type { SourceRequest } from '../state/state-source.js'
import { numberIn, recordIn, wordIn, wrong } from './answers.js'
import type { NodeHeader } from './node-header.js'
import type { RpcStateSettings } from './options.js'

type BlockName = Hex | { readonly blockHash: Hex; readonly requireCanonical: boolean }

/** Asks one node about one block. */
export class NodeState {
  readonly settings: RpcStateSettings
  /** How methods name the block: a number, or a hash by EIP-1898. */
  get block(): BlockName {
    return this.#block
  }
  #block: BlockName
  #header: NodeHeader | undefined
  /** Whether the header is being asked for, or cannot be had. */
  #isHeaderless = false

  constructor(settings: RpcStateSettings) {
    this.settings = settings
    const { block, requireCanonical } = settings
    this.#block =
      typeof block === 'bigint' ? quantity(block) : { blockHash: block, requireCanonical }
  }

  /** The answer to one call. */
  ask(method: string, params: readonly unknown[], { signal }: SourceRequest): Promise<unknown> {
    return this.settings.client.request({ method, params }, { signal })
  }

  /** The block, once the node has told its header. */
  get reference(): BlockReference | undefined {
    return this.#header && { number: this.#header.number, hash: this.#header.hash }
  }

  /** Takes the header from who knows it already. */
  adopt(header: NodeHeader): void {
    this.#header ??= header
  }

  /** The header, where it is known. */
  get knownHeader(): NodeHeader | undefined {
    return this.#header
  }

  /**
   * Waits for an answer, and for the header, which is asked for beside it where it is not known: then it
   * is what {@link reference} gives. An answer is one without a header, too.
   */
  async withHeader<Answer>(answer: Promise<Answer>, request: SourceRequest): Promise<Answer> {
    if (this.#header === undefined && !this.#isHeaderless) {
      this.#isHeaderless = true
      const [, settled] = await Promise.allSettled([this.header(request), answer])
      this.#isHeaderless = this.#header === undefined && !request.signal.aborted
      if (settled.status === 'rejected') throw settled.reason
    }
    return answer
  }

  /** The header; from now on the block is asked for by its hash, whatever becomes of its number. */
  async pin(request: SourceRequest): Promise<NodeHeader> {
    const header = await this.header(request)
    if (typeof this.#block === 'string') {
      this.#block = { blockHash: header.hash, requireCanonical: false }
    }
    return header
  }

  /** The header of the block whose state it is. */
  async header(request: SourceRequest): Promise<NodeHeader> {
    if (this.#header !== undefined) return this.#header
    const { block } = this.settings
    const [method, name] =
      typeof block === 'bigint'
        ? ['eth_getBlockByNumber', quantity(block)]
        : ['eth_getBlockByHash', block]
    const header = await this.#headerBy(method, name, request)
    if (header === undefined) {
      throw errorFor('STATE_UNAVAILABLE', {
        field: method,
        expected: `block ${name}`,
        actual: null,
      })
    }
    const isAsked = typeof block === 'bigint' ? header.number === block : header.hash === block
    if (!isAsked) throw wrong(method, `block ${name}`, header.hash)
    // Of two answers the first one counts.
    this.#header ??= header
    return this.#header
  }

  /** The header of a block of the node's chain; undefined where there is none yet. */
  async headerAt(number: bigint, request: SourceRequest): Promise<NodeHeader | undefined> {
    const method = 'eth_getBlockByNumber'
    const header = await this.#headerBy(method, quantity(number), request)
    if (header !== undefined && header.number !== number) {
      throw wrong(method, `block ${number}`, header.number)
    }
    return header
  }

  async #headerBy(
    method: string,
    name: Hex,
    request: SourceRequest,
  ): Promise<NodeHeader | undefined> {
    const answer = await this.ask(method, [name, false], request)
    if (answer === null || answer === undefined) return undefined
    const { number, hash, parentHash, stateRoot } = recordIn(method, answer)
    return {
      number: numberIn(method, number),
      hash: wordIn(method, hash),
      parentHash: wordIn(method, parentHash),
      stateRoot: wordIn(method, stateRoot),
    }
  }
}
