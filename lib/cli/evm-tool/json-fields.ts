/** Members of JSON inputs as other clients' tools write them: numbers in decimal digits or hex, hex with or without `0x`. */

import { isRecord } from '../../arguments.js'
import type { Hex } from '../../hex/index.js'
import { ToolError, ToolExitCode } from './tool-error.js'

/** An error about a member that is not what it should be. */
export function wrongMember(name: string, expected: string, value: unknown): ToolError {
  const shown = value === undefined ? 'nothing' : JSON.stringify(value)?.slice(0, 100)
  return new ToolError(ToolExitCode.Json, `${name}: expected ${expected}, got ${shown}`)
}

/** An object. */
export function objectOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  throw wrongMember(name, 'an object', value)
}

/** A list; empty where there is nothing. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw wrongMember(name, 'a list', value)
}

/** A number of at most so many bits; undefined where there is none. */
export function optionalNumber(value: unknown, name: string, bits = 256): bigint | undefined {
  if (value === undefined || value === null) return undefined
  const isSafe = typeof value === 'number' && Number.isSafeInteger(value)
  const text = isSafe ? `${value}` : value
  const isNumber = typeof text === 'string' && /^(0[xX][0-9a-fA-F]*|\d*)$/.test(text)
  if (!isNumber) throw wrongMember(name, 'a number', value)
  const number = /^(0[xX])?$/.test(text) ? 0n : BigInt(text)
  if (number >> BigInt(bits) !== 0n) throw wrongMember(name, `a number of ${bits} bits`, value)
  return number
}

/** A number that must be there. */
export function numberOf(value: unknown, name: string, bits = 256): bigint {
  const number = optionalNumber(value, name, bits)
  if (number !== undefined) return number
  throw wrongMember(name, 'a number', value)
}

/** Bytes of any number, in lower case; what is absent is none. */
export function bytesOf(value: unknown, name: string): Hex {
  if (value === undefined || value === null) return '0x'
  const isHex = typeof value === 'string' && /^(0x)?([0-9a-fA-F]{2})*$/.test(value)
  if (!isHex) throw wrongMember(name, 'bytes in hex', value)
  return `0x${value.replace(/^0x/, '').toLowerCase()}`
}

/** Bytes of a size. */
export function sizedOf(value: unknown, size: number, name: string): Hex {
  const bytes = typeof value === 'string' && value !== '' ? bytesOf(value, name) : undefined
  if (bytes?.length === 2 + 2 * size) return bytes
  throw wrongMember(name, `${size} bytes in hex`, value)
}

/** 32 bytes, of which those that are zero may be left out at the front. */
export function wordOf(value: unknown, name: string): Hex {
  const isWord = typeof value === 'string' && /^(0x)?[0-9a-fA-F]{0,64}$/.test(value)
  if (!isWord) throw wrongMember(name, '32 bytes in hex', value)
  return `0x${value.replace(/^0x/, '').toLowerCase().padStart(64, '0')}`
}
