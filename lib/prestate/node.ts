/** A node that is asked by JSON-RPC. */

import { demand } from '../arguments.js'
import { errorFor } from '../errors.js'
import type { RpcClient } from '../rpc-client/index.js'

/** Asks a node, with a bound on how many requests are under way at a time. */
export class Node {
  readonly #client: RpcClient
  readonly #signal: AbortSignal | undefined
  readonly #waiting: (() => void)[] = []
  #free: number

  /** @param concurrency how many requests may be under way */
  constructor(client: RpcClient, concurrency: number, signal: AbortSignal | undefined) {
    demand(typeof client?.request === 'function', 'client.request', 'a function', client?.request)
    this.#client = client
    this.#free = concurrency
    this.#signal = signal
  }

  /** The answer to a request. Throws `STATE_UNAVAILABLE` with the node's error as `cause`. */
  async ask<Result>(method: string, ...params: unknown[]): Promise<Result> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      if (this.#signal?.aborted) throw errorFor('CANCELLED', {}, { cause: this.#signal.reason })
      return (await this.#client.request({ method, params })) as Result
    } catch (cause) {
      if (this.#signal?.aborted) throw errorFor('CANCELLED', {}, { cause: this.#signal.reason })
      throw errorFor('STATE_UNAVAILABLE', { field: method }, { cause })
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
