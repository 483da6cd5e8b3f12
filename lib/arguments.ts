/** Checks of what callers hand in. They throw an `OptionsError` of code `OPTION_INVALID`. */

import { didYouMean, suggesting } from './did-you-mean.js'
import { type ErrorCode, errorMeanings } from './error-codes.js'
import type { ErrorDetails } from './error-details.js'
import { type BraidError, errorFor, shownValue } from './errors.js'
import { bufferOf, isPrefixed, uint256Of, uint256ToBytes, writeHex } from './hex/index.js'

/** Throws where an argument is not what it must be. */
export function demand(
  holds: boolean,
  field: string,
  expected: string,
  actual: unknown,
): asserts holds {
  if (!holds) throw errorFor('OPTION_INVALID', { field, expected, actual: shownValue(actual) })
}

/** Throws where a value, of options mostly, is no object. */
export function checkObject(value: unknown, field: string): asserts value is object {
  demand(typeof value === 'object' && value !== null, field, 'an object', value)
}

/** Throws where one of these options is given and neither true nor false. */
export function checkFlags<Options extends object>(
  options: Options,
  ...names: readonly (keyof Options & string)[]
): void {
  for (const name of names) {
    const value = options[name]
    demand(value === undefined || typeof value === 'boolean', name, 'true or false', value)
  }
}

/** Throws where a number is no bigint that fits 64 bits. */
export function checkUint64(value: unknown, field: string): asserts value is bigint {
  demand(isUint(value, 64n), field, '64-bit bigint', value)
}

/** Throws where a number is no bigint that fits 256 bits. */
export function checkUint256(value: unknown, field: string): asserts value is bigint {
  demand(isUint(value, 256n), field, '256-bit bigint', value)
}

function isUint(value: unknown, bits: bigint): boolean {
  return typeof value === 'bigint' && value >= 0n && value >> bits === 0n
}

/** How many changes can be undone, by the options of a state or a trie. Default 0. */
export function historyOf(options: { readonly history?: number | undefined }): number {
  const { history = 0 } = options
  demand(
    Number.isSafeInteger(history) && history >= 0,
    'history',
    'a whole number, 0 or more',
    history,
  )
  return history
}

/** The packed output of an execution that a state or a trie is to take in. */
export function packedOf(result: { readonly packed: Uint8Array }): Uint8Array {
  const packed: unknown = result?.packed
  demand(packed instanceof Uint8Array, 'result', 'the result of an execution', result)
  return packed
}

/** Whether a value can be iterated over, at once or as it comes; a text is none. */
export function isSequence(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null) return false
  return Symbol.asyncIterator in value || Symbol.iterator in value
}

/** Whether a value is an object with members, of whichever realm: no Map, Promise, array or Date. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]'
}

/** The members that an object of a caller's may have; the compiler sees that none is left out. */
export type MembersOf<Given> = Readonly<Record<keyof Given, true>>

/** What is looked for in an object of a caller's, for errors. */
export interface MembersPlace {
  /** What stands before the member's name in `details.field`. */
  readonly prefix?: string
  /** Names of the same things elsewhere, and what they are called here. */
  readonly synonyms?: ReadonlyMap<string, string>
  /** Where else the error is. */
  readonly details?: ErrorDetails
  /** The error's code. Default `OPTION_INVALID`. */
  readonly code?: ErrorCode
}

/**
 * Throws where an object has a member that nobody would look at, and says which was meant most likely.
 * Own enumerable members count, whatever their value: what an object inherits may be for others.
 */
export function checkMembers(
  given: object,
  members: Readonly<Record<string, true>>,
  place: MembersPlace = {},
): void {
  const name = findUnknown(given, members)
  if (name !== undefined) throw unknownMember(name, Object.keys(members), place)
}

/** The first member of an object that is not among the known ones; undefined where all are. */
export function findUnknown(
  given: object,
  members: Readonly<Record<string, true>>,
): string | undefined {
  for (const name of Object.keys(given)) if (!Object.hasOwn(members, name)) return name
  return undefined
}

/** Throws where options are no object, or one with a member that is no option. */
export function checkOptions<Options extends object>(
  options: Options,
  members: MembersOf<Options>,
  field = 'options',
): void {
  checkObject(options, field)
  checkMembers(options, members)
}

/** The error for a member that is not among the known ones. */
export function unknownMember(
  name: string,
  known: readonly string[],
  { prefix = '', synonyms, details = {}, code = 'OPTION_INVALID' }: MembersPlace,
): BraidError {
  const guess = didYouMean(name, [...known, ...(synonyms?.keys() ?? [])])
  const meant = synonyms?.get(guess ?? '') ?? guess
  const field = `${prefix}${name}`
  const { txIndex, address } = details
  const inside =
    txIndex !== undefined
      ? ` in transaction ${txIndex}`
      : address !== undefined
        ? ` in account ${address}`
        : ''
  return errorFor(
    code,
    { ...details, field, ...(meant === undefined ? {} : { expected: meant }) },
    {
      message: `${errorMeanings[code]}: '${field}'${inside} is not known${meant === undefined ? '' : suggesting(meant)}`,
    },
  )
}

/** Whether a value is an object of no class, of whichever realm. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Writes hex of a fixed size into `target`; `field` names the value in errors. */
export function putHex(
  target: Uint8Array,
  at: number,
  size: number,
  value: unknown,
  field: string,
): void {
  if (!isPrefixed(value)) {
    const actual = typeof value === 'string' ? value : typeof value
    throw errorFor('OPTION_INVALID', { field, expected: '0x hex', actual })
  }
  const end = at + size
  if (value.length !== 2 + 2 * size || !writeHex(bufferOf(target), end, value, 2)) {
    throw errorFor('OPTION_INVALID', { field, expected: `${size} bytes`, actual: value })
  }
}

/** The bytes of hex of a fixed size; `field` names the value in errors. */
export function hexToBytes(value: unknown, size: number, field: string): Uint8Array {
  const bytes = new Uint8Array(size)
  putHex(bytes, 0, size, value, field)
  return bytes
}

/** The 32 bytes of a storage slot given as a bigint or as hex, which may be shorter. */
export function slotBytes(slot: unknown): Uint8Array {
  const number = uint256Of(slot)
  demand(number !== undefined, 'slot', 'a number of at most 32 bytes', slot)
  return uint256ToBytes(number)
}
