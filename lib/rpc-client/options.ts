/** What a JSON-RPC client is told, and what it takes for granted. */

import { checkObject, checkOptions, demand, isRecord, type MembersOf } from '../arguments.js'
import type { RpcClient, RpcTransport } from './provider.js'

/** The delays between attempts, in milliseconds: each is twice the one before. */
export interface RpcBackoff {
  /** Before the second attempt. Default 100. */
  readonly initial?: number | undefined
  /** The longest, what a node asks for by `Retry-After` excepted. Default 10,000. */
  readonly longest?: number | undefined
}

/** Where a node is and how it is asked. One of `url`, `client` and `transport` is given. */
export interface JsonRpcOptions {
  /** The HTTP address of a node. A name and a password in it are sent by HTTP's basic authentication. */
  readonly url?: string | URL | undefined
  /**
   * What sends requests, in place of `url`: a client of viem, or any EIP-1193 provider. It gathers,
   * repeats and times out as it is made to; only `concurrency`, `requestsPerSecond` and `queue` apply.
   */
  readonly client?: RpcClient | undefined
  /** As `client`: a transport of viem, `http(url)` say. */
  readonly transport?: RpcTransport | undefined
  /** Headers of every request, of authentication say. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** What sends HTTP requests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** The most calls in one HTTP request; 1: none are gathered. Default 100. */
  readonly batchSize?: number | undefined
  /** The most bytes in one HTTP request, but for a call that is longer by itself. Default 1 MiB. */
  readonly batchBytes?: number | undefined
  /** The most bytes of an answer, unpacked. Default 256 MiB. */
  readonly responseBytes?: number | undefined
  /** The most HTTP requests under way at a time; of a `client`, calls. Default 32; of a `client` 1,000. */
  readonly concurrency?: number | undefined
  /** The most calls a second, each of a batch counted. Default: as many as there are. */
  readonly requestsPerSecond?: number | undefined
  /** How many more attempts a call gets where the network or the node fails. Default 5. */
  readonly retries?: number | undefined
  /** The delays between attempts. */
  readonly backoff?: RpcBackoff | undefined
  /** How long an HTTP request may take, its answer included, in milliseconds. Default 60,000. */
  readonly timeout?: number | undefined
  /** The most calls that wait to be sent. Default 1,000,000. */
  readonly queue?: number | undefined
}

/** The names of {@link JsonRpcOptions}. */
export const jsonRpcMembers: MembersOf<JsonRpcOptions> = {
  url: true,
  client: true,
  transport: true,
  headers: true,
  fetch: true,
  batchSize: true,
  batchBytes: true,
  responseBytes: true,
  concurrency: true,
  requestsPerSecond: true,
  retries: true,
  backoff: true,
  timeout: true,
  queue: true,
}

const backoffMembers: MembersOf<RpcBackoff> = { initial: true, longest: true }

/** Limits, all of them known. */
export interface RpcLimits {
  readonly batchSize: number
  readonly batchBytes: number
  readonly responseBytes: number
  readonly concurrency: number
  readonly requestsPerSecond: number
  readonly retries: number
  readonly backoff: { readonly initial: number; readonly longest: number }
  readonly timeout: number
  readonly queue: number
}

/** What timers count in: a longer time would be over at once. */
const longestTime = 2 ** 31 - 1

/** The limits that options set. Throws `OPTION_INVALID`. */
export function limitsOf(options: JsonRpcOptions): RpcLimits {
  const { backoff = {} } = options
  checkObject(backoff, 'backoff')
  checkOptions(backoff, backoffMembers, 'backoff')
  const { requestsPerSecond = Number.POSITIVE_INFINITY } = options
  const isRate = typeof requestsPerSecond === 'number' && requestsPerSecond > 0
  demand(isRate, 'requestsPerSecond', 'a number above 0', requestsPerSecond)
  const isRemote = options.url !== undefined
  return {
    batchSize: whole('batchSize', options.batchSize ?? 100, 1),
    batchBytes: whole('batchBytes', options.batchBytes ?? 2 ** 20, 1),
    responseBytes: whole('responseBytes', options.responseBytes ?? 2 ** 28, 1),
    concurrency: whole('concurrency', options.concurrency ?? (isRemote ? 32 : 1000), 1),
    requestsPerSecond,
    retries: whole('retries', options.retries ?? 5, 0),
    backoff: {
      initial: time('backoff.initial', backoff.initial ?? 100, 0),
      longest: time('backoff.longest', backoff.longest ?? 10_000, 0),
    },
    timeout: time('timeout', options.timeout ?? 60_000, 1),
    queue: whole('queue', options.queue ?? 1_000_000, 1),
  }
}

/** A node's address, without what must not be sent in it, and the headers of every request. */
export interface Endpoint {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** The address that options give. Throws `OPTION_INVALID`, without the address: it may hold a secret. */
export function endpointOf({ url, headers = {} }: JsonRpcOptions): Endpoint {
  demand(isRecord(headers), 'headers', 'an object', headers)
  for (const [name, value] of Object.entries(headers)) {
    demand(typeof value === 'string', `headers.${name}`, 'a text', typeof value)
  }
  const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  demand(parsed !== undefined && isHttp, 'url', 'an http: or https: address', typeof url)
  const { username, password } = parsed
  parsed.username = ''
  parsed.password = ''
  const sent: Record<string, string> = { 'content-type': 'application/json', ...headers }
  if (username !== '' || password !== '') {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    sent.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  }
  return { url: parsed.href, headers: sent }
}

function whole(field: string, value: number, least: number): number {
  const isWhole = Number.isSafeInteger(value) && value >= least
  demand(isWhole, field, `a whole number of at least ${least}`, value)
  return value
}

function time(field: string, value: number, least: number): number {
  const isTime = typeof value === 'number' && value >= least && value <= longestTime
  demand(isTime, field, `milliseconds, at least ${least} and at most ${longestTime}`, value)
  return value
}
