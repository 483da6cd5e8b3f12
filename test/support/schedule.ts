/** Blocks as policies see them, and how they went, made up. */

import { packTransactions } from '../../lib/block/index.js'
import { rulesetForFork } from '../../lib/chain/index.js'
import type { ExecutionFeedback, Hex, TransactionFields } from '../../lib/index.js'
import { type BlockSummary, PackedBlockSummary } from '../../lib/schedule/summary.js'

/** The address that ends in a number. */
export function account(number: number): Hex {
  return `0x${number.toString(16).padStart(40, '0')}`
}

/** Call data: a selector and words that hold numbers. */
export function call(selector: number, ...words: readonly number[]): Hex {
  const hex = (value: number, size: number) => value.toString(16).padStart(2 * size, '0')
  return `0x${hex(selector, 4)}${words.map((word) => hex(word, 32)).join('')}`
}

/** A transaction by its sender's number. */
export type Sketch = Partial<TransactionFields>

/** The packed input of transactions, each from an account of its own. */
export function packedOf(sketches: readonly Sketch[]): Uint8Array {
  return packTransactions(
    { number: 20_000_000n, timestamp: 1_717_281_407n, gasLimit: 1n << 40n, coinbase: account(1) },
    rulesetForFork('cancun', { chainId: 1n }),
    sketches.map((sketch, index) => ({
      sender: account(0x100000 + index),
      nonce: 0n,
      gasLimit: 100_000n,
      gasPrice: 1n,
      to: account(2),
      ...sketch,
    })),
  )
}

/** What a policy knows of transactions. */
export function summaryOf(sketches: readonly Sketch[]): BlockSummary {
  return new PackedBlockSummary(packedOf(sketches))
}

/** How a block went. */
export interface Course {
  readonly workers?: number
  readonly gasUsed?: (index: number) => number
  readonly dependsOn?: (index: number) => number
  /** Transaction, writer and a number for the location. */
  readonly conflicts?: readonly (readonly [transaction: number, writer: number, slot: number])[]
}

/** Feedback that somebody made up. */
export function feedbackOf(length: number, course: Course): ExecutionFeedback {
  const { workers = 2, gasUsed = () => 50_000, dependsOn = () => -1, conflicts = [] } = course
  return {
    workers,
    transactions: { length, gasUsed, dependsOn, runs: () => 1 },
    conflicts: {
      length: conflicts.length,
      transaction: (conflict) => conflicts[conflict][0],
      writer: (conflict) => conflicts[conflict][1],
      address: (conflict) => account(conflicts[conflict][2]),
      slot: () => `0x${'00'.repeat(32)}`,
      locationKey: (conflict) => conflicts[conflict][2],
    },
    get report(): never {
      throw new Error('nobody needs it here')
    },
  }
}
