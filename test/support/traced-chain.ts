/** A made chain with a node that serves it, traces included, over HTTP. */

import { Engine } from '../../lib/index.js'
import { type BuiltChain, buildChain } from './chain-generator/build.js'
import { commonOf } from './chain-generator/forks.js'
import { generateChain } from './chain-generator/generate.js'
import { Failure, NodeServer } from './node-server.js'
import { TracingNode } from './tracing-node.js'

/** A chain of six blocks, an engine by its rules, and who answers for it. */
export interface TracedChain {
  readonly chain: BuiltChain
  readonly engine: Engine
  readonly node: TracingNode
}

/** Makes a chain that starts with a fork. */
export async function tracedChain(firstFork: string, seed: number): Promise<TracedChain> {
  const shape = { seed, firstFork, blocks: 6, blocksPerFork: 6 }
  const chain = await buildChain(generateChain(shape as Parameters<typeof generateChain>[0]))
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  return { chain, engine, node: await TracingNode.of(chain) }
}

/** A chain whose node is asked over HTTP. */
export interface ServedChain extends TracedChain {
  readonly server: NodeServer
}

/** Serves a chain; the node has no access lists and no proofs, and traces while it says that it can. */
export async function servedChain(): Promise<ServedChain> {
  const traced = await tracedChain('prague', 7)
  const { node } = traced
  const server = await NodeServer.start((method, params) => {
    const isKnown = method !== 'eth_createAccessList' && method !== 'eth_getProof'
    if (!isKnown || (!node.traces && method.startsWith('debug_'))) {
      throw new Failure(-32601, `the method ${method} does not exist/is not available`)
    }
    return node.request({ method, params: params as unknown[] })
  })
  return { ...traced, server }
}
