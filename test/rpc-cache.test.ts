/** What a state of a node's chain keeps on disk: found by the next run, by nobody whom it is not true of. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Hex, LmdbState, RpcState, type RpcStateOptions } from '../lib/index.js'
import { root } from './fixtures.js'
import { Failure, NodeServer } from './support/node-server.js'
import { errorOf } from './support/thrown.js'
import { type ServedChain, servedChain } from './support/traced-chain.js'

const caches = suite('RpcState cache')

let subject: ServedChain
let folder = ''

caches.before(async () => {
  subject = await servedChain()
})
caches.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'braid-cache-'))
  subject.server.reset()
  subject.node.traces = true
  subject.node.alter = (trace) => trace
})
caches.after.each(() => rmSync(folder, { recursive: true, force: true }))
caches.after(async () => {
  subject.engine.close()
  await subject.server.stop()
})

const stateAt = (block: number | Hex, options: Partial<RpcStateOptions> = {}) =>
  new RpcState({
    url: subject.server.url,
    block,
    backoff: { initial: 1 },
    cache: join(folder, 'answers'),
    ...options,
  })

/** Executes a block on the state of its parent. */
async function execute(index: number, options: Partial<RpcStateOptions> = {}, byHash = false) {
  const { chain, engine } = subject
  const parent = byHash ? chain.headers[index].hash : index
  await using state = stateAt(parent, options)
  const { hash } = await engine.executeBlock(chain.blocks[index], { state })
  assert.is(hash, chain.headers[index + 1].hash)
  assert.equal(state.head, { number: BigInt(index), hash: chain.headers[index].hash })
}

/** What the node was asked for while something was done. */
async function askedBy(act: () => Promise<unknown>): Promise<Record<string, number>> {
  subject.server.reset()
  await act()
  return Object.fromEntries(subject.server.asked)
}

for (const trace of [true, false]) {
  caches(`is found by the next run, ${trace ? 'with' : 'without'} traces`, async () => {
    const { chain } = subject
    for (const index of chain.blocks.keys()) {
      const first = await askedBy(() => execute(index, { trace }))
      assert.ok((first.eth_getStorageAt ?? 0) + (first.eth_getBalance ?? 0) > 0)
      // A number may stand for another block by now.
      const second = await askedBy(() => execute(index, { trace }))
      assert.equal(Object.keys(second), ['eth_getBlockByNumber'], JSON.stringify(second))
      assert.is(subject.server.requests, 1)
      const third = await askedBy(() => execute(index, { trace }, true))
      assert.equal(third, {})
    }
  })
}

caches('is found where the block was named by its hash first', async () => {
  await execute(2, {}, true)
  assert.equal(await askedBy(() => execute(2, {}, true)), {})
})

