/** Checks of what callers hand in. They throw an `OptionsError` of code `OPTION_INVALID`. */

import { errorFor, shownValue } from './errors.js'

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
export function historyOf(options: { readonly history?: number }): number {
  checkObject(options, 'options')
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

/** Whether a value is an object with members, of whichever realm: no Map, Promise, array or Date. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]'
}
