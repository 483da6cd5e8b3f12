/** Blocks that a node has, with the state before them. */

import type { RpcBlock } from '../block/types.js'
import type { BlockResult } from '../engine/block-result.js'
import type { Engine } from '../engine/engine.js'
import { isBraidError } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { blockOf, Node } from '../prestate/index.js'
import { JsonRpcClient } from '../rpc-client/index.js'
import { RpcState } from '../rpc-state/index.js'
import { chainOf } from './chain-option.js'
import { InputError, UsageError } from './console.js'

/** What blocks of a node are executed with. */
interface RemoteOptions {
  readonly state?: string
  readonly chain: string
  /** A folder for what the node answers. */
  readonly cache?: string
}

/** The node that a command's options name, where they name one. Throws a UsageError where they make no sense. */
export function remoteBlocksOf(
  options: RemoteOptions & { readonly rpc?: string },
): RemoteBlocks | undefined {
  if (options.rpc !== undefined) return new RemoteBlocks(options.rpc, options)
  if (options.cache === undefined) return undefined
  throw new UsageError('--cache keeps what the node of --rpc answers: there is none')
}

/** The blocks of one node. */
export class RemoteBlocks {
  readonly #client: JsonRpcClient
  readonly #node: Node
  readonly #chain: string
  readonly #cache: string | undefined
  #isChecked = false

  constructor(url: string, { state, chain, cache }: RemoteOptions) {
    if (state !== undefined) {
      throw new UsageError('--rpc brings the state of each block: --state does not go with it')
    }
    const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
    if (!isHttp) throw new UsageError('--rpc takes an address that begins with http:// or https://')
    this.#chain = chain
    this.#cache = cache
    this.#client = new JsonRpcClient({ url })
    this.#node = new Node(this.#client, Number.POSITIVE_INFINITY, undefined)
  }

  /**
   * Executes a block on the state before it, without comparing it with its header. Where its outcome is not
   * what the header says, what the node's traces told is not believed, and it is executed without.
   *
   * @param name a number, a hash, `latest`, `safe` or `finalized`
   */
  async execute(name: string, engine: Engine): Promise<BlockResult> {
    const block = await this.find(name)
    const execute = (state: RpcState) => engine.executeBlock(block, { state, verify: false })
    const result = await this.on(block, true, execute)
    return result.verify().length === 0 ? result : this.on(block, false, execute)
  }

  /** The block of a name as {@link execute} takes it, which has one before it. */
  async find(name: string): Promise<RpcBlock> {
    const block = await this.#block(blockNamed(name))
    if (BigInt(block.number) === 0n) {
      throw new InputError('the genesis block has no block before it')
    }
    return block
  }

  /** Does something on the state before a block. `trace`: whether what the node's traces tell is believed. */
  async on<Result>(
    block: RpcBlock,
    trace: boolean,
    act: (state: RpcState) => Promise<Result>,
  ): Promise<Result> {
    const parent = this.#cache === undefined ? BigInt(block.number) - 1n : block.parentHash
    const cache = this.#cache
    const state = new RpcState({ client: this.#client, block: parent as Hex, trace, cache })
    try {
      return await act(state)
    } finally {
      await state[Symbol.asyncDispose]()
    }
  }

  /** Does something on the state after a block of a name as {@link execute} takes it. */
  async after<Result>(
    name: string,
    act: (state: RpcState, block: RpcBlock) => Promise<Result>,
  ): Promise<Result> {
    const block = await this.#block(blockNamed(name))
    const cache = this.#cache
    const at = cache === undefined ? BigInt(block.number) : (block.hash ?? block.number)
    const state = new RpcState({ client: this.#client, block: at as Hex, trace: false, cache })
    try {
      return await act(state, block)
    } finally {
      await state[Symbol.asyncDispose]()
    }
  }

  /** The block; fails with what the node failed with. */
  async #block(name: bigint | Hex | 'latest'): Promise<RpcBlock> {
    try {
      await this.#checkChain()
      return await blockOf(this.#node, name)
    } catch (error) {
      throw isBraidError(error) && isBraidError(error.cause) ? error.cause : error
    }
  }

  async #checkChain(): Promise<void> {
    if (this.#isChecked) return
    const actual = BigInt(await this.#node.ask<Hex>('eth_chainId'))
    const expected = (await chainOf(this.#chain)).chainId()
    if (actual !== expected) {
      throw new InputError(`the node is one of chain ${actual}, and --chain one of ${expected}`)
    }
    this.#isChecked = true
  }
}

/** A block's name as nodes take it. */
function blockNamed(name: string): bigint | Hex | 'latest' {
  if (/^\d+$/.test(name)) return BigInt(name)
  const isName = /^0x[0-9a-fA-F]{64}$/.test(name) || ['latest', 'safe', 'finalized'].includes(name)
  if (!isName) {
    throw new UsageError('with --rpc a block is a number, a hash, latest, safe or finalized')
  }
  return name as Hex
}