caches('is shared by the states of a process, and by clones', async () => {
  const { chain, engine } = subject
  const first = stateAt(3)
  const second = stateAt(3)
  const clone = first.clone()
  await engine.executeBlock(chain.blocks[3], { state: first })
  await first[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  await engine.executeBlock(chain.blocks[3], { state: second })
  await second[Symbol.asyncDispose]()
  await engine.executeBlock(chain.blocks[3], { state: clone })
  const snapshot = clone.snapshot()
  await clone[Symbol.asyncDispose]()
  // Closed by now: the node is asked, and the folder is free.
  const late = clone.clone()
  for (const each of [snapshot, late]) {
    assert.is(await each.getStorage(`0x${'77'.repeat(20)}`, 1n), `0x${'00'.repeat(32)}`)
  }
  await late[Symbol.asyncDispose]()
  assert.equal(await askedBy(() => execute(3, {}, true)), {})
})

caches('may be let go of while it is looked into', async () => {
  await execute(2)
  for (let ticks = 0; ticks < 12; ticks++) {
    const state = stateAt(2)
    const reading = state.getStorage(`0x${'77'.repeat(20)}`, 1n)
    for (let i = 0; i < ticks; i++) await Promise.resolve()
    if (ticks % 3 === 2) await new Promise((resolve) => setTimeout(resolve, ticks))
    await state[Symbol.asyncDispose]()
    assert.is(await reading, `0x${'00'.repeat(32)}`)
  }
  await execute(2)
})

caches('gives single reads, and what does not exist', async () => {
  const nobody = `0x${'77'.repeat(20)}`
  const read = async () => {
    await using state = stateAt(2)
    const account = await state.getAccount(nobody)
    const value = await state.getStorage(nobody, 5n)
    return [account, value, await state.getCode(nobody)]
  }
  const found = await read()
  const asked = await askedBy(async () => assert.equal(await read(), found))
  assert.equal(Object.keys(asked), ['eth_getBlockByNumber'])
})

/** A node whose block 7 becomes another one, with another state. */
async function forkingNode() {
  const hashes = { a: `0x${'aa'.repeat(32)}`, b: `0x${'bb'.repeat(32)}` } as const
  const balances: Record<string, Hex> = { [hashes.a]: '0x1', [hashes.b]: '0x2' }
  const behaviour = { branch: 'a' as 'a' | 'b', turns: 0 }
  const named: unknown[] = []
  const server = await NodeServer.start((method, params) => {
    if (method === 'eth_getBlockByNumber' || method === 'eth_getBlockByHash') {
      const hash = hashes[behaviour.branch]
      // The chain is reorganised after the first answer.
      if (behaviour.turns-- === 1) behaviour.branch = 'b'
      return { number: '0x7', hash, parentHash: hash, stateRoot: hash }
    }
    const block = params.at(-1)
    named.push(block)
    const { blockHash } = typeof block === 'string' ? { blockHash: '' } : (block as never)
    if (method === 'eth_getBalance') return balances[blockHash || hashes[behaviour.branch]]
    if (method === 'eth_getTransactionCount') return '0x0'
    if (method === 'eth_getCode') return '0x'
    throw new Failure(-32601, 'no such method')
  })
  const balance = async (block: number | Hex = 7) => {
    await using state = stateAt(block, { url: server.url })
    return (await state.getAccount(`0x${'11'.repeat(20)}`))?.balance
  }
  return { server, behaviour, hashes, balance, named }
}

caches('never answers for another block of the same number', async () => {
  const { server, behaviour, hashes, balance, named } = await forkingNode()
  assert.is(await balance(), 1n)
  behaviour.branch = 'b'
  assert.is(await balance(), 2n)
  assert.is(await balance(hashes.a), 1n)
  behaviour.branch = 'a'
  assert.is(await balance(), 1n)
  assert.is(named.filter((block) => typeof block === 'string').length, 0)
  await server.stop()
})

caches('keeps nothing wrong where the chain is reorganised between two answers', async () => {
  const { server, behaviour, hashes, balance } = await forkingNode()
  behaviour.turns = 1
  assert.is(await balance(), 1n, 'of the block that the node named first')
  assert.is(behaviour.branch, 'b')
  assert.is(await balance(hashes.a), 1n)
  assert.is(await balance(), 2n)
  await server.stop()
})

caches('does not believe traces where traces are not to be believed', async () => {
  const { chain, engine, node } = subject
  node.alter = (trace) =>
    JSON.parse(JSON.stringify(trace), (key, value) => (key === 'balance' ? '0x1' : value))
  const fails = async () => {
    await using state = stateAt(3)
    return (await errorOf(engine.executeBlock(chain.blocks[3], { state }))).code
  }
  const first = await fails()
  assert.ok(['TX_INSUFFICIENT_FUNDS', 'BLOCK_FIELD_MISMATCH'].includes(first), first)
  await execute(3, { trace: false })
  assert.equal(await askedBy(() => execute(3, { trace: false }, true)), {})
  // What was asked for counts for more than what was traced.
  await execute(3)
})

caches('takes nothing unproved where it is to verify', async () => {
  const address: Hex = `0x${'11'.repeat(20)}`
  const { server } = await forkingNode()
  const read = async (options: Partial<RpcStateOptions>) => {
    await using state = stateAt(7, { url: server.url, ...options })
    return state.getAccount(address)
  }
  await read({})
  const error = await errorOf(read({ verify: true, retries: 0 }))
  assert.is(error.code, 'RPC_ERROR')
  await server.stop()
})

caches('says whose folder it is not', async () => {
  const { chain, engine } = subject
  const failing = async (path: string) => {
    await using state = stateAt(3, { cache: { path } })
    return (await errorOf(engine.executeBlock(chain.blocks[3], { state }))).code
  }
  const states = join(folder, 'state')
  await LmdbState.create(states, {})
  assert.is(await failing(states), 'STORE_VERSION')
  writeFileSync(join(folder, 'file'), '')
  assert.is(await failing(join(folder, 'file')), 'STORE_NOT_FOUND')
  assert.is(await failing(join(folder, 'no', 'folder')), 'STORE_NOT_FOUND')
  await execute(3)
  assert.is((await errorOf(LmdbState.open(join(folder, 'answers')))).code, 'STORE_EMPTY')
  const cases = [
    '',
    7,
    {},
    { path: '' },
    { path: folder, sizeLimit: 1000 },
    { path: folder, size: 1 },
  ]
  for (const cache of cases) {
    const error = await errorOf(() => stateAt(3, { cache } as never))
    assert.is(error.code, 'OPTION_INVALID', JSON.stringify(cache))
  }
})

caches('takes no more bytes than it may', async () => {
  const sizeLimit = 2 ** 22
  const cache = { path: join(folder, 'answers'), sizeLimit }
  for (let round = 0; round < 3; round++) {
    for (const index of subject.chain.blocks.keys()) await execute(index, { cache })
  }
  assert.ok(statSync(join(cache.path, 'data.mdb')).size <= sizeLimit)
})

/** Reads slots of a block without an end, in a process of its own; says when it has begun. */
function readingProcess(url: string, path: string): ChildProcess {
  const program = `
    import { RpcState } from ${JSON.stringify(join(root, 'build/lib/index.js'))}
    for (let slot = 0n; ; ) {
      const state = new RpcState({ url: ${JSON.stringify(url)}, block: 7, cache: ${JSON.stringify(path)} })
      try {
        for (let end = slot + 50n; slot < end; slot++) await state.getStorage('0x${'11'.repeat(20)}', slot)
        process.stdout.write('.')
      } catch (error) {
        if (error.code !== 'STORE_LOCKED') throw error
      }
      await state[Symbol.asyncDispose]()
    }`
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

caches('is open in one process at a time, and outlives its death', async () => {
  const hash = `0x${'aa'.repeat(32)}`
  let wrong = ''
  const server = await NodeServer.start((method, params) => {
    if (method === 'eth_getBlockByNumber') {
      return { number: '0x7', hash, parentHash: hash, stateRoot: hash }
    }
    if (method === 'eth_getStorageAt') return `0x${BigInt(params[1] as Hex).toString(16)}`
    wrong = method
    throw new Failure(-32601, 'no such method')
  })
  const path = join(folder, 'answers')
  const read = async (slots: number) => {
    await using state = stateAt(7, { url: server.url })
    for (let slot = 0; slot < slots; slot++) {
      const value = await state.getStorage(`0x${'11'.repeat(20)}`, slot)
      assert.is(BigInt(value), BigInt(slot))
    }
  }
  let wasLocked = false
  for (let kill = 0; kill < 4; kill++) {
    const child = readingProcess(server.url, path)
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    while (!wasLocked)
      wasLocked = (await errorOf(read(1)).catch(() => undefined))?.code === 'STORE_LOCKED'
    await new Promise((resolve) => setTimeout(resolve, 20 * kill))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    await read(200)
  }
  assert.ok(wasLocked)
  server.reset()
  await read(50)
  assert.equal(Object.fromEntries(server.asked), { eth_getBlockByNumber: 1 })
  assert.is(wrong, '')
  await server.stop()
})

caches.run()
