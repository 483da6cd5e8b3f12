/** The state of a live chain: a node is asked for it while blocks are executed. */

import type { JsonRpcStatistics } from '../rpc-client/index.js'
import type { BlockReference } from '../state/block-reference.js'
import { SourceState, type SourceStateOptions } from '../state/source-state.js'
import type { StateSource } from '../state/state-source.js'
import { AnswerCache } from './answer-cache.js'
import { CachedSource } from './cached-source.js'
import { NodeState } from './node-state.js'
import { type RpcStateOptions, type RpcStateSettings, settingsOf } from './options.js'
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
  readonly #asked: Asked
  #isDisposed = false

  /** Throws `OPTION_INVALID`. Nothing is asked for yet. */
  constructor(options: RpcStateOptions)
  /** @internal A state that asks together with another one. */
  constructor(asked: Asked, options: SourceStateOptions)
  constructor(given: RpcStateOptions | Asked, options?: SourceStateOptions) {
    const isNew = !(given instanceof Asked)
    const asked = isNew ? Asked.by(settingsOf(given)) : given
    super(asked.source, isNew ? { history: given.history } : options)
    this.#asked = asked
  }

  /**
   * The block that was committed last; before the first commit the one whose state the node gives, once
   * the node was asked for something and has told its number and hash.
   */
  override get head(): BlockReference | undefined {
    return super.head ?? (this.isUnmoved ? this.#asked.node.reference : undefined)
  }

  /** What the node was asked, by this state and everyone who shares its client. */
  get requests(): JsonRpcStatistics {
    return this.#asked.node.settings.client.statistics
  }

  /** A state on the same node and block that knows the same and changes on its own. */
  override clone(): RpcState {
    this.#asked.cache?.share()
    return this.copyTo(new RpcState(this.#asked, this.options))
  }

  /**
   * Lets go of what the state holds. Its `cache` is written, and closed where no other state uses it;
   * snapshots that are still in use ask the node then.
   *
   * @throws StateError `STORE_DISK_FULL`, `STORE_IO` where answers could not be kept
   */
  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]()
    if (this.#isDisposed) return
    this.#isDisposed = true
    await this.#asked.cache?.release()
  }
}

/** A node, asked for one state, by one state or several. */
class Asked {
  private constructor(
    readonly node: NodeState,
    readonly source: StateSource,
    readonly cache: AnswerCache | undefined,
  ) {}

  static by(settings: RpcStateSettings): Asked {
    const node = new NodeState(settings)
    const source = new RpcSource(node)
    if (settings.cache === undefined) return new Asked(node, source, undefined)
    const cache = AnswerCache.use(settings.cache)
    return new Asked(node, new CachedSource(source, node, cache), cache)
  }
}
