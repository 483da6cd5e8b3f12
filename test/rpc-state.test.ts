/** States of a node's chain: seeds, round trips, forks, proofs, and nodes that lie. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Hex,
  JsonRpcClient,
  MemoryState,
  RpcState,
  type RpcStateOptions,
  StateTrie,
} from '../lib/index.js'
import { root } from './fixtures.js'
import { serveNode } from './support/doc-context.js'
import { Failure, NodeServer } from './support/node-server.js'
import { errorOf } from './support/thrown.js'
import { type ServedChain, servedChain } from './support/traced-chain.js'

const states = suite('RpcState')

let subject: ServedChain

states.before(async () => {
  subject = await servedChain()
})
states.before.each(() => {
  const { node, server } = subject
  server.reset()
  node.traces = true
  node.alter = (trace) => trace
  server.behaviour.alter = (answers) => answers
  server.behaviour.batches = 'taken'
  server.behaviour.intercept = undefined
  server.behaviour.latency = 0
})
states.after(async () => {
  subject.engine.close()
  await subject.server.stop()
})

const stateAt = (block: number | Hex, options: Partial<RpcStateOptions> = {}) =>
  new RpcState({ url: subject.server.url, block, backoff: { initial: 1 }, ...options })

const countOf = (method: string) => subject.server.asked.get(method) ?? 0

states('executes every block on the state of its parent, named by number or hash', async () => {
  const { chain, engine, server } = subject
  for (const [i, block] of chain.blocks.entries()) {
    for (const parent of [i, chain.headers[i].hash]) {
      for (const batches of ['taken', 'refused'] as const) {
        server.behaviour.batches = batches
        const result = await engine.executeBlock(block, { state: stateAt(parent) })
        assert.is(result.hash, chain.headers[i + 1].hash)
      }
    }
  }
})

states('takes the values of traces, and asks for what they lack', async () => {
  const { chain, engine, node, server } = subject
  const callsOf = async (options: Partial<RpcStateOptions>) => {
    server.reset()
    await engine.executeBlock(chain.blocks[3], { state: stateAt(3, options) })
    return [...server.asked.values()].reduce((sum, count) => sum + count, 0)
  }
  const calls = await callsOf({})
  assert.is(countOf('debug_traceBlockByNumber'), 2)
  const callsOfReads = await callsOf({ trace: false, accessLists: false })
  assert.is(countOf('debug_traceBlockByNumber'), 0)
  assert.ok(calls < callsOfReads, `${calls} and ${callsOfReads} calls`)
  // Traces that are none are as good as no traces.
  for (const trace of [[], {}, 'no', [{ result: { '0x12': {} } }], [{ result: null }]]) {
    node.alter = () => trace
    await engine.executeBlock(chain.blocks[3], { state: stateAt(3) })
  }
})

states('asks a node once for what it does not have', async () => {
  const { chain, engine, node } = subject
  node.traces = false
  const state = stateAt(0)
  for (const block of chain.blocks) state.commit(await engine.executeBlock(block, { state }))
  assert.is(countOf('debug_traceBlockByNumber'), 2)
  const { transactionCount } = await engine.executeBlock(chain.blocks[0], { state: stateAt(0) })
  assert.ok(transactionCount > 0)
  assert.ok(countOf('eth_createAccessList') <= 2 * transactionCount)
})

states(
  'moves on by itself: later blocks ask for what the fork lacks, as it was at the fork',
  async () => {
    const { chain, engine } = subject
    const state = stateAt(1)
    const copy = state.clone()
    const ancestors: Record<string, Hex> = {}
    for (const { number, hash } of chain.headers) ancestors[String(number)] = hash
    for (const [i, block] of chain.blocks.entries()) {
      if (i === 0) continue
      const result = await engine.executeBlock(block, { state, blockHashes: ancestors })
      assert.is(result.hash, chain.headers[i + 1].hash)
      state.commit(result)
    }
    const { hash } = await engine.executeBlock(chain.blocks[1], { state: copy })
    assert.is(hash, chain.headers[2].hash)
    assert.ok(state.requests.requests > 0)
  },
)

states('ends with what the node fails with', async () => {
  const { chain, engine, server } = subject
  const execute = (state: RpcState, signal?: AbortSignal) =>
    engine.executeBlock(chain.blocks[2], { state, ...(signal && { signal }) })
  const altered = (method: string, answer: object) => {
    server.behaviour.intercept = (response, calls) => {
      const found = calls.some((call) => call.method === method)
      if (!found) return false
      const answers = calls.map(({ id }) => ({ jsonrpc: '2.0', id, ...answer }))
      response.writeHead(200).end(JSON.stringify(calls.length > 1 ? answers : answers[0]))
      return true
    }
  }
  const plain = { trace: false, accessLists: false }
  const missing = { code: -32000, message: 'missing trie node' }
  altered('eth_getBalance', { error: missing })
  const error = await errorOf(execute(stateAt(2, plain)))
  assert.is(error.code, 'RPC_ERROR')
  assert.is(error.details.rpcCode, -32000)
  for (const result of ['0x', null, 7, '0xzz', `0x1${'00'.repeat(32)}`, {}]) {
    altered('eth_getBalance', { result })
    const { code } = await errorOf(execute(stateAt(2, plain)))
    assert.is(code, 'RPC_RESPONSE_INVALID', String(result))
  }
  server.behaviour.intercept = (response) => {
    response.destroy()
    return true
  }
  assert.is((await errorOf(execute(stateAt(2, { retries: 1 })))).code, 'RPC_UNAVAILABLE')
  server.behaviour.intercept = () => true
  const aborter = new AbortController()
  const cancelled = errorOf(execute(stateAt(2), aborter.signal))
  setTimeout(() => aborter.abort(), 20)
  assert.is((await cancelled).code, 'CANCELLED')
})

states('finds out what is wrong by the header where a node lies', async () => {
  const { chain, engine, node, server } = subject
  // Every account is a wei richer than it says.
  server.behaviour.intercept = undefined
  node.alter = (trace) =>
    JSON.parse(JSON.stringify(trace), (key, value) => (key === 'balance' ? '0x1' : value))
  const error = await errorOf(engine.executeBlock(chain.blocks[3], { state: stateAt(3) }))
  assert.ok(['TX_INSUFFICIENT_FUNDS', 'BLOCK_FIELD_MISMATCH'].includes(error.code), error.code)
  await engine.executeBlock(chain.blocks[3], { state: stateAt(3, { trace: false }) })
})

/** A node of one state that proves what it says; `lie` is what becomes of a proof. */
async function provingNode(lie: (proof: Record<string, unknown>) => unknown = (proof) => proof) {
  const target: Hex = `0x${'c0'.repeat(20)}`
  // Stores the sum of slots 1 and 2 in slot 3.
  const code: Hex = '0x60015460025401600355'
  const sender: Hex = `0x${'aa'.repeat(20)}`
  const alloc = {
    [sender]: { balance: 10n ** 18n },
    [target]: {
      balance: 5n,
      nonce: 1n,
      code,
      storage: { '0x1': '0x7' as Hex, '0x2': '0x8' as Hex },
    },
  }
  const trie = new StateTrie(new MemoryState(alloc))
  const server = await NodeServer.start((method, params) => {
    if (method === 'eth_getCode') return params[0] === target ? code : '0x'
    if (method === 'eth_getBlockByNumber') {
      const hash = `0x${'11'.repeat(32)}`
      return { number: params[0], hash, parentHash: hash, stateRoot: trie.root }
    }
    if (method !== 'eth_getProof') throw new Failure(-32601, 'no such method')
    const proof = trie.getProof(params[0] as Hex, params[1] as Hex[])
    const shown = JSON.parse(
      JSON.stringify(proof, (_, value) =>
        typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
      ),
    )
    return lie(shown)
  })
  const call = {
    sender,
    nonce: 0n,
    to: target,
    gasLimit: 100_000n,
    gasPrice: 0n,
    value: 0n,
    data: '0x',
  }
  const environment = {
    number: 8n,
    timestamp: 1_700_000_000n,
    gasLimit: 30_000_000n,
    coinbase: target,
  }
  return { server, trie, environment, call }
}

