/** Packed blocks that are executed under other rules beside their own, and what comes of it. */

import { bufferOf } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import { align, putSection } from '../native/packed-writer.js'
import {
  BlockInput,
  ErrorCode,
  GasCostChange,
  GasSearch,
  RunUnderRules,
  Tracer,
} from '../native/wire.js'
import { PackedFrames } from '../trace/index.js'
import type { ResolvedRules } from './rule-set.js'

/**
 * A copy of a packed block that is executed under other rules as well.
 *
 * @param searches places of transactions of which it is to be found out how much gas they need
 */
export function underOtherRules(
  input: Uint8Array,
  { revision, changes }: ResolvedRules,
  searches: readonly number[],
): Uint8Array {
  const costs = align(input.length)
  const places = align(costs + changes.length * GasCostChange.SIZE)
  const bytes = new Uint8Array(align(places + searches.length * GasSearch.SIZE))
  bytes.set(input)
  const view = new DataView(bytes.buffer)
  view.setUint32(BlockInput.tracer, Tracer.OtherRules, true)
  view.setUint32(BlockInput.otherRevision, revision, true)
  for (const [i, { id, value }] of changes.entries()) {
    const at = costs + i * GasCostChange.SIZE
    view.setUint32(at + GasCostChange.cost, id, true)
    view.setUint32(at + GasCostChange.value, value, true)
  }
  for (const [i, place] of searches.entries()) {
    view.setUint32(places + i * GasSearch.SIZE + GasSearch.transaction, place, true)
  }
  putSection(view, BlockInput.gasCosts, costs, changes.length)
  putSection(view, BlockInput.gasSearches, places, searches.length)
  return bytes
}

/** One run of a transaction. */
export class PackedRun {
  readonly #packed: PackedReader
  /** The call frames; none where the transaction is invalid. */
  readonly frames: PackedFrames

  constructor(bytes: Uint8Array) {
    this.#packed = new PackedReader(bytes)
    this.frames = new PackedFrames(bytes, RunUnderRules.SIZE)
  }

  /** Why the transaction is invalid, or could not be run: of the native ErrorCode. */
  get error(): number {
    return this.#packed.u32(RunUnderRules.error)
  }

  /** Whether it has an outcome. */
  get isValid(): boolean {
    return this.error === ErrorCode.OK
  }

  /** Whether it came to its end. */
  get succeeds(): boolean {
    return this.isValid && this.#packed.i32(RunUnderRules.evmStatus) === 0
  }

  /** What the transaction pays for. */
  get gasUsed(): bigint {
    return this.#packed.u64(RunUnderRules.gasUsed)
  }

  /** The gas limit that was found to suffice; 0n where none was looked for, or found. */
  get neededGas(): bigint {
    return this.#packed.u64(RunUnderRules.neededGas)
  }

  /** Whether two runs have done the same, but for what they paid for gas. */
  hasEffectsOf(other: PackedRun): boolean {
    return bufferOf(this.#effects).equals(other.#effects)
  }

  get #effects(): Uint8Array {
    return this.#packed.slice(RunUnderRules.effectsHash, 32)
  }
}
