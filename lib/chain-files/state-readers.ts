/** Accounts out of genesis files, geth's dumps and reth's `init-state` files. */

import { checkOptions, isRecord } from '../arguments.js'
import type { Hex } from '../hex/index.js'
import {
  type AccountMembers,
  type AccountRecord,
  addressOf,
  addSlot,
  type Complain,
  lastOf,
  partOf,
  recordsOf,
  slotsPerRecord,
} from './account-record.js'
import {
  ByteInput,
  type ByteSource,
  checkByteSource,
  ProgressCounter,
  type ReadOptions,
} from './byte-input.js'
import { JsonInput } from './json-input.js'
import { stateCodes } from './state-codes.js'

/** What a file of accounts begins with, and the accounts, which can be read once. */
export interface AccountFile {
  /** The root that the file states; undefined where it states none. */
  readonly stateRoot: Hex | undefined
  /** The accounts. */
  readonly accounts: AsyncIterable<AccountRecord>
}

/** Addresses are compared with so many that came before: about 100 MB of them. */
export const addressesRemembered = 1_048_576

/** Accounts of more bytes are walked through slot by slot. */
const largeAccount = 1 << 22

/**
 * The accounts of a genesis file (its `alloc`), or of an object of accounts by address. In memory are one
 * account of at most 4 MiB, or 65,536 slots of a larger one, and the addresses of the first 1,048,576 accounts: one
 * that comes again is `STATE_MALFORMED`. Later ones are compared with these alone.
 *
 * @throws StateError while iterating: `STATE_MALFORMED` with file, line, byte and account,
 *   `STATE_FILE_TRUNCATED`, `STATE_FILE_DAMAGED`, `STATE_UNAVAILABLE`
 * @throws AbortError `CANCELLED`
 */
