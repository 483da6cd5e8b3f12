/** Execution on a state that is known through a source: as many rounds as it takes. */

import { type KnownBlockHash, putBlockHashes } from '../block/input-context.js'
import { blockHashWindow } from '../chain/index.js'
import { PackedReader } from '../native/packed-reader.js'
import { align } from '../native/packed-writer.js'
import {
  AccessEntry,
  BlockFlag,
  BlockHash,
  BlockInput,
  BlockOutput,
  ErrorCode,
  MissingKey,
  MissingKind,
  Transaction,
  TransactionFlag,
} from '../native/wire.js'
import type { StateAccess } from '../state/readable-state.js'
import type { SourceAccess } from '../state/source-access.js'
import { untilAborted } from './cancellation.js'
import { type Execute, records } from './missing-keys.js'
import { scout } from './scouting.js'

/** Errors that no state has to do with: they end the execution whatever is missing. */
export const finalErrors: ReadonlySet<number> = new Set([
  ErrorCode.INPUT_MALFORMED,
  ErrorCode.UNSUPPORTED_REVISION,
  ErrorCode.VM_INTERNAL_ERROR,
  ErrorCode.CANCELLED,
  ErrorCode.OUT_OF_MEMORY,
  ErrorCode.THREAD_UNAVAILABLE,
])

/**
 * Executes a packed input on a state whose keys are loaded as they turn out to be missing, and gives
 * the output of the run that missed nothing. Every round loads what the one before asked for in vain;
 * the first such key in the order of execution was asked for on facts alone, so each round brings
 * the facts at least one step further.
 *
 * @param signal ends the waiting for the source with `CANCELLED`, and is handed to it
 */
export function executeOnSource(
  state: Extract<StateAccess, { readonly kind: 'source' }>,
  input: Uint8Array,
  execute: Execute,
  signal: AbortSignal = new AbortController().signal,
): Promise<Uint8Array> {
  return state.during(async (source) => {
    const access: SourceAccess = {
      isNear: source.isNear,
      seed: (packed) => untilAborted(source.seed(packed), signal),
      view: source.view,
      load: (needed, further) => untilAborted(source.load(needed, further), signal),
      blockHash: (number) => untilAborted(source.blockHash(number), signal),
    }
    const hashes = new BlockHashLoader(access)
    let current = input
    let mostMissing = 0
    let hasScouted = !access.isNear
    const seeds = await access.seed(input)
    for (let round = 0; ; round++) {
      const { output, missing, further } = await runRound(access, current, execute)
      if (round === 0) {
        const asked = [...missing, ...further]
        further.push(...notAmong(asked, [...promisedKeys(current, asked), ...seeds]))
      }
      const error = new PackedReader(output).u32(BlockOutput.error)
      if (finalErrors.has(error)) return output
      const known =
        error === ErrorCode.STATE_MISSING_BLOCK_HASH
          ? await hashes.load(current, output)
          : undefined
      if (missing.length === 0 && known === undefined) return output
      if (missing.length > 0) await access.load(missing, further)
      current = known ?? current
      // Where few keys are missing yet, few transactions still miss any.
      mostMissing = Math.max(mostMissing, missing.length)
      if (!hasScouted && missing.length < mostMissing / 2) {
        hasScouted = true
        await scout(trustingInput(current), access, execute)
      }
    }
  }, signal)
}

interface Round {
  readonly output: Uint8Array
  /** What the run missed: where it is anything, the output rests on guesses. */
  readonly missing: Uint8Array[]
  /** What else the block may need. */
  readonly further: Uint8Array[]
}

/**
 * One run, and what it missed. A run that an error ended on guesses may have seen little of the
 * block: another one, with the nonces and balances of senders taken on trust, looks further.
 */
async function runRound(access: SourceAccess, input: Uint8Array, execute: Execute): Promise<Round> {
  const view = access.view()
  const output = await execute(view, input)
  const missing = new Map(records(view.takeMissing()))
  const further = new Map<string, Uint8Array>()
  const error = new PackedReader(output).u32(BlockOutput.error)
  if (missing.size > 0 && error !== ErrorCode.OK && !finalErrors.has(error)) {
    const trusting = access.view()
    await execute(trusting, trustingInput(input))
    for (const [key, record] of records(trusting.takeMissing())) {
      if (!missing.has(key)) further.set(key, record)
    }
  }
  return { output, missing: [...missing.values()], further: [...further.values()] }
}

