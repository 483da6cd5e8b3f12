/** Calls and simulations against what geth and Besu answered (fixtures/oracles). */

import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import {
  type BlockHeader,
  type CallRequest,
  Engine,
  type GenesisFile,
  isBraidError,
  MemoryState,
  readBlocks,
  readGenesis,
  type Simulation,
  type SimulationBlock,
  type StateOverrides,
} from '../lib/index.js'
import { fixturePath, withFixtures } from './fixtures.js'

const conformance = suite('calls as nodes answer them')
const { test, report } = withFixtures(conformance, 'calls as nodes answer them')

type Json = unknown
type Members = Record<string, Json>

/** An answer: a result, or an error. */
interface Answer {
  readonly result?: Json
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Json }
}

/** A chain that was executed to its head, as far as a node is asked about it. */
interface Served {
  readonly engine: Engine
  readonly state: MemoryState
  readonly headers: readonly BlockHeader[]
  readonly blockHashes: ReadonlyMap<bigint, string>
}

const unzipped = (path: string): Buffer => gunzipSync(readFileSync(path))

async function serve(genesisPath: string, blocksPath: string): Promise<Served> {
  const genesis = await readGenesis(JSON.parse(unzipped(genesisPath).toString()) as GenesisFile)
  const engine = await Engine.create({ common: genesis.common })
  const { number, hash } = genesis.header
  const head = { number, hash }
  const state = new MemoryState(genesis.alloc, { trie: true, history: 1000, head })
  const headers = [genesis.header]
  const options = { state, parent: genesis.header }
  for await (const result of engine.executeBlocks(afterGenesis(readBlocks(blocksPath)), options)) {
    headers.push(result.header)
  }
  const blockHashes = new Map(headers.map((header) => [header.number, header.hash]))
  return { engine, state, headers, blockHashes }
}

/** Blocks without the one that a chain begins with, which some files have. */
async function* afterGenesis(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) if (decodeBlock(block).number > 0n) yield block
}

/** The header that a request names, and the state after its block; undefined where there is none. */
function placeOf({ state, headers }: Served, name: Json) {
  const number = name === undefined || name === 'latest' ? headers.length - 1 : Number(name)
  const block = headers[number]
  if (block === undefined) return undefined
  const then = state.clone()
  if (number < headers.length - 1) then.revert({ number: block.number, hash: block.hash })
  return { block, state: then }
}

/** Besu takes hex without a prefix, too. */
const prefixed = (hex: string): string => (hex.startsWith('0x') ? hex : `0x${hex}`)

/** Overrides of JSON-RPC in the names of this package. */
function overridesOf(overrides: Members): StateOverrides {
  const entries = Object.entries(overrides).map(([address, given]) => {
    const { movePrecompileToAddress, comment, ...rest } = given as Members
    const move =
      movePrecompileToAddress === undefined ? {} : { movePrecompileTo: movePrecompileToAddress }
    const code = rest.code === undefined ? {} : { code: prefixed(rest.code as string) }
    return [prefixed(address), { ...rest, ...code, ...move }] as const
  })
  return Object.fromEntries(entries) as StateOverrides
}

function simulationOf(params: Members): Simulation {
  const { blockStateCalls, returnTrieLog, ...flags } = params
  const blocks = (blockStateCalls as Members[]).map((block) => ({
    ...block,
    ...(block.stateOverrides === undefined
      ? {}
      : { stateOverrides: overridesOf(block.stateOverrides as Members) }),
    ...(block.calls === undefined
      ? {}
      : { calls: (block.calls as Members[]).map(({ comment, ...call }) => call) }),
  }))
  return { ...flags, blocks: blocks as SimulationBlock[] }
}

