/** The client: calls in, answers out, in as few requests as the node takes. */

import { checkOptions, demand } from '../arguments.js'
import { errorFor, isBraidError, shownValue } from '../errors.js'
import {
  type Answer,
  beginningOf,
  invalidRequest,
  readAnswers,
  responseTooLarge,
} from './answers.js'
import { Call } from './call.js'
import { CallQueue } from './call-queue.js'
import { type HttpAnswer, post } from './http.js'
import {
  type Endpoint,
  endpointOf,
  type JsonRpcOptions,
  jsonRpcMembers,
  limitsOf,
  type RpcLimits,
} from './options.js'
import { backoffDelay, Pace } from './pace.js'
import { clientError, clientOf, type NodeFailure, nodeError, type RpcClient } from './provider.js'

/** A call of a node. */
export interface JsonRpcRequest {
  /** `eth_getBalance`, say. */
  readonly method: string
  /** Default: none. */
  readonly params?: readonly unknown[] | undefined
}

/** What a {@link JsonRpcClient} has sent so far. */
export interface JsonRpcStatistics {
  /** Calls that were asked for. */
  readonly calls: number
  /** HTTP requests that were sent; of a `client`, calls that were handed to it. */
  readonly requests: number
  /** Calls that were sent again. */
  readonly retries: number
}

/**
 * Calls a node by JSON-RPC 2.0.
 *
 * The calls of one turn of the event loop are sent together, in batches; to a node that refuses those,
 * in smaller ones or one by one from then on. Where the network or the node fails (no connection, HTTP
 * 429, 502, 503, 504, -32005 "limit exceeded"), they are sent again, later and later. An answer that is
 * an error of the call itself is the call's end.
 *
 * ```ts
 * const node = new JsonRpcClient({ url: 'http://127.0.0.1:8545' })
 * const number = await node.request({ method: 'eth_blockNumber' })
 * ```
 */
export class JsonRpcClient implements RpcClient {
  readonly #limits: RpcLimits
  readonly #endpoint: Endpoint | undefined
  readonly #fetch: typeof fetch
  readonly #client: RpcClient | undefined
  readonly #pace: Pace
  readonly #queue = new CallQueue()
  /** The most calls in one request, as far as the node has taken them. */
  #batchSize: number
  #nextId = 1
  #active = 0
  /** Calls that wait for their next attempt. */
  #delayed = 0
  #isScheduled = false
  #timer: NodeJS.Timeout | undefined
  #statistics = { calls: 0, requests: 0, retries: 0 }

  /** Throws `OPTION_INVALID`. */
  constructor(options: JsonRpcOptions) {
    checkOptions(options, jsonRpcMembers)
    const { url, client, transport } = options
    const given = [url, client, transport].filter((way) => way !== undefined)
    demand(given.length === 1, 'url', 'one of url, client and transport', `${given.length} of them`)
    this.#limits = limitsOf(options)
    const send = options.fetch ?? globalThis.fetch
    demand(typeof send === 'function', 'fetch', 'a function', send)
    this.#fetch = send
    if (url !== undefined) this.#endpoint = endpointOf(options)
    else if (client !== undefined) this.#client = clientOf(client, 'client')
    else if (transport !== undefined) this.#client = clientOf(transport, 'transport')
    this.#pace = new Pace(this.#limits.requestsPerSecond)
    this.#batchSize = this.#client === undefined ? this.#limits.batchSize : 1
  }