/** The slots that access lists name of accounts which nothing is known of yet: they will be read. */
function promisedKeys(input: Uint8Array, asked: readonly Uint8Array[]): Uint8Array[] {
  const addressOf = (bytes: Uint8Array): string => new PackedReader(bytes).hex(0, 20)
  const fresh = new Set(
    asked
      .filter((key) => new PackedReader(key).u32(MissingKey.kind) === MissingKind.Account)
      .map((key) => addressOf(key.subarray(MissingKey.address))),
  )
  const promised = new Map<string, Uint8Array>()
  const packed = new PackedReader(input)
  const keys = packed.sectionOffset(BlockInput.storageKeys)
  const first = packed.sectionOffset(BlockInput.accessEntries)
  const end = first + packed.sectionCount(BlockInput.accessEntries) * AccessEntry.SIZE
  for (let at = first; at < end; at += AccessEntry.SIZE) {
    const address = packed.slice(at + AccessEntry.address, 20)
    if (!fresh.has(addressOf(address))) continue
    const start = keys + 32 * packed.u32(at + AccessEntry.keyStart)
    const keysEnd = start + 32 * packed.u32(at + AccessEntry.keyCount)
    for (let key = start; key < keysEnd; key += 32) {
      const record = Buffer.alloc(MissingKey.SIZE)
      record.set(address, MissingKey.address)
      record.writeUInt32LE(MissingKind.Slot, MissingKey.kind)
      record.set(packed.slice(key, 32), MissingKey.key)
      promised.set(record.toString('latin1'), record)
    }
  }
  return [...promised.values()]
}

/** The keys that are not asked for yet, each once. */
function notAmong(asked: readonly Uint8Array[], keys: readonly Uint8Array[]): Uint8Array[] {
  const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1')
  const further = new Map(keys.map((key) => [nameOf(key), key]))
  for (const key of asked) further.delete(nameOf(key))
  return [...further.values()]
}

/**
 * The input with nothing in it that fails for want of an account.
 * @internal
 */
export function trustingInput(input: Uint8Array): Uint8Array {
  const trusting = new Uint8Array(input)
  const view = new DataView(trusting.buffer)
  const flags = view.getUint32(BlockInput.flags, true)
  view.setUint32(BlockInput.flags, flags | BlockFlag.ForgiveMissingSystemContracts, true)
  addTransactionFlags(trusting, TransactionFlag.SkipNonceCheck | TransactionFlag.SkipBalanceCheck)
  return trusting
}

/** Adds flags to every transaction of a packed input. */
export function addTransactionFlags(input: Uint8Array, flags: number): void {
  const packed = new PackedReader(input)
  const first = packed.sectionOffset(BlockInput.transactions)
  const end = first + packed.sectionCount(BlockInput.transactions) * Transaction.SIZE
  for (let at = first; at < end; at += Transaction.SIZE) input[at + Transaction.flags] |= flags
}

/** Loads the hashes of ancestors that a block asks for. */
class BlockHashLoader {
  readonly #access: SourceAccess
  #misses = 0

  constructor(access: SourceAccess) {
    this.#access = access
  }

  /**
   * The input with the hash that an output says is missing; undefined where the source does not give
   * it. Who asks for several asks for many: the third time all are loaded.
   */
  async load(input: Uint8Array, output: Uint8Array): Promise<Uint8Array | undefined> {
    const known = new Set(blockHashes(input).map(({ number }) => number))
    const asked = new PackedReader(output).u256(BlockOutput.errorExpected)
    if (known.has(asked)) return undefined
    const numbers = [asked]
    if (++this.#misses > 2) {
      const current = new PackedReader(input).u64(BlockInput.number)
      for (let number = current - 1n; number >= 0n; number--) {
        if (number < current - BigInt(blockHashWindow)) break
        if (number !== asked && !known.has(number)) numbers.push(number)
      }
    }
    const loaded = await Promise.all(
      numbers.map(async (number) => ({ number, hash: await this.#access.blockHash(number) })),
    )
    if (loaded[0].hash === undefined) return undefined
    const given = loaded.flatMap(({ number, hash }) =>
      hash === undefined ? [] : [{ number, hash }],
    )
    return withBlockHashes(input, given)
  }
}

function blockHashes(input: Uint8Array): KnownBlockHash[] {
  const packed = new PackedReader(input)
  const first = packed.sectionOffset(BlockInput.blockHashes)
  const length = packed.sectionCount(BlockInput.blockHashes)
  return Array.from({ length }, (_, i) => {
    const at = first + i * BlockHash.SIZE
    return { number: packed.u64(at + BlockHash.number), hash: packed.hex(at + BlockHash.hash, 32) }
  })
}

/** A copy of the input that knows more hashes: the section with all of them lies at its end. */
function withBlockHashes(input: Uint8Array, added: readonly KnownBlockHash[]): Uint8Array {
  const all = [...blockHashes(input), ...added].sort((a, b) => (a.number < b.number ? -1 : 1))
  const first = align(input.length)
  const bytes = new Uint8Array(first + all.length * BlockHash.SIZE)
  bytes.set(input)
  putBlockHashes(bytes, new DataView(bytes.buffer), first, all)
  return bytes
}
