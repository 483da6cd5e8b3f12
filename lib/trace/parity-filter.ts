/** Which items `trace_filter` tells. */

import { demand, hexToBytes } from '../arguments.js'
import type { Hex } from '../hex/index.js'
import type { ParityLocatedCall } from './parity-answers.js'
import type { ParityClient } from './parity-config.js'
import type { ParityReward } from './parity-rewards.js'

/** An item of what `trace_block` answers. */
export type ParityBlockItem = ParityLocatedCall | ParityReward

/** What is looked for, as `trace_filter` takes it. */
export interface ParityFilter {
  /** Who calls, creates, or destroys itself. Default: whoever it is. */
  readonly fromAddress?: readonly string[] | undefined
  /** Who is called, created, or gets what is left or the reward. Default: whoever it is. */
  readonly toAddress?: readonly string[] | undefined
  /**
   * Whether an item must be from one of the first *and* to one of the second (`intersection`), or either
   * is enough (`union`). Default: what the client does: `union` for `erigon`, which alone has this option.
   */
  readonly mode?: 'intersection' | 'union' | undefined
  /** How many of the items that are found are left out at the beginning. Default 0. */
  readonly after?: number | undefined
  /** How many there are at most. Default: all. */
  readonly count?: number | undefined
}

/** Whether an item is looked for. */
export type ParityMatch = (item: ParityBlockItem) => boolean

/** Checks a filter, and makes a test of it. Throws `OPTION_INVALID`. */
export function matchOf(filter: ParityFilter, client: ParityClient): ParityMatch {
  const { mode = client === 'erigon' ? 'union' : 'intersection', after, count } = filter
  const isMode = mode === 'intersection' || mode === 'union'
  demand(isMode, 'mode', "'intersection' or 'union'", mode)
  for (const [name, value] of Object.entries({ after, count })) {
    const isCount = value === undefined || (Number.isSafeInteger(value) && value >= 0)
    demand(isCount, name, 'a number, 0 or more', value)
  }
  const from = addressesOf(filter.fromAddress, 'fromAddress')
  const to = addressesOf(filter.toAddress, 'toAddress')
  if (from === undefined && to === undefined) return () => true
  const isFrom = (item: ParityBlockItem) => from?.has(senderOf(item) ?? '') ?? false
  const isTo = (item: ParityBlockItem) => to?.has(receiverOf(item) ?? '') ?? false
  if (from === undefined) return isTo
  if (to === undefined) return isFrom
  if (mode === 'union') return (item) => isFrom(item) || isTo(item)
  return (item) => isFrom(item) && isTo(item)
}

/** Addresses to look for; undefined: all. */
function addressesOf(
  addresses: readonly string[] | undefined,
  field: string,
): ReadonlySet<string> | undefined {
  if (addresses === undefined) return undefined
  demand(Array.isArray(addresses), field, 'an array of addresses', addresses)
  if (addresses.length === 0) return undefined
  return new Set(
    addresses.map((address, i) => {
      hexToBytes(address, 20, `${field}[${i}]`)
      return address.toLowerCase()
    }),
  )
}

function senderOf(item: ParityBlockItem): Hex | undefined {
  if (item.type === 'reward') return undefined
  return item.type === 'suicide' ? item.action.address : item.action.from
}

function receiverOf(item: ParityBlockItem): Hex | undefined {
  switch (item.type) {
    case 'reward':
      return item.action.author
    case 'suicide':
      return item.action.refundAddress
    case 'create':
      return item.result?.address
    case 'call':
      return item.action.to
  }
}
