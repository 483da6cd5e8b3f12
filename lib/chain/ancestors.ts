/** What a block may know of the blocks before it. */

import { isRecord } from '../arguments.js'

/** BLOCKHASH reaches this many blocks back (Yellow Paper, appendix H.2). */
export const blockHashWindow = 256

/** Most ommers that a block may have (Yellow Paper, section 11.1). */
export const maxOmmers = 2

/** Ommers are siblings of the block's parent, or of its ancestors up to so many generations back. */
export const ommerGenerations = 6

/** How many ancestors the rules for ommers look at: up to the parent of the oldest ommer. */
export const ommerAncestors: number = ommerGenerations + 1

/** Hashes of ancestor blocks by number: a map, or an object with decimal or `0x` hex keys. */
export type BlockHashes = ReadonlyMap<bigint, string> | Readonly<Record<string, string>>

/** The keys and values of {@link BlockHashes}; undefined for what is neither a map nor an object. */
export function blockHashEntries(given: unknown): Iterable<[unknown, unknown]> | undefined {
  if (given === undefined) return []
  if (given instanceof Map) return given
  return isRecord(given) ? Object.entries(given) : undefined
}

/** The number that a key of {@link BlockHashes} names; undefined for what is none. */
export function blockNumberOf(key: unknown): bigint | undefined {
  if (typeof key === 'bigint') return key
  if (Number.isSafeInteger(key)) return BigInt(key as number)
  return typeof key === 'string' && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(key) ? BigInt(key) : undefined
}
