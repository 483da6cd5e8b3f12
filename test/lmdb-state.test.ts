/** The state that lasts: what the contract of states does not say of it. */

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  Engine,
  type Hex,
  isBraidError,
  type LmdbImportProgress,
  LmdbState,
  type LoadableAccount,
  MemoryState,
} from '../lib/index.js'
import { braid } from './support/braid-command.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'

const lasting = suite('lasting states')

const folders: string[] = []
lasting.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'braid-lmdb-'))
  folders.push(folder)
  return folder
}

async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call()
    return 'ok'
  } catch (error) {
    if (isBraidError(error)) return error.code
    throw error
  }
}

const chainOf = (seed: number, blocks = 8, firstFork = 'shanghai') =>
  buildChain(generateChain({ seed, blocks, blocksPerFork: 4, firstFork }))

async function importOn(state: LmdbState, chain: BuiltChain, from: number, to: number) {
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  const parent = chain.headers[from]
  assert.ok(parent)
  const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
  let roots = 0
  const blocks = chain.blocks.slice(from, to)
  const options = { state, parent, blockHashes, transactionRoots: true }
  for await (const result of engine.executeBlocks(blocks, options)) {
    assert.is(result.stateRoot, result.header.stateRoot)
    roots++
  }
  assert.is(roots, blocks.length)
  engine.close()
}

/** Everything in a state, by address. */
async function contentOf(state: LmdbState | MemoryState): Promise<unknown> {
  const accounts: [string, unknown][] = []
  for await (const { storage, ...account } of state.dump()) {
    accounts.push([account.address, { ...account, storage: [...storage].sort() }])
  }
  return Object.fromEntries(accounts.sort(([a], [b]) => (a < b ? -1 : 1)))
}

for (const firstFork of ['homestead', 'istanbul', 'cancun']) {
  lasting(`is what it was when it is opened again, from ${firstFork} on`, async () => {
    const chain = await chainOf(61, 8, firstFork)
    const folder = newFolder()
    const { number, hash } = chain.genesis
    const root = await LmdbState.create(folder, chain.alloc, { head: { number, hash } })
    assert.is(root, chain.genesis.stateRoot)
    const memory = new MemoryState(chain.alloc, { trie: true })
    for (const [from, to] of [
      [0, 3],
      [3, 4],
      [4, 8],
    ] as const) {
      const state = await LmdbState.open(folder, { batch: 3 })
      assert.is(state.root, chain.headers[from]?.stateRoot)
      assert.is(state.head?.hash, chain.headers[from]?.hash)
      await importOn(state, chain, from, to)
      await state[Symbol.asyncDispose]()
    }
    const engine = await Engine.create({ common: commonOf(chain.recipe) })
    const blockHashes = new Map(chain.headers.map((header) => [header.number, header.hash]))
    const options = { state: memory, parent: chain.genesis, blockHashes }
    for await (const _ of engine.executeBlocks(chain.blocks, options));
    engine.close()
    const state = await LmdbState.open(folder)
    assert.equal(await contentOf(state), await contentOf(memory))
    const check = await state.check()
    assert.is(check.problem, undefined)
    assert.is(check.root, memory.root)
    assert.is(check.accounts, memory.accountCount)
    // Taken back by another process than the one that committed.
    await state.revert(chain.headers[2])
    assert.is(state.root, chain.headers[2]?.stateRoot)
    assert.is((await state.check()).problem, undefined)
    await importOn(state, chain, 2, 8)
    assert.equal(await contentOf(state), await contentOf(memory))
    await state[Symbol.asyncDispose]()
  })
}

