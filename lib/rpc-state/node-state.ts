/** The state after one block, as a node's methods tell it. */

import { errorFor } from '../errors.js'
import { type Hex, quantity } from '../hex/index.js'
import type { SourceRequest } from '../state/state-source.js'
import { numberIn, recordIn, wordIn, wrong } from './answers.js'
import type { RpcStateSettings } from './options.js'

/** What a header says that matters here. */
export interface NodeHeader {
  readonly number: bigint
  readonly hash: Hex
  readonly parentHash: Hex
  readonly stateRoot: Hex
}

/** Asks one node about one block. */
export class NodeState {
  readonly settings: RpcStateSettings
  /** How methods name the block: a number, or a hash by EIP-1898. */
  readonly block: Hex | { readonly blockHash: Hex; readonly requireCanonical: boolean }
  #header: NodeHeader | undefined

  constructor(settings: RpcStateSettings) {
    this.settings = settings
    const { block, requireCanonical } = settings
    this.block =
      typeof block === 'bigint' ? quantity(block) : { blockHash: block, requireCanonical }
  }

  /** The answer to one call. */
  ask(method: string, params: readonly unknown[], { signal }: SourceRequest): Promise<unknown> {
    return this.settings.client.request({ method, params }, { signal })
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
    this.#header = header
    return header
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