  /** What was sent so far. */
  get statistics(): JsonRpcStatistics {
    return { ...this.#statistics }
  }

  /**
   * Sends one call and gives its `result`.
   *
   * @param options `signal` gives the call up; others that were sent with it go on
   * @throws RpcError `RPC_ERROR` with the node's error in `details`: `rpcCode`, and its message in
   *   `actual`; `RPC_UNAVAILABLE`, `RPC_TIMEOUT`, `RPC_RESPONSE_INVALID`, `RPC_QUEUE_FULL`
   * @throws BraidError `CANCELLED` where `signal` was aborted
   */
  async request(
    { method, params = [] }: JsonRpcRequest,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<unknown> {
    const { queue } = this.#limits
    if (this.#queue.size + this.#delayed >= queue) {
      throw errorFor('RPC_QUEUE_FULL', { field: method, expected: `at most ${queue} calls` })
    }
    const id = this.#nextId++
    const call = new Call(id, method, bodyOf(id, method, params), signal)
    this.#statistics.calls++
    if (!call.isSettled) this.#queue.add(call)
    this.#schedule()
    return call.answer
  }

  /** Sends what waits once everything that is to be asked in this turn has been. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#pump()
    })
  }

  #pump(): void {
    clearTimeout(this.#timer)
    const { concurrency, batchBytes } = this.#limits
    while (this.#active < concurrency && this.#queue.size > 0) {
      const most = Math.min(this.#batchSize, this.#pace.free)
      if (most < 1) {
        this.#timer = setTimeout(() => this.#pump(), this.#pace.wait)
        return
      }
      const calls = this.#queue.take(most, batchBytes)
      if (calls.length > 0) void this.#send(calls)
    }
  }

  async #send(calls: readonly Call[]): Promise<void> {
    this.#pace.take(calls.length)
    this.#active++
    this.#statistics.requests++
    const ending = new AbortController()
    let waiting = calls.length
    for (const call of calls) {
      call.attempts++
      call.onSettled = () => {
        if (--waiting === 0) ending.abort()
      }
    }
    try {
      if (this.#client !== undefined) await askClient(this.#client, calls[0], ending.signal)
      else this.#take(await this.#post(calls, ending.signal), calls)
    } catch (error) {
      this.#retry(calls, error)
    } finally {
      for (const call of calls) call.onSettled = undefined
      this.#active--
      this.#pump()
    }
  }

  #post(calls: readonly Call[], signal: AbortSignal): Promise<HttpAnswer> {
    const bodies = calls.map(({ body }) => body)
    const body = bodies.length === 1 ? bodies[0] : `[${bodies.join(',')}]`
    const { responseBytes, timeout } = this.#limits
    // Always there without a client.
    return post(this.#fetch, this.#endpoint as Endpoint, body, { responseBytes, timeout, signal })
  }

  /** Takes the answer to a request. */
  #take({ status, retryAfter, text }: HttpAnswer, calls: readonly Call[]): void {
    if (retryAfter !== undefined && status !== 200) this.#pace.pause(retryAfter)
    if (busyStatuses.has(status)) {
      this.#retry(calls, errorFor('RPC_UNAVAILABLE', { actual: `HTTP ${status}` }))
      return
    }
    const isBatch = calls.length > 1
    const isFine = status >= 200 && status < 300
    const read =
      isFine || text.trim().startsWith('{') ? readAnswers(text, calls, isBatch) : undefined
    if (read !== undefined && 'refusal' in read) {
      this.#refused(calls, read.refusal)
    } else if (isBatch && status >= 400 && status < 500 && !forbidden.has(status)) {
      this.#refused(calls, { code: invalidRequest, message: status === 413 ? 'size' : text })
    } else if (read === undefined || (!isFine && !isAnswer(read.answers.get(calls[0])))) {
      const actual = `HTTP ${status} ${beginningOf(text)}`.trim()
      for (const call of calls) {
        call.reject(errorFor('RPC_UNAVAILABLE', { field: call.method, actual }))
      }
    } else {
      for (const [call, answer] of read.answers) this.#settle(call, answer, isBatch)
    }
  }

  #settle(call: Call, answer: Answer, isBatch: boolean): void {
    if ('result' in answer) call.resolve(answer.result)
    else if ('invalid' in answer) call.reject(placed(answer.invalid, call))
    else if (isBatch && answer.failure.code === responseTooLarge) {
      this.#refused([call], { ...answer.failure, message: 'size' })
    } else {
      const error = nodeError(call.method, answer.failure)
      if (busyCodes.has(answer.failure.code)) this.#retry([call], error)
      else call.reject(error)
    }
  }

  /** Sends the calls of a batch that the node does not take again, in smaller ones. */
  #refused(calls: readonly Call[], failure: NodeFailure): void {
    if (busyCodes.has(failure.code)) {
      this.#retry(calls, errorFor('RPC_UNAVAILABLE', { actual: shownValue(failure.message) }))
      return
    }
    const isAboutSize = /large|many|big|exceed|limit|max|size/i.test(String(failure.message))
    const smaller = isAboutSize ? Math.max(1, this.#batchSize >> 2) : 1
    this.#batchSize = Math.min(this.#batchSize, smaller)
    this.#queue.addFirst(calls)
  }

  /** Sends calls again after a while, or gives them up. */
  #retry(calls: readonly Call[], error: unknown): void {
    const { retries, backoff } = this.#limits
    const again: Call[] = []
    for (const call of calls) {
      const isLast = call.attempts > retries || isBraidError(error, 'RPC_RESPONSE_INVALID')
      if (isLast) call.reject(placed(error, call))
      else if (!call.isSettled) again.push(call)
    }
    if (again.length === 0) return
    this.#statistics.retries += again.length
    this.#delayed += again.length
    const delay = backoffDelay(Math.max(...again.map(({ attempts }) => attempts)), backoff)
    setTimeout(() => {
      this.#delayed -= again.length
      this.#queue.addFirst(again)
      this.#pump()
    }, delay)
  }
}

/** What nodes and what stands before them answer where another attempt helps. */
const busyStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])
/** The codes of JSON-RPC errors that say so: "limit exceeded" (EIP-1474), and HTTP's put into JSON. */
const busyCodes: ReadonlySet<number> = new Set([-32005, 429])
/** Answers of HTTP to whoever asks, not to what is asked. */
const forbidden: ReadonlySet<number> = new Set([401, 402, 403])

function isAnswer(answer: Answer | undefined): boolean {
  return answer !== undefined && !('invalid' in answer)
}

function bodyOf(id: number, method: string, params: readonly unknown[]): string {
  try {
    return JSON.stringify({ jsonrpc: '2.0', id, method, params })
  } catch (cause) {
    throw errorFor('OPTION_INVALID', { field: 'params', expected: 'JSON' }, { cause })
  }
}

/** Hands a call to a client, and waits no longer than its caller does. */
async function askClient(client: RpcClient, call: Call, given: AbortSignal): Promise<void> {
  const { method, body } = call
  const { params } = JSON.parse(body) as { params: unknown[] }
  const answered = Promise.resolve()
    .then(() => client.request({ method, params }))
    .then(
      (result) => call.resolve(result),
      (cause) => call.reject(clientError(method, cause)),
    )
  const givenUp = new Promise<void>((resolve) => {
    given.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([answered, givenUp])
}

/** An error of a request as one of its calls. */
function placed(error: unknown, { method }: Call): unknown {
  if (!isBraidError(error)) return error
  const { code, details, cause } = error
  return errorFor(code, { field: method, ...details }, { cause })
}
