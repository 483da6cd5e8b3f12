/** What an execution came to, in a few bytes that can be compared. */

import { createHash } from 'node:crypto'
import type { BraidError, ExecutionResult } from '../../lib/index.js'
import { PackedReader } from '../../lib/native/packed-reader.js'
import {
  AccountChange,
  BlockOutput,
  Log,
  Receipt,
  Request,
  SlotChange,
} from '../../lib/native/wire.js'
import { codeOf } from '../support/outcome.js'

/** The sections of a BlockOutput that say what a block did; the others say how it was run. */
const sections: readonly (readonly [field: number, size: number])[] = [
  [BlockOutput.receipts, Receipt.SIZE],
  [BlockOutput.logs, Log.SIZE],
  [BlockOutput.topics, 32],
  [BlockOutput.accounts, AccountChange.SIZE],
  [BlockOutput.slots, SlotChange.SIZE],
  [BlockOutput.requests, Request.SIZE],
  [BlockOutput.pool, 1],
]

/** A hash of all that a result says about its transactions and the state. */
export function digestOf(result: ExecutionResult): string {
  const hash = createHash('sha256')
  const reader = new PackedReader(result.packed)
  for (const [field, size] of sections) {
    const count = reader.sectionCount(field)
    hash.update(`${count};`)
    hash.update(reader.slice(reader.sectionOffset(field), count * size))
  }
  hash.update(`${result.gasUsed};${result.blobGasUsed};${result.logsBloom}`)
  return hash.digest('base64')
}

/** The digest of the result that a promise brings, or the error of this package. */
export async function outcomeOf(running: Promise<ExecutionResult>): Promise<string> {
  try {
    return digestOf(await running)
  } catch (error) {
    return errorOutcome(error)
  }
}

/** An error of this package with where and why it was; others are thrown on. */
export function errorOutcome(error: unknown): string {
  const code = codeOf(error, () => 'an error that no block may lead to')
  const { details } = error as BraidError
  const text = JSON.stringify(details, (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return `${code} ${text}`
}
