/** Brings a state to where a workload begins, by executing what really would have happened. */

import type { TransactionFields } from '../block/types.js'
import { Engine } from '../engine/engine.js'
import type { Hex } from '../hex/index.js'
import type { Alloc } from '../state/alloc.js'
import { MemoryState } from '../state/memory-state.js'
import { type AbiValue, encodeArguments, encodeCall } from './abi.js'
import { blockNumber, blockTimestamp } from './draft.js'

/** What most accounts of a workload have, in wei. */
export const fortune: bigint = 10n ** 21n

/** An alloc in which all the accounts have {@link fortune}. */
export function richAlloc(addresses: readonly Hex[]): Alloc {
  return Object.fromEntries(addresses.map((address) => [address, { balance: fortune }]))
}

/** Most calls that are executed at once; more would only take more memory. */
const batchSize = 1000

/** Whether deep setup code needs it or not: nobody pays for it. */
const gasLimit = 30_000_000n

/** Deploys and calls contracts on a state. Gas costs nothing, and every call succeeds or throws. */
export class Stage {
  /** As it is once everything is settled. */
  readonly state: MemoryState
  readonly #engine: Engine
  readonly #nonces = new Map<Hex, bigint>()
  #pending: TransactionFields[] = []

  private constructor(state: MemoryState, engine: Engine) {
    this.state = state
    this.#engine = engine
  }

  /** Makes a state of `alloc`, lets `direct` set it up, and gives what that returns. */
  static async set<Result>(
    alloc: Alloc,
    direct: (stage: Stage) => Promise<Result>,
  ): Promise<Result> {
    const engine = await Engine.create()
    try {
      const stage = new Stage(new MemoryState(alloc), engine)
      const result = await direct(stage)
      await stage.#settle()
      return result
    } finally {
      engine.close()
    }
  }

  /** Creates a contract with the given arguments of its constructor; returns its address. */
  async deploy(creator: Hex, initCode: Hex, ...values: readonly AbiValue[]): Promise<Hex> {
    await this.#settle()
    this.#add(creator, null, `${initCode}${encodeArguments(values).slice(2)}`)
    const [created] = await this.#settle()
    return created
  }

  /** Calls a function, such as `transfer(address,uint256)`. */
  async call(from: Hex, to: Hex, signature: string, ...values: readonly AbiValue[]): Promise<void> {
    this.#add(from, to, encodeCall(signature, ...values))
    if (this.#pending.length === batchSize) await this.#settle()
  }

  #add(sender: Hex, to: Hex | null, data: string): void {
    const nonce = this.#nonces.get(sender) ?? 0n
    this.#nonces.set(sender, nonce + 1n)
    this.#pending.push({ sender, nonce, to, data, gasLimit, gasPrice: 0n })
  }

  /** Executes what is pending; returns the addresses of created contracts. */
  async #settle(): Promise<Hex[]> {
    const pending = this.#pending
    if (pending.length === 0) return []
    this.#pending = []
    const environment = {
      // The block before the workload's.
      number: blockNumber - 1n,
      timestamp: blockTimestamp - 12n,
      gasLimit: gasLimit * BigInt(pending.length),
      coinbase: nobody,
    }
    const result = await this.#engine.executeTransactions(environment, pending, {
      state: this.state,
    })
    const failed = result.receipts.findIndex((receipt) => receipt.status !== 'success')
    if (failed >= 0)
      throw new Error(`a call that sets up the workload fails: ${pending[failed].data}`)
    this.state.commit(result)
    return result.receipts.flatMap(({ contractAddress }) => contractAddress ?? [])
  }
}

const nobody: Hex = `0x${'00'.repeat(20)}`