/** What a node answers, made of this package. */
async function answer(
  served: Served,
  method: string,
  params: readonly Json[],
  gasCap = 50_000_000n,
): Promise<Answer> {
  const { engine, blockHashes } = served
  const place = placeOf(served, params[1])
  if (place === undefined) return { error: { code: -32000, message: 'header not found' } }
  const options = { ...place, blockHashes, gasCap }
  switch (method) {
    case 'eth_call': {
      const outcome = await engine.call(params[0] as CallRequest, options)
      return outcome.status === 'success' ? { result: outcome.data } : { error: outcome.rpcError }
    }
    case 'eth_estimateGas': {
      const outcome = await engine.estimateGas(params[0] as CallRequest, options)
      return outcome.status === 'success'
        ? { result: `0x${outcome.gas.toString(16)}` }
        : { error: outcome.rpcError }
    }
    case 'eth_createAccessList':
      return { result: await engine.createAccessList(params[0] as CallRequest, options) }
    default:
      try {
        return { result: await engine.simulate(simulationOf(params[0] as Members), options) }
      } catch (error) {
        if (!isBraidError(error) || error.details.rpcCode === undefined) throw error
        return { error: { code: error.details.rpcCode, message: error.message } }
      }
  }
}

/** Every difference between two JSON values, with where it is. */
function* differences(ours: Json, theirs: Json, path = ''): Iterable<string> {
  const isObject = (value: Json): value is Members => typeof value === 'object' && value !== null
  if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      yield* differences(ours[key], theirs[key], `${path}.${key}`)
    }
  } else if (ours !== theirs) {
    yield `${path}: ${JSON.stringify(ours)?.slice(0, 90)}, not ${JSON.stringify(theirs)?.slice(0, 90)}`
  }
}

const methods = ['eth_call', 'eth_estimateGas', 'eth_createAccessList', 'eth_simulateV1'] as const
const wanted = { eth_call: 6, eth_estimateGas: 7, eth_createAccessList: 4, eth_simulateV1: 91 }

test('every exchange that was recorded from geth, in its members and their order', async () => {
  const folder = fixturePath('oracles', 'rpc_osaka')
  const served = await serve(`${folder}/genesis.json.gz`, `${folder}/chain.rlp.gz`)
  const wrong: string[] = []
  for (const method of methods) {
    let count = 0
    for (const name of readdirSync(`${folder}/${method}`).sort()) {
      const lines = unzipped(`${folder}/${method}/${name}`).toString().split('\n')
      let params: readonly Json[] = []
      for (const line of lines) {
        if (line.startsWith('>> ')) params = JSON.parse(line.slice(3)).params
        if (!line.startsWith('<< ')) continue
        count++
        const { result, error } = JSON.parse(line.slice(3)) as Answer
        const theirs = JSON.stringify({ result, error })
        const ours = await answer(served, method, params).then(JSON.stringify, String)
        if (ours === theirs) continue
        const parsed = ours.startsWith('{') ? JSON.parse(ours) : ours
        const [first = 'the order of members'] = differences(parsed, { result, error })
        wrong.push(`${name}: ${first}`)
      }
    }
    assert.is(count, wanted[method], method)
  }
  await served.engine[Symbol.asyncDispose]()
  assert.equal(wrong, [])
})

test('what Besu answers to eth_simulateV1', async () => {
  const folder = fixturePath('oracles', 'besu_simulate')
  const served = await serve(`${folder}/chain/genesis.json.gz`, `${folder}/chain/blocks.rlp.gz`)
  const wrong: string[] = []
  const names = readdirSync(`${folder}/specs`).sort()
  assert.is(names.length, 6)
  for (const name of names) {
    const { request, response } = JSON.parse(unzipped(`${folder}/specs/${name}`).toString())
    const { result, error } = response as Answer
    // Besu has words of its own for errors, and a member of its own.
    const theirs = error === undefined ? { result: plain(result) } : { error: error.code }
    // It has no cap for all calls together.
    const ours = await answer(served, request.method, request.params, (1n << 63n) - 1n).then(
      (given) =>
        given.error === undefined ? { result: plain(given.result) } : { error: given.error.code },
      String,
    )
    const [first] = differences(ours, theirs)
    if (first !== undefined) wrong.push(`${name}: ${first}`)
  }
  await served.engine[Symbol.asyncDispose]()
  assert.equal(wrong, [])
})

/** The value in JSON, without what only Besu says. */
function plain(value: Json): Json {
  return JSON.parse(
    JSON.stringify(value, (key, member) => (key === 'trieLog' ? undefined : member)),
  )
}

conformance.run()
report()