const provingLies: Readonly<Record<string, (proof: Record<string, unknown>) => unknown>> = {
  'another balance': (proof) => ({ ...proof, balance: '0xffff' }),
  'another nonce': (proof) => ({ ...proof, nonce: '0x9' }),
  'another slot': (proof) => ({
    ...proof,
    storageProof: (proof.storageProof as object[]).map((slot) => ({ ...slot, value: '0x1' })),
  }),
  'a node left out': (proof) => ({ ...proof, accountProof: [] }),
  'another account': (proof) => ({ ...proof, address: `0x${'bb'.repeat(20)}` }),
  'a slot left out': (proof) => ({ ...proof, storageProof: [] }),
  'no proof': () => null,
}

states('takes nothing without a proof where it is to verify', async () => {
  const { server, trie, environment, call } = await provingNode()
  const { engine } = subject
  const { url } = server
  for (const options of [{ verify: true }, { stateRoot: trie.root }]) {
    const state = new RpcState({ url, block: 7, ...options })
    const { stateDiff } = await engine.executeTransactions(environment as never, [call as never], {
      state,
    })
    const changed = stateDiff.accounts.find(({ address }) => address === call.to)
    const text = JSON.stringify(changed, (_, value) => (typeof value === 'bigint' ? 0 : value))
    assert.match(text, `"0x${'f'.padStart(64, '0')}"`)
  }
  const wrongRoot = new RpcState({ url, block: 7, stateRoot: `0x${'12'.repeat(32)}` })
  const error = await errorOf(
    engine.executeTransactions(environment as never, [call as never], { state: wrongRoot }),
  )
  assert.is(error.code, 'PROOF_INVALID')
  await server.stop()
})

