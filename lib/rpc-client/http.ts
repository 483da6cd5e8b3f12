/** One HTTP request and its answer, within its bounds. */

import { errorFor } from '../errors.js'
import type { Endpoint } from './options.js'
import { retryAfter } from './pace.js'

/** What an HTTP request came to. */
export interface HttpAnswer {
  readonly status: number
  /** How many milliseconds the node asks to be left alone. */
  readonly retryAfter: number | undefined
  readonly text: string
}

/** What an HTTP request may take. */
export interface HttpBounds {
  readonly responseBytes: number
  /** In milliseconds. */
  readonly timeout: number
  /** Gives the request up. */
  readonly signal: AbortSignal
}

/**
 * Posts a body, and reads the whole answer.
 *
 * @throws BraidError `RPC_TIMEOUT`, `RPC_UNAVAILABLE` where the network fails, `RPC_RESPONSE_INVALID`
 *   where the answer is too long
 */
export async function post(
  send: typeof fetch,
  { url, headers }: Endpoint,
  body: string,
  { responseBytes, timeout, signal }: HttpBounds,
): Promise<HttpAnswer> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  signal.addEventListener('abort', end)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, timeout)
  try {
    // Where a redirection leads to, headers with secrets must not go.
    const response = await send(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'error',
      signal: ending.signal,
    })
    const text = await readText(response, responseBytes)
    const { status } = response
    return { status, retryAfter: retryAfter(response.headers.get('retry-after')), text }
  } catch (cause) {
    if (cause instanceof TooLong) {
      throw errorFor('RPC_RESPONSE_INVALID', { expected: `at most ${responseBytes} bytes` })
    }
    if (isLate) throw errorFor('RPC_TIMEOUT', { expected: `an answer within ${timeout} ms` })
    throw errorFor('RPC_UNAVAILABLE', {}, { cause })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    // What is left of an answer that nobody wants.
    end()
  }
}

class TooLong extends Error {}

async function readText(response: Response, most: number): Promise<string> {
  if (Number(response.headers.get('content-length') ?? 0) > most) throw new TooLong()
  const pieces: Uint8Array[] = []
  let size = 0
  // An answer without a body is an empty one.
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > most) throw new TooLong()
    pieces.push(piece)
  }
  return Buffer.concat(pieces, size).toString('utf8')
}
