/** How the values of options are read: wrong ones are told with what was most likely meant. */

import { suggestion } from '../did-you-mean.js'
import type { Hex } from '../hex/index.js'
import type { PolicyName } from '../schedule/policy.js'
import type { ParityTracerConfig } from '../trace/index.js'
import { gasCostNames } from '../what-if/gas-costs.js'
import { UsageError } from './console.js'

/** The whole number that an option says, in decimal digits. */
export function wholeNumber(
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  const range =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw new UsageError(`--${option} takes a whole number ${range}, not ${shown(text)}`)
}

/** The number from 0 to 2^64 - 1 that an option says, in decimal digits or in hex. */
export function unsignedNumber(option: string, text: string): bigint {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : -1n
  if (value >= 0n && value >> 64n === 0n) return value
  throw new UsageError(`--${option} takes a number of at most 64 bits, not ${shown(text)}`)
}

/** The number of at most 256 bits that an option says, in decimal digits or in hex. */
export function wholeAmount(option: string, text: string): bigint {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : -1n
  if (value >= 0n && value >> 256n === 0n) return value
  throw new UsageError(`--${option} takes a number, decimal or 0x hex, not ${shown(text)}`)
}

/** As {@link unsignedNumber}, or a number below 0. */
export function signedNumber(option: string, text: string): bigint {
  return text.startsWith('-')
    ? -unsignedNumber(option, text.slice(1))
    : unsignedNumber(option, text)
}

/** The share that an option says: a decimal number from 0 to 1. */
export function share(option: string, text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 1) return value
  throw new UsageError(`--${option} takes a number from 0 to 1, not ${shown(text)}`)
}

/** The number of threads that `--threads` says; 0: one per core. */
export function threadCount(text: string, least = 0): number {
  return wholeNumber('threads', text, least, 1024)
}

const policyNames: readonly PolicyName[] = ['sequential', 'optimistic', 'adaptive', 'ahead']

/** The policy that `--policy` names. */
export function policyName(text: string): PolicyName {
  return choice('policy', text, policyNames)
}

/** The parts of a value that commas separate. */
export function listOf(text: string): string[] {
  return text.split(',').filter(Boolean)
}

/** One of the names that an option can be. */
export function choice<Name extends string>(
  option: string,
  text: string,
  names: readonly Name[],
): Name {
  const name = names.find((candidate) => candidate === text)
  if (name !== undefined) return name
  const meant = suggestion(text, names) || `: it takes ${names.join(', ')}`
  throw new UsageError(`--${option} knows no ${shown(text)}${meant}`)
}

/** The regular expression that an option says. */
export function pattern(option: string, text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw new UsageError(`--${option} takes a regular expression, not ${shown(text)}`)
  }
}

/** The object that an option says in JSON. */
export function jsonObject(option: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below.
  }
  throw new UsageError(`--${option} takes an object in JSON, not ${shown(text)}`)
}

function shown(text: string): string {
  return text === '' ? 'an empty text' : text
}

const traceTypes = ['trace', 'stateDiff', 'vmTrace'] as const

/** What `--parity` asks for: trace types of `trace_replayBlockTransactions`. */
export function parityTypes(text: string): ParityTracerConfig {
  const types = text.split(',').map((part) => choice('parity', part.trim(), traceTypes))
  return Object.fromEntries(traceTypes.map((type) => [type, types.includes(type)]))
}

/** The gas cost that an option changes: NAME=GAS. */
export function gasCostChange(option: string, text: string): Readonly<Record<string, bigint>> {
  const at = text.indexOf('=')
  if (at < 0) throw new UsageError(`--${option} takes NAME=GAS, not ${shown(text)}`)
  const name = choice(option, text.slice(0, at), gasCostNames)
  return { [name]: BigInt(wholeNumber(`${option} ${name}`, text.slice(at + 1), 0)) }
}

/** The addresses that an option lists. */
export function addressList(option: string, text: string): Hex[] {
  return listOf(text).map((one) => hexValue(option, one, 20))
}

/** One more position of topics: those that an option lists, or null for any. */
export function topicPosition(
  text: string,
  before: readonly (readonly Hex[] | null)[] = [],
): readonly (readonly Hex[] | null)[] {
  if (before.length === 4) throw new UsageError('--topic is given for four positions at most')
  const topics = text === 'null' ? null : listOf(text).map((one) => hexValue('topic', one, 32))
  return [...before, topics]
}

function hexValue(option: string, text: string, size: number): Hex {
  if (text.length === 2 + 2 * size && /^0x[0-9a-f]*$/i.test(text)) return text as Hex
  throw new UsageError(`--${option} takes 0x and ${2 * size} hex digits, not ${shown(text)}`)
}
