/** Blocks out of a node. */

import type { RpcBlock, RpcHeader } from '../block/types.js'
import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import type { Node } from './node.js'
import { quantity } from './node-source.js'

/** The block, with the headers of its ommers: their rewards depend on them. */
export async function blockOf(
  node: Node,
  block: bigint | number | Hex | 'latest',
): Promise<RpcBlock> {
  const isHash = typeof block === 'string' && block.length === 66
  const name = typeof block === 'string' ? block : quantity(BigInt(block))
  const method = isHash ? 'eth_getBlockByHash' : 'eth_getBlockByNumber'
  const found = await node.ask<(RpcBlock & { readonly hash: Hex }) | null>(method, name, true)
  if (found === null || found === undefined) {
    throw errorFor('STATE_UNAVAILABLE', { field: method, expected: `block ${name}`, actual: null })
  }
  const uncles = await Promise.all(
    (found.uncles ?? []).map((_, i) =>
      node.ask<RpcHeader>('eth_getUncleByBlockHashAndIndex', found.hash, quantity(BigInt(i))),
    ),
  )
  return { ...found, uncles }
}
