/** Blocks as states name them. */

import { demand } from '../arguments.js'
import type { Hex } from '../hex/index.js'

/** A block, by its number and its hash. */
export interface BlockReference {
  /** The block's number. */
  readonly number: bigint
  /** The block's hash. */
  readonly hash: Hex
}

/** What a state takes in: the result of an execution. */
export interface StateChanges {
  /** @internal */
  readonly packed: Uint8Array
  /** The number of the block, where it is one: with its hash, what becomes the state's head. */
  readonly number?: bigint | undefined
  /** The block's hash. */
  readonly hash?: Hex | undefined
}

/** The block of a result, where it is one. */
export function blockOf({ number, hash }: StateChanges): BlockReference | undefined {
  return number === undefined || hash === undefined ? undefined : { number, hash }
}

/** Throws `OPTION_INVALID` for what names no block; undefined is none. */
export function checkReference(value: BlockReference | undefined, field: string): void {
  if (value === undefined) return
  const isBlock =
    typeof value === 'object' &&
    value !== null &&
    typeof value.number === 'bigint' &&
    /^0x[0-9a-f]{64}$/.test(String(value.hash))
  demand(isBlock, field, 'a block by its number and its hash', value)
}
