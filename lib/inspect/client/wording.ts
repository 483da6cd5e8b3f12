/** What the page says about runs. */

import { formatKind, shortHex } from './format.js'
import type { PageConflict, PageLocation, PageRun } from './model.js'

/** What became of a run. */
export function describeOutcome({ outcome }: PageRun): string {
  if (outcome === 'ahead') return 'committed'
  return outcome === 'head' ? 'committed, run at the head' : 'thrown away'
}

/** A place in the state. */
export function describeLocation({ kind, address, key }: PageLocation): string {
  const place = `${formatKind(kind)} of ${shortHex(address)}`
  return key === undefined ? place : `${place}, slot ${shortHex(key)}`
}

/** Why a run was thrown away. */
export function describeConflict(conflict: PageConflict): string {
  const writer =
    conflict.writer === undefined ? 'an earlier transaction' : `transaction ${conflict.writer}`
  return `${writer} wrote the ${describeLocation(conflict)}`
}

/** Which run of its transaction a run is. */
export function describeIncarnation({ incarnation }: PageRun): string {
  return `run ${incarnation + 1}`
}