export async function* readAlloc(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<AccountRecord, void, void> {
  const { json, close } = await open(source, options)
  yield* distinct(allocAccounts(json), json, close)
}

async function* allocAccounts(json: JsonInput): Batches {
  await json.enter()
  let isAlloc = true
  let foundAlloc = false
  for (let name = await json.key(); name !== undefined; name = await json.key()) {
    if (name === 'alloc') {
      isAlloc = foundAlloc = true
      yield* accountsByAddress(json)
    } else if (!isAddress(name)) {
      // A member of a genesis file, which must have its accounts, too.
      isAlloc = foundAlloc
      await json.skip()
    } else {
      yield* accountAt(json, name)
    }
  }
  if (!isAlloc) throw json.malformed('accounts by address, or a genesis file with alloc')
  await json.end()
}

/**
 * Reads what `geth dump` writes: one object with `root` and `accounts`, or, of `geth dump --iterative`,
 * lines of one account each behind a line with the root. Dumps made without code, storage or preimages
 * are `STATE_MALFORMED`.
 *
 * @throws StateError as {@link readAlloc}
 */
export async function readGethDump(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<AccountFile> {
  const { json, close } = await open(source, options)
  return closingAtFailure(close, async () => {
    await json.enter()
    let stateRoot: Hex | undefined
    for (let name = await json.key(); name !== undefined; name = await json.key()) {
      if (name === 'root') stateRoot = rootOf(json, await json.value())
      else if (name !== 'accounts') await json.skip()
      // The accounts are read by whoever iterates.
      else return { stateRoot, accounts: distinct(accountsThenEnd(json), json, close) }
    }
    return { stateRoot, accounts: distinct(accountLines(json), json, close) }
  })
}

/**
 * Reads the lines that `reth init-state` takes: `{"root"}`, then an account in each.
 *
 * @throws StateError as {@link readAlloc}
 */
export async function readInitState(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<AccountFile> {
  const { json, close } = await open(source, options)
  return closingAtFailure(close, async () => {
    const first = await json.value()
    const root = isRecord(first) ? first.root : undefined
    const stateRoot = rootOf(json, root)
    return { stateRoot, accounts: distinct(accountLines(json), json, close) }
  })
}

async function open(source: ByteSource, options: ReadOptions) {
  checkOptions(options, { signal: true, onProgress: true })
  checkByteSource(source, 'source')
  const progress = await ProgressCounter.of([source], options, stateCodes)
  const input = new ByteInput(source, options, stateCodes, progress)
  return { json: new JsonInput(input), close: () => input.close() }
}

async function closingAtFailure<Value>(close: () => Promise<void>, run: () => Promise<Value>) {
  try {
    return await run()
  } catch (error) {
    await close()
    throw error
  }
}

/** Accounts as they are read, several at a time. */
type Batches = AsyncGenerator<readonly AccountRecord[], void, void>

/** Accounts, none of which may come again; closes the file behind them. */
async function* distinct(
  batches: Batches,
  json: JsonInput,
  close: () => Promise<void>,
): AsyncGenerator<AccountRecord, void, void> {
  const seen = new Set<Hex>()
  let open: Hex | undefined
  try {
    for await (const accounts of batches) {
      for (const account of accounts) {
        const { address, more } = account
        if (address !== open && seen.has(address)) {
          throw json.malformed('distinct accounts', { address, actual: 'one that came before' })
        }
        if (seen.size < addressesRemembered) seen.add(address)
        open = more ? address : undefined
        yield account
      }
    }
  } finally {
    await close()
  }
}

async function* accountsThenEnd(json: JsonInput): Batches {
  yield* accountsByAddress(json)
  for (let name = await json.key(); name !== undefined; name = await json.key()) await json.skip()
  await json.end()
}

async function* accountsByAddress(json: JsonInput): Batches {
  const complain = complainOf(json)
  await json.enter()
  for (;;) {
    yield* batchOf(() => {
      const member = json.memberNow(largeAccount, isAddress)
      if (member === undefined) return undefined
      return recordsOf(addressOf(member.name, complain), member.value as AccountMembers, complain)
    })
    // The end, what the window does not hold yet, and whatever is wrong.
    const name = await json.key()
    if (name === undefined) return
    yield* accountAt(json, name)
  }
}

async function* accountLines(json: JsonInput): Batches {
  const complain = complainOf(json)
  const records = (account: unknown) => {
    if (!isRecord(account)) throw complain('an account', {})
    return recordsOf(addressOf(account.address, complain), account, complain)
  }
  while (!(await json.atEnd())) {
    yield* batchOf(() => {
      const account = json.lineNow()
      return account === undefined ? undefined : records(account)
    })
    if (!(await json.atEnd())) yield records(await json.value())
  }
}

/** Most accounts that are read before the first of them is given on. */
const largestBatch = 256

/** What can be had at once: for as long as there is something. What fails comes behind what was read before. */
function* batchOf(
  next: () => Iterable<AccountRecord> | undefined,
): Generator<readonly AccountRecord[], void, void> {
  for (;;) {
    const batch: AccountRecord[] = []
    try {
      while (batch.length < largestBatch) {
        const records = next()
        if (records === undefined) break
        for (const record of records) batch.push(record)
      }
    } catch (error) {
      if (batch.length > 0) yield batch
      throw error
    }
    if (batch.length > 0) yield batch
    if (batch.length < largestBatch) return
  }
}

async function* accountAt(json: JsonInput, name: string): Batches {
  const complain = complainOf(json)
  const address = addressOf(name, complain)
  if (!(await json.isObject())) throw complain('an object', { address })
  const small = await json.smallValue(largeAccount)
  if (small !== undefined) {
    for (const record of recordsOf(address, small.value as AccountMembers, complain)) yield [record]
    return
  }
  const account: Record<string, unknown> = {}
  let storage = new Map<Hex, Hex>()
  await json.enter()
  for (let member = await json.key(); member !== undefined; member = await json.key()) {
    if (member !== 'storage') {
      account[member] = await json.value()
      continue
    }
    account.storage = {}
    await json.enter()
    for (let slot = await json.key(); slot !== undefined; slot = await json.key()) {
      if (storage.size === slotsPerRecord) {
        yield [partOf(address, storage)]
        storage = new Map()
      }
      addSlot(storage, address, slot, await json.value(), complain)
    }
  }
  yield [lastOf(address, account, storage, complain)]
}

function complainOf(json: JsonInput): Complain {
  return (expected, details) => json.malformed(expected, details)
}

function isAddress(name: string): boolean {
  return /^(0x)?[0-9a-fA-F]{40}$/.test(name)
}

/** geth writes the root without the prefix. */
function rootOf(json: JsonInput, value: unknown): Hex {
  const digits = typeof value === 'string' ? value.replace(/^0x/, '').toLowerCase() : ''
  if (!/^[0-9a-f]{64}$/.test(digits)) throw json.malformed('a root', { field: 'root' })
  return `0x${digits}`
}
