/** Besu's answers to `trace_*`, and its test chain on which they are given. */

import { readdirSync } from 'node:fs'
import {
  Engine,
  type Hex,
  MemoryState,
  type ParityTracerConfig,
  readBlocks,
  readGenesis,
} from '../../lib/index.js'
import { fixturePath, readFixture } from '../fixtures.js'

const folder = ['oracles', 'besu_trace'] as const

/** A request of JSON-RPC. */
export interface RpcRequest {
  readonly method: string
  readonly params: readonly unknown[]
}

/** What was answered to it. */
export interface RpcResponse {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** A request with its answer. */
export interface Exchange {
  readonly name: string
  readonly request: RpcRequest
  readonly response: RpcResponse
}

type File = Readonly<Record<'request' | 'response', unknown>>

/** How many files there are. */
export function besuFiles(): readonly string[] {
  const root = fixturePath(...folder, 'specs')
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
}

/** What is asked and answered in a file; some ask several things at once. */
export function exchangesIn(name: string): Exchange[] {
  const { request, response } = readFixture<File>(...folder, 'specs', ...name.split('/'))
  const requests = [request].flat() as RpcRequest[]
  const responses = [response].flat() as RpcResponse[]
  return requests.map((each, i) => ({ name, request: each, response: responses[i] }))
}

/** The configuration for the trace types of a request. */
export function configOf(types: unknown): ParityTracerConfig {
  const has = (type: string) => (types as readonly string[]).includes(type)
  return {
    trace: has('trace'),
    stateDiff: has('stateDiff'),
    vmTrace: has('vmTrace'),
    client: 'besu',
  }
}

/** A block of the chain, and the state before it. */
export interface ChainBlock {
  readonly block: Uint8Array
  readonly number: number
  readonly before: MemoryState
  readonly blockHashes: Readonly<Record<string, Hex>>
  readonly hash: Hex
  readonly transactionHashes: readonly Hex[]
}

/** The chain: block 0 is the first. */
export interface BesuChain {
  readonly engine: Engine
  readonly blocks: readonly ChainBlock[]
  /** The state after the last block. */
  readonly head: MemoryState
  /** The header of the last block. */
  readonly header: Parameters<Engine['call']>[1]['block']
}

/** Executes the chain, and keeps the state before each block. */
export async function besuChain(): Promise<BesuChain> {
  const { alloc, common } = await readGenesis(fixturePath(...folder, 'chain', 'genesis.json.gz'))
  const engine = await Engine.create({ common, threads: 2 })
  const head = new MemoryState(alloc, { trie: true })
  const blocks: ChainBlock[] = []
  const blockHashes: Record<string, Hex> = {}
  let header: BesuChain['header']
  for await (const block of readBlocks(fixturePath(...folder, 'chain', 'blocks.rlp.gz'))) {
    const before = head.clone()
    // The first one is that of the genesis file, which is there already.
    const isFirst = blocks.length === 0
    const result = await engine.executeBlock(block, { state: head, blockHashes, verify: !isFirst })
    header = result.header
    const { number, hash } = result.header
    const transactionHashes = result.receipts.map(({ transactionHash }) => transactionHash)
    blocks.push({
      block: block as Uint8Array,
      number: Number(number),
      before,
      blockHashes: { ...blockHashes },
      hash,
      transactionHashes,
    })
    blockHashes[Number(number)] = hash
    if (!isFirst) head.commit(result)
  }
  return { engine, blocks, head, header }
}