lasting('a block that differs leaves it as it was', async () => {
  const chain = await chainOf(62)
  const folder = newFolder()
  await LmdbState.create(folder, chain.alloc)
  await using state = await LmdbState.open(folder)
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
  const bad = Uint8Array.from(chain.blocks[3] as Uint8Array)
  const root = Buffer.from((chain.headers[4]?.stateRoot ?? '').slice(2), 'hex')
  const at = Buffer.from(bad).indexOf(root)
  bad[at] = (bad[at] ?? 0) ^ 1
  const blocks = [...chain.blocks.slice(0, 3), bad, ...chain.blocks.slice(4)]
  const options = { state, parent: chain.genesis, blockHashes }
  let count = 0
  const code = await codeOf(async () => {
    for await (const _ of engine.executeBlocks(blocks, options)) count++
  })
  assert.is(code, 'BLOCK_FIELD_MISMATCH')
  assert.is(count, 3)
  assert.is(state.root, chain.headers[3]?.stateRoot)
  assert.is(state.undoable, 3)
  await importOn(state, chain, 3, 8)
  engine.close()
})

const alloc: Alloc = { [`0x${'11'.repeat(20)}`]: { balance: 7n, storage: { '0x1': 5 } } }

lasting('is made once, of what it is said to be', async () => {
  const folder = newFolder()
  assert.is(await codeOf(() => LmdbState.open(join(folder, 'none'))), 'STORE_NOT_FOUND')
  const root = `0x${'12'.repeat(32)}` as const
  assert.is(await codeOf(() => LmdbState.create(folder, alloc, { root })), 'STORE_WRONG_ROOT')
  assert.ok(['STORE_EMPTY', 'STORE_NOT_FOUND'].includes(await codeOf(() => LmdbState.open(folder))))
  async function* broken(): AsyncIterable<Alloc> {
    yield alloc
    throw new Error('the source broke')
  }
  try {
    await LmdbState.create(folder, broken())
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'the source broke')
  }
  async function* twice(): AsyncIterable<Alloc> {
    yield alloc
    yield alloc
  }
  assert.is(await codeOf(() => LmdbState.create(folder, twice())), 'STATE_MALFORMED')
  const right = new MemoryState(alloc, { trie: true }).root
  assert.ok(right)
  assert.is(await LmdbState.create(folder, alloc, { root: right }), right)
  assert.is(await codeOf(() => LmdbState.create(folder, alloc)), 'STORE_EXISTS')
  const first = await LmdbState.open(folder)
  assert.is(await codeOf(() => LmdbState.open(folder)), 'STORE_LOCKED')
  await first[Symbol.asyncDispose]()
  assert.is(await codeOf(() => first.getAccount(`0x${'11'.repeat(20)}`)), 'STATE_CLOSED')
  const readers = await Promise.all([1, 2].map(() => LmdbState.open(folder, { readOnly: true })))
  assert.is(await codeOf(() => LmdbState.open(folder)), 'STORE_LOCKED')
  for (const reader of readers) {
    assert.is(BigInt(reader.getStorage(`0x${'11'.repeat(20)}`, 1n)), 5n)
    await reader[Symbol.asyncDispose]()
  }
})

lasting('a commit that cannot be written has not happened', async () => {
  const chain = await chainOf(64)
  const folder = newFolder()
  await LmdbState.create(folder, chain.alloc)
  const whole = await LmdbState.open(folder)
  const { fileBytes } = whole.size
  await whole[Symbol.asyncDispose]()
  await using state = await LmdbState.open(folder, { sizeLimit: fileBytes + 4096 })
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
  const before = new MemoryState(chain.alloc)
  let code = 'ok'
  for (const block of chain.blocks) {
    const result = await engine.executeBlock(block, { state, blockHashes })
    const { head, root, undoable } = state
    code = await codeOf(() => state.commit(result))
    if (code === 'ok') {
      before.commit(result)
      continue
    }
    assert.is(code, 'STORE_SIZE_LIMIT')
    assert.equal(state.head, head)
    assert.is(state.root, root)
    assert.is(state.undoable, undoable)
    for (const { address, balance, nonce } of before.dump()) {
      const account = state.getAccount(address)
      assert.is(`${account?.balance} ${account?.nonce}`, `${balance} ${nonce}`)
    }
    // What cannot be written now is as right as before.
    assert.is((await engine.executeBlock(block, { state, blockHashes })).verify().length, 0)
    break
  }
  assert.is(code, 'STORE_SIZE_LIMIT')
  engine.close()
})

