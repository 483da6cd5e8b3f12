/** The state of a live chain: a node is asked for it while blocks are executed. */

import type { JsonRpcStatistics } from '../rpc-client/index.js'
import { SourceState, type SourceStateOptions } from '../state/source-state.js'
import { NodeState } from './node-state.js'
import { type RpcStateOptions, settingsOf } from './options.js'
import { RpcSource } from './rpc-source.js'

/**
 * The state after a block of a node's chain, and a fork of it from there on: what blocks read is asked
 * for, what they change stays here.
 *
 * Before a block is executed, the node is asked for its traces, or for the access lists of its
 * transactions; what those do not tell is asked for as it turns out to be missing, all of it together
 * each time. The node must know the state: an archive node, or a recent block.
 *
 * ```ts
 * const state = new RpcState({ url: 'http://127.0.0.1:8545', block: 19932147 })
 * const result = await engine.executeBlock(block, { state })
 * ```
 *
 * What the node fails with ends the execution: `RPC_UNAVAILABLE`, `RPC_TIMEOUT`, `RPC_ERROR`,
 * `RPC_RESPONSE_INVALID`, and with `verify` `PROOF_INVALID`.
 */
export class RpcState extends SourceState {
  readonly #source: RpcSource

  /** Throws `OPTION_INVALID`. Nothing is asked for yet. */
  constructor(options: RpcStateOptions)
  /** @internal A state that asks together with another one. */
  constructor(source: RpcSource, options: SourceStateOptions)
  constructor(given: RpcStateOptions | RpcSource, options?: SourceStateOptions) {
    const isNew = !(given instanceof RpcSource)
    const source = isNew ? new RpcSource(new NodeState(settingsOf(given))) : given
    super(source, isNew ? { history: given.history } : options)
    this.#source = source
  }

  /** What the node was asked, by this state and everyone who shares its client. */
  get requests(): JsonRpcStatistics {
    return this.#source.requests
  }

  /** A state on the same node and block that knows the same and changes on its own. */
  override clone(): RpcState {
    return this.copyTo(new RpcState(this.#source, this.options))
  }
}
