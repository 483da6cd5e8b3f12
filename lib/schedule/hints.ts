/** From a plan to the fields of the packed block that the native engine reads. */

import { checkMembers, findUnknown, type MembersOf, putHex, unknownMember } from '../arguments.js'
import { type BraidError, errorFor, shownValue } from '../errors.js'
import { align, putSection } from '../native/packed-writer.js'
import { BlockFlag, BlockInput, PrefetchFlag, PrefetchKey, Transaction } from '../native/wire.js'
import type { ExecutionPlan, PrefetchItem, WorkerPool } from './policy.js'

/** More keys than a block's gas can touch (2100 each, EIP-2929) only cost memory: 56 MiB of it. */
const maxPrefetch = 1 << 20

const planMembers: MembersOf<ExecutionPlan> = {
  mode: true,
  workers: true,
  predecessors: true,
  prefetch: true,
}

const prefetchMembers: MembersOf<PrefetchItem> = { address: true, key: true }

/**
 * Writes a plan into a packed block. Returns the block: the same buffer, or a larger copy where the
 * prefetch keys need room. Throws `OPTION_INVALID` where the plan is none.
 */
export function writePlan(input: Uint8Array, plan: ExecutionPlan, pool: WorkerPool): Uint8Array {
  const workers = workersOf(plan, pool)
  const { predecessors, prefetch = [] } = plan
  const packed = writePrefetch(input, prefetch)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  view.setUint32(BlockInput.workers, workers, true)
  // What is not the workers' business, as recovering senders, keeps to the pool as well.
  view.setUint32(BlockInput.threads, pool.size, true)
  const flags = view.getUint32(BlockInput.flags, true) & ~BlockFlag.AlwaysRunAhead
  view.setUint32(
    BlockInput.flags,
    plan.mode === 'ahead' ? flags | BlockFlag.AlwaysRunAhead : flags,
    true,
  )
  writePredecessors(view, predecessors, workers > 1)
  return packed
}

/** The number of workers of a plan; 1 is sequential. */
function workersOf(plan: ExecutionPlan, pool: WorkerPool): number {
  const { mode, workers = pool.size } = plan ?? {}
  const isMode = mode === 'sequential' || mode === 'optimistic' || mode === 'ahead'
  if (!isMode || !Number.isInteger(workers) || workers < 1) {
    throw planError('a plan with a mode and at least one worker')
  }
  checkMembers(plan, planMembers, { prefix: 'policy.' })
  return mode === 'sequential' ? 1 : Math.min(workers, pool.size)
}

/** A predecessor is written as its index + 1; 0 stands for none. */
function writePredecessors(
  view: DataView,
  predecessors: ArrayLike<number | undefined> | undefined,
  used: boolean,
): void {
  const start = view.getUint32(BlockInput.transactions, true) + Transaction.predecessor
  const count = view.getUint32(BlockInput.transactions + 4, true)
  if (predecessors !== undefined && predecessors?.length !== count) {
    throw planError(`predecessors for ${count} transactions`, shownValue(predecessors?.length))
  }
  for (let i = 0; i < count; i++) {
    const predecessor = predecessors?.[i] ?? -1
    if (!Number.isInteger(predecessor) || predecessor < -1 || predecessor >= i) {
      throw errorFor('OPTION_INVALID', {
        txIndex: i,
        field: 'policy',
        expected: 'a predecessor that is an earlier transaction, or -1',
        actual: shownValue(predecessor),
      })
    }
    // Written where there is none, too: the buffer may have been planned before.
    view.setUint32(start + i * Transaction.SIZE, used ? predecessor + 1 : 0, true)
  }
}

function writePrefetch(input: Uint8Array, items: readonly PrefetchItem[]): Uint8Array {
  if (!Array.isArray(items) || items.length > maxPrefetch) {
    throw planError(`prefetch as an array of at most ${maxPrefetch} items`)
  }
  let packed = input
  const start = align(input.length)
  if (items.length > 0) {
    packed = new Uint8Array(start + items.length * PrefetchKey.SIZE)
    packed.set(input)
  }
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  putSection(view, BlockInput.prefetchKeys, items.length === 0 ? 0 : start, items.length)
  items.forEach((item, i) => {
    const at = start + i * PrefetchKey.SIZE
    const { address, key } = item ?? {}
    const unknown = findUnknown(item ?? {}, prefetchMembers)
    if (unknown !== undefined) {
      const prefix = `policy.prefetch[${i}].`
      throw unknownMember(unknown, Object.keys(prefetchMembers), { prefix })
    }
    putHex(packed, at + PrefetchKey.address, 20, address, `policy.prefetch[${i}].address`)
    if (key === undefined) return
    view.setUint32(at + PrefetchKey.flags, PrefetchFlag.HasKey, true)
    putHex(packed, at + PrefetchKey.key, 32, key, `policy.prefetch[${i}].key`)
  })
  return packed
}

function planError(expected: string, actual?: string | number | bigint | null): BraidError {
  const found = actual === undefined ? {} : { actual }
  return errorFor('OPTION_INVALID', { field: 'policy', expected, ...found })
}
