/** The state of a live chain: a node is asked for it while blocks are executed. */

import type { JsonRpcStatistics } from '../rpc-client/index.js'
import { type Seeds, SourceState } from '../state/source-state.js'
import type { SourceRequest } from '../state/state-source.js'
import { NodeState } from './node-state.js'
import { type RpcStateOptions, settingsOf } from './options.js'
import { RpcSource } from './rpc-source.js'
import { Seeding } from './seeding.js'

/** What the states of one node and block share. */
interface Fork {
  readonly node: NodeState
  readonly source: RpcSource
  readonly seeding: Seeding
}

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
  readonly #fork: Fork

  /** Throws `OPTION_INVALID`. Nothing is asked for yet. */
  constructor(options: RpcStateOptions)
  /** @internal A state that asks together with another one. */
  constructor(fork: Fork)
  constructor(given: RpcStateOptions | Fork) {
    const fork = 'source' in given ? given : forkOf(given)
    super(fork.source)
    this.#fork = fork
  }

  /** What the node was asked, by this state and everyone who shares its client. */
  get requests(): JsonRpcStatistics {
    return this.#fork.node.settings.client.statistics
  }

  /** A state on the same node and block that knows the same and changes on its own. */
  override clone(): RpcState {
    return this.copyTo(new RpcState(this.#fork))
  }

  /** @internal */
  protected override seed(input: Uint8Array, request: SourceRequest): Promise<Seeds> {
    return this.#fork.seeding.seedsOf(input, request)
  }
}

function forkOf(options: RpcStateOptions): Fork {
  const node = new NodeState(settingsOf(options))
  return { node, source: new RpcSource(node), seeding: new Seeding(node) }
}
