/** What sends requests to a node on a caller's behalf. */

import { demand } from '../arguments.js'
import { errorFor, shownValue } from '../errors.js'

/** What sends requests to a node: an EIP-1193 provider, a client of viem. */
export interface RpcClient {
  /** Sends one request and gives its `result`; rejects with the node's error. */
  // biome-ignore lint/suspicious/noExplicitAny: clients type their requests each in their own way
  request(request: any): Promise<unknown>
}

/** A transport as viem has it: what makes a client, or one already. */
// biome-ignore lint/suspicious/noExplicitAny: viem's transports take the chain, of a type of its own
export type RpcTransport = RpcClient | ((options: any) => RpcClient)

/** The client that a transport is or makes. Throws `OPTION_INVALID` where it is neither. */
export function clientOf(given: RpcTransport, field: 'client' | 'transport'): RpcClient {
  // Whoever made the transport said how often it repeats.
  const client = typeof given === 'function' ? given({}) : given
  demand(typeof client?.request === 'function', `${field}.request`, 'a function', client?.request)
  return client
}

/** The error for what a client rejected a request with: the node's own, if it has a code. */
export function clientError(method: string, cause: unknown): Error {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown }
  if (Number.isSafeInteger(code)) {
    return nodeError(method, { code: Number(code), message }, { cause })
  }
  return errorFor('RPC_UNAVAILABLE', { field: method }, { cause })
}

/** What a node says of a call that it could not answer. */
export interface NodeFailure {
  readonly code: number
  readonly message?: unknown
}

/** The error for a call that the node answered with an error. */
export function nodeError(
  method: string,
  { code, message }: NodeFailure,
  options: { readonly cause?: unknown } = {},
): Error {
  const actual = shownValue(message === undefined ? '' : message)
  return errorFor('RPC_ERROR', { field: method, rpcCode: code, actual }, options)
}