for (const firstFork of ['homestead', 'cancun']) {
  lasting(`nobody sees a block whose root is only computed, from ${firstFork} on`, async () => {
    const chain = await chainOf(65, 4, firstFork)
    const folder = newFolder()
    await LmdbState.create(folder, chain.alloc)
    await using state = await LmdbState.open(folder)
    const engine = await Engine.create({ common: commonOf(chain.recipe) })
    const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
    const [first] = chain.blocks
    assert.ok(first)
    const execution = { state, blockHashes, transactionRoots: true }
    const result = await engine.executeBlock(first, execution)
    const changed = [...result.stateDiff].find(({ balance }) => balance.before !== balance.after)
    assert.ok(changed)
    let isRunning = true
    const again = engine.executeBlock(first, execution).finally(() => {
      isRunning = false
    })
    let looks = 0
    while (isRunning) {
      const snapshot = state.snapshot()
      const account = await snapshot.getAccount(changed.address)
      assert.is(`${account?.balance ?? 0n}`, `${changed.balance.before}`)
      assert.is(`${state.getAccount(changed.address)?.balance ?? 0n}`, `${changed.balance.before}`)
      await snapshot[Symbol.asyncDispose]()
      looks++
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal((await again).verify().length, 0)
    assert.ok(looks > 0)
    engine.close()
  })
}

lasting('roots after transactions are not had on the JavaScript thread', async () => {
  const chain = await chainOf(66, 2, 'homestead')
  const folder = newFolder()
  await LmdbState.create(folder, chain.alloc)
  await using state = await LmdbState.open(folder)
  const engine = await Engine.create({ common: commonOf(chain.recipe) })
  const [first] = chain.blocks
  assert.ok(first)
  const options = { state, transactionRoots: true }
  assert.is(await codeOf(() => engine.executeBlockSync(first, options)), 'OPTION_INVALID')
  assert.is(state.root, chain.genesis.stateRoot)
  await importOn(state, chain, 0, 2)
  engine.close()
})

lasting('damaged files are told, and nothing else happens', async () => {
  for (const [damage, codes] of [
    [(path: string) => truncateSync(path, 100), ['STORE_CORRUPT', 'STORE_VERSION', 'STORE_IO']],
    [(path: string) => writeFileSync(path, 'not a store'), ['STORE_CORRUPT', 'STORE_VERSION']],
    [
      (path: string) => {
        const bytes = readFileSync(path)
        truncateSync(path, bytes.length - 8192)
      },
      ['STORE_CORRUPT'],
    ],
    [
      (path: string) => {
        const bytes = readFileSync(path)
        for (const meta of [0, 4096]) bytes.writeUInt16LE(3, meta + 28)
        writeFileSync(path, bytes)
      },
      ['STORE_VERSION'],
    ],
  ] as const) {
    const folder = newFolder()
    await LmdbState.create(folder, alloc)
    damage(join(folder, 'data.mdb'))
    const code = await codeOf(() => LmdbState.open(folder))
    assert.ok((codes as readonly string[]).includes(code), code)
  }
})

const addressOf = (i: number): Hex => `0x${i.toString(16).padStart(40, '0')}`

/** So many accounts that their table has several levels, in parts. */
async function* manyAccounts(count = 8000): AsyncIterable<Alloc> {
  for (let i = 0; i < count; i += 1000) {
    const part = Array.from({ length: 1000 }, (_, j) => i + j)
    yield Object.fromEntries(part.map((n) => [addressOf(n), { balance: n, storage: { 1: n } }]))
  }
}

lasting('the structure of a file is checked where that is asked for', async () => {
  const folder = newFolder()
  await LmdbState.create(folder, manyAccounts())
  const file = join(folder, 'data.mdb')
  const whole = readFileSync(file)
  await using checked = await LmdbState.open(folder, { check: true })
  assert.is((await checked.check()).problem, undefined)
  await checked[Symbol.asyncDispose]()
  // The bounds of the free space of a leaf, as LMDB has them, somewhere in the middle.
  let damaged = 0
  for (let page = 40; page < 60; page++) {
    const bytes = Buffer.from(whole)
    if (bytes.readUInt16LE(page * 4096 + 18) !== 2) continue
    bytes[page * 4096 + 21] ^= 0x10
    writeFileSync(file, bytes)
    damaged++
    assert.is(await codeOf(() => LmdbState.open(folder, { check: true })), 'STORE_CORRUPT')
    const state = await LmdbState.open(folder)
    const { problem, root } = await state.check()
    assert.is(problem, 'the structure of the file is damaged')
    assert.is(root, undefined)
    await state[Symbol.asyncDispose]()
    if (damaged > 1) continue
    const told = braid(['state', folder, '--check'])
    assert.is(told.status, 2)
    assert.match(told.stderr, /STORE_CORRUPT/)
  }
  assert.ok(damaged > 10)
})

/** An account in parts, which fill several batches, between others. */
function* accountsInParts(parts = 3, slots = 12_000): Iterable<LoadableAccount> {
  const one = { nonce: 1n, balance: 7n, code: undefined, storage: new Map<Hex, Hex>() }
  yield { ...one, address: addressOf(1) }
  for (let part = 0; part < parts; part++) {
    const numbers = Array.from({ length: slots }, (_, i) => BigInt(part * slots + i + 1))
    const storage = new Map(numbers.map((slot) => [quantityOf(slot), quantityOf(slot * 3n)]))
    const more = part < parts - 1
    const rest = { ...one, code: '0x5b00' as const, nonce: 9n }
    yield {
      ...(more ? { ...one, nonce: 0n, balance: 0n } : rest),
      storage,
      more,
      address: addressOf(2),
    }
  }
  yield { ...one, address: addressOf(3), balance: 8n }
}

const quantityOf = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`

lasting('accounts that come one by one make the state that they make in memory', async () => {
  const memory = await MemoryState.load(accountsInParts(), { trie: true })
  const [first, second] = [newFolder(), newFolder()]
  const heard: LmdbImportProgress[] = []
  const onProgress = (progress: LmdbImportProgress) => void heard.push(progress)
  assert.is(
    await LmdbState.load(first, accountsInParts(), { root: memory.root, onProgress }),
    memory.root,
  )
  assert.equal(heard.at(-1), { added: 36_003, written: 36_003 })
  await using state = await LmdbState.open(first)
  assert.equal(state.getAccount(addressOf(2)), memory.getAccount(addressOf(2)))
  assert.is(state.getStorage(addressOf(2), 36_000n), quantityOf(108_000n))
  assert.is(await LmdbState.load(second, state.dump()), memory.root)
  assert.is(await LmdbState.load(newFolder(), memory.dump()), memory.root)
})

lasting('accounts that come one by one and are not right leave no state', async () => {
  const folder = newFolder()
  const [one, two] = [...accountsInParts(2, 20_000)]
  assert.ok(one && two)
  const load = (accounts: unknown, options = {}) =>
    codeOf(() => LmdbState.load(folder, accounts as never, options))
  for (const wrong of [
    [one, two],
    [two, one],
    [one, one],
    [{ ...one, code: undefined, codeHash: `0x${'12'.repeat(32)}` }],
    [{ ...one, storage: {} }],
    [null],
    7,
  ]) {
    assert.is(await load(wrong), 'STATE_MALFORMED')
    assert.is(await codeOf(() => LmdbState.open(folder)), 'STORE_NOT_FOUND')
  }
  assert.is(await load([one], { onProgress: 7 }), 'OPTION_INVALID')
  const onProgress = () => {
    throw new Error('enough')
  }
  let failure: unknown
  await LmdbState.load(folder, accountsInParts(), { onProgress }).catch((error) => {
    failure = error
  })
  assert.is((failure as Error).message, 'enough')
})

lasting('a record that is damaged is no account, and no missing one', async () => {
  const folder = newFolder()
  const address = `0x${'11'.repeat(20)}`
  await LmdbState.create(folder, { [address]: { balance: 7n, storage: { '0x1': 5 } } })
  const file = join(folder, 'data.mdb')
  const bytes = readFileSync(file)
  // Behind its flags and the sizes of nonce and balance are balance and storage's root and count, then the address.
  const at = bytes.lastIndexOf(Buffer.from('11'.repeat(20), 'hex')) - 40 - 1 - 3
  assert.equal([...bytes.subarray(at, at + 4)], [6, 0, 1, 7])
  bytes[at] = 0xff
  writeFileSync(file, bytes)
  await using state = await LmdbState.open(folder)
  assert.is(await codeOf(() => state.getAccount(address)), 'STORE_CORRUPT')
  assert.ok((await state.check()).problem)
})

lasting('an import that sorts in little memory gives the same', async () => {
  const roots: string[] = []
  for (const memory of [undefined, 1 << 20]) {
    const folder = newFolder()
    roots.push(await LmdbState.create(folder, manyAccounts(), { memory }))
    assert.equal(readdirSync(folder).sort(), ['braid.lock', 'data.mdb', 'lock.mdb'])
    await using state = await LmdbState.open(folder)
    assert.is((await state.check()).problem, undefined)
    assert.is(state.getAccount(addressOf(7777))?.balance, 7777n)
  }
  assert.is(roots[0], roots[1])
  for (const memory of [0, 1000, '2000000']) {
    const code = await codeOf(() => LmdbState.create(newFolder(), {}, { memory } as never))
    assert.is(code, 'OPTION_INVALID')
  }
})

lasting('a dump that has ended, early or not, lets go of the folder', async () => {
  const folder = newFolder()
  await LmdbState.create(folder, { ...alloc, [`0x${'22'.repeat(20)}`]: { balance: 8n } })
  for (const count of [1, 2]) {
    const state = await LmdbState.open(folder)
    let seen = 0
    for await (const { address } of state.dump()) {
      assert.is(address.length, 42)
      if (++seen === count) break
    }
    assert.is(seen, count)
    const all = state.dump()
    while (!(await all.next()).done);
    await state[Symbol.asyncDispose]()
    const again = await LmdbState.open(folder)
    await again[Symbol.asyncDispose]()
  }
})

lasting('copies itself while it is in use, and grows no further than it may', async () => {
  const chain = await chainOf(63)
  const folder = newFolder()
  await LmdbState.create(folder, chain.alloc)
  const state = await LmdbState.open(folder)
  await importOn(state, chain, 0, 4)
  const copy = join(folder, 'copy')
  mkdirSync(copy)
  await state.copyTo(copy)
  assert.is(await codeOf(() => state.copyTo(copy)), 'STORE_EXISTS')
  assert.is(await codeOf(() => state.copyTo(join(folder, 'none'))), 'STORE_NOT_FOUND')
  await importOn(state, chain, 4, 8)
  await using other = await LmdbState.open(copy)
  assert.is(other.root, chain.headers[4]?.stateRoot)
  await importOn(other, chain, 4, 8)
  assert.is(other.root, state.root)
  await state[Symbol.asyncDispose]()
})

lasting('refuses options that make no sense', async () => {
  const folder = newFolder()
  for (const options of [
    { batch: 0 },
    { batch: 1.5 },
    { cache: -1 },
    { history: '3' },
    { readOnly: 1 },
    { check: 'yes' },
    { unknown: true },
  ]) {
    assert.is(await codeOf(() => LmdbState.open(folder, options as never)), 'OPTION_INVALID')
  }
  for (const path of ['', 5, 'a\0b']) {
    assert.is(await codeOf(() => LmdbState.open(path as never)), 'OPTION_INVALID')
  }
})

lasting.run()
