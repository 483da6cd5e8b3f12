/** Which answer belongs to which call. */

import { isRecord } from '../arguments.js'
import { type BraidError, errorFor } from '../errors.js'
import type { Call } from './call.js'
import type { NodeFailure } from './provider.js'

/** What a node answered to one call. */
export type Answer =
  | { readonly result: unknown }
  | { readonly failure: NodeFailure }
  | { readonly invalid: BraidError }

/** What an answer's text holds: one answer per call, or one failure of all. */
export type Answers =
  | { readonly answers: ReadonlyMap<Call, Answer> }
  /** The node took the request as a whole for a wrong one. */
  | { readonly refusal: NodeFailure }

/** The code of requests that are none, and what nodes answer to batches that they do not take. */
export const invalidRequest = -32600
/** geth's, for the calls of a batch whose answers have become too long. */
export const responseTooLarge = -32003

/**
 * Matches the answers in a text with the calls that were sent, by id. A call without an answer, with
 * two, or with one that is none by JSON-RPC 2.0 is `RPC_RESPONSE_INVALID`, and no other with it.
 */
export function readAnswers(text: string, calls: readonly Call[], isBatch: boolean): Answers {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return all(calls, invalid('JSON', beginningOf(text)))
  }
  if (isBatch && isRecord(value)) {
    // Without an id of ours it speaks of the request as a whole.
    const failure = failureOf(value)
    if (failure !== undefined) return { refusal: failure }
  }
  if (isBatch !== Array.isArray(value)) {
    return all(calls, invalid(isBatch ? 'an array' : 'one answer', beginningOf(text)))
  }
  const items: readonly unknown[] = isBatch ? (value as unknown[]) : [value]
  const found = matched(items, calls)
  if (isBatch) {
    // geth names the first call of a batch that is too long for it; others say it of each.
    const refusals = [...found.values()].map(refusalOf)
    const [first] = refusals
    if (first !== undefined && !refusals.includes(undefined)) return { refusal: first }
  }
  for (const call of calls) {
    if (!found.has(call)) found.set(call, { invalid: invalid('an answer to each call', 'none') })
  }
  return { answers: found }
}

function matched(items: readonly unknown[], calls: readonly Call[]): Map<Call, Answer> {
  const byId = new Map(calls.map((call) => [call.id, call]))
  const found = new Map<Call, Answer>()
  for (const item of items) {
    const call = isRecord(item) ? byId.get(item.id as number) : undefined
    if (call === undefined) continue
    const isSecond = found.has(call)
    found.set(
      call,
      isSecond ? { invalid: invalid('one answer to each call', 'two') } : answerOf(item),
    )
  }
  return found
}

function answerOf(item: unknown): Answer {
  const failure = failureOf(item)
  if (failure !== undefined) return { failure }
  const hasResult = isRecord(item) && 'result' in item && (item.error ?? null) === null
  if (hasResult) return { result: item.result }
  return { invalid: invalid('a result or an error', beginningOf(JSON.stringify(item))) }
}

function failureOf(item: unknown): NodeFailure | undefined {
  if (!isRecord(item) || !isRecord(item.error)) return undefined
  const { code, message } = item.error
  return Number.isSafeInteger(code) ? { code: Number(code), message } : undefined
}

function refusalOf(answer: Answer): NodeFailure | undefined {
  return 'failure' in answer && answer.failure.code === invalidRequest ? answer.failure : undefined
}

function all(calls: readonly Call[], error: BraidError): Answers {
  return { answers: new Map(calls.map((call) => [call, { invalid: error }])) }
}

function invalid(expected: string, actual: string): BraidError {
  return errorFor('RPC_RESPONSE_INVALID', { expected, actual })
}

/** The beginning of a text, for errors. */
export function beginningOf(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}