for (const [name, lie] of Object.entries(provingLies)) {
  states(`finds ${name} by the proof`, async () => {
    const { server, environment, call } = await provingNode(lie)
    const state = new RpcState({ url: server.url, block: 7, verify: true })
    const error = await errorOf(
      subject.engine.executeTransactions(environment as never, [call as never], { state }),
    )
    assert.ok(['PROOF_INVALID', 'RPC_RESPONSE_INVALID'].includes(error.code), error.code)
    await server.stop()
  })
}

states('tells its block once the node has, and what was committed from then on', async () => {
  const { chain, engine, server } = subject
  const base = { number: 1n, hash: chain.headers[1].hash }
  for (const block of [1, base.hash]) {
    const state = stateAt(block, { history: 2 })
    assert.is(state.head, undefined)
    await state.getStorage(`0x${'77'.repeat(20)}`, 1n)
    assert.equal(state.head, base)
    assert.is(server.requests, 1, 'one round trip')
    assert.equal(state.snapshot().head, base)
    const result = await engine.executeBlock(chain.blocks[1], { state })
    state.commit(result)
    const next = { number: 2n, hash: chain.headers[2].hash }
    assert.equal([state.head, state.clone().head], [next, next])
    state.revert(base)
    assert.equal([state.head, state.clone().head], [base, base])
    server.reset()
  }
  // A node that tells no header answers all the same.
  server.behaviour.alter = (answers) =>
    (answers as { result: unknown }[]).map((answer) =>
      typeof answer.result === 'object' ? { ...answer, result: null } : answer,
    )
  const state = stateAt(1)
  assert.is(await state.getStorage(`0x${'77'.repeat(20)}`, 1n), `0x${'00'.repeat(32)}`)
  assert.is(state.head, undefined)
})

states('refuses options that it does not have', async () => {
  const url = 'http://127.0.0.1:1'
  const client = new JsonRpcClient({ url })
  const bad: readonly object[] = [
    { url },
    { url, block: -1 },
    { url, block: 1.5 },
    { url, block: '0x12' },
    { url, block: 'latest' },
    { block: 1 },
    { url, block: 1, trace: 1 },
    { url, block: 1, verfy: true },
    { url, block: 1, stateRoot: '0x' },
    { client, block: 1, retries: 3 },
    { client, url, block: 1 },
  ]
  for (const options of bad) {
    const error = await errorOf(() => new RpcState(options as RpcStateOptions))
    assert.is(error.code, 'OPTION_INVALID', String(Object.entries(options)))
  }
  assert.is(new RpcState({ client, block: 1 }).requests.calls, 0)
})

/** Runs the command while this process answers it. */
const braid = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const command = [join(root, 'dist/cli/braid.js'), ...args]
    execFile(process.execPath, command, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })

states('gives braid execute --rpc its blocks', async () => {
  const { server } = subject
  const found = await braid('execute', '--json', '--rpc', await serveNode(), '24476005')
  assert.is(found.code, 0, found.stderr)
  const [report] = JSON.parse(found.stdout).blocks
  assert.is(report.number, '24476005')
  assert.equal([report.differences, report.error], [[], undefined])
  const folder = mkdtempSync(join(tmpdir(), 'braid-cli-'))
  const cached = ['--cache', join(folder, 'answers')]
  for (let run = 0; run < 2; run++) {
    const again = await braid(
      'execute',
      '--json',
      '--rpc',
      await serveNode(),
      ...cached,
      '24476005',
    )
    assert.is(again.code, 0, again.stderr)
    const [cachedReport] = JSON.parse(again.stdout).blocks
    assert.equal([cachedReport.differences, cachedReport.error], [[], undefined])
  }
  const alone = await braid('execute', ...cached, 'block.rlp')
  assert.is(alone.code, 2)
  assert.match(alone.stderr, /--cache keeps what the node of --rpc answers/)
  rmSync(folder, { recursive: true })
  let chainId = '0x1'
  const zero = `0x${'00'.repeat(32)}`
  const node = await NodeServer.start((method, params) => {
    if (method === 'eth_chainId') return chainId
    if (method === 'eth_getBlockByNumber' && params[0] === '0x5') return null
    throw new Failure(-32000, 'missing trie node')
  })
  const cases: readonly (readonly [args: string[], code: number, said: RegExp])[] = [
    [[node.url, '5'], 2, /STATE_UNAVAILABLE/],
    [[node.url, zero], 2, /missing trie node/],
    [[node.url, 'block.json'], 2, /a number, a hash, latest/],
    [['nonsense', '5'], 2, /http:/],
    [[node.url, '5', '--state', 'x.json'], 2, /--state/],
  ]
  for (const [[url, ...rest], code, said] of cases) {
    const output = await braid('execute', '--rpc', url, ...rest)
    assert.is(output.code, code, output.stderr)
    assert.match(output.stderr, said)
  }
  chainId = '0x5'
  assert.match((await braid('execute', '--rpc', node.url, '5')).stderr, /chain 5/)
  await node.stop()
  server.reset()
})

states.run()
