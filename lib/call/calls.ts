/** Calls, one and many. */

import { demand } from '../arguments.js'
import type { CallOutcome } from './outcome.js'
import type { CallRequest } from './request.js'
import type { CallSession } from './session.js'

/** Runs a call as `eth_call` of JSON-RPC does. */
export async function call(session: CallSession, request: CallRequest): Promise<CallOutcome> {
  const ran = await session.run([{ request, place: '' }])
  return ran.outcome(0)
}

/** Runs calls that have nothing to do with each other. */
export async function callMany(
  session: CallSession,
  requests: readonly CallRequest[],
): Promise<CallOutcome[]> {
  demand(Array.isArray(requests), 'requests', 'an array', requests)
  if (requests.length === 0) return []
  const placed = requests.map((request, i) => ({ request, place: `requests[${i}].` }))
  const ran = await session.run(placed)
  return requests.map((_, i) => ran.outcome(i))
}
