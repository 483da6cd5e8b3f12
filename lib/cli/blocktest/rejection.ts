/** Whether a block was rejected for the reason that its test gives. */

import type { BraidError } from '../../errors.js'
import { blockReasons } from './block-reasons.js'
import { legacyNames, legacyReasons } from './legacy-reasons.js'
import type { Rejection } from './rejections.js'
import { transactionReasons } from './transaction-reasons.js'

/** Errors by the names of execution-spec-tests, and the older ones of legacy tests. */
const rejectionsByReason: ReadonlyMap<string, readonly Rejection[]> = new Map([
  ...prefixed('TransactionException', transactionReasons),
  ...prefixed('BlockException', blockReasons),
  ...Object.entries(legacyReasons),
])

/** Whether an error is what a test expects: one of the reasons in its alternatives. */
export function isExpected(error: BraidError, reason: string): boolean {
  if (reason === '') return true
  const rejections = reason.split('|').flatMap(rejectionsOf)
  return rejections.some((rejection) => matches(error, rejection))
}

/** What a name stands for. */
function rejectionsOf(name: string): readonly Rejection[] {
  if (Object.hasOwn(legacyNames, name)) return legacyNames[name].split('|').flatMap(rejectionsOf)
  const rejections = rejectionsByReason.get(name)
  if (rejections === undefined) throw new Error(`the reason ${name} is not known`)
  return rejections
}

function matches({ code, details }: BraidError, rejection: Rejection): boolean {
  if (rejection === 'DECODE_*') return code.startsWith('DECODE_')
  const [wanted, field] = rejection.split(':')
  if (code !== wanted) return false
  return (
    field === undefined || details.field === field || details.field?.endsWith(`.${field}`) === true
  )
}

function prefixed(
  family: string,
  table: Readonly<Record<string, readonly Rejection[]>>,
): (readonly [string, readonly Rejection[]])[] {
  return Object.entries(table).map(([name, rejections]) => [`${family}.${name}`, rejections])
}
