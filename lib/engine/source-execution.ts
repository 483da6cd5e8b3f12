/** Execution on a state that is known through a source, which is asked for what is missing. */

import { type KnownBlockHash, putBlockHashes } from '../block/input-context.js'
import { blockHashWindow } from '../chain/index.js'
import type { NativeResumableBlock } from '../native/addon.js'
import { PackedReader } from '../native/packed-reader.js'
import { align } from '../native/packed-writer.js'
import {
  AccessEntry,
  BlockHash,
  BlockInput,
  BlockOutput,
  ErrorCode,
  MissingKey,
  MissingKind,
  Transaction,
} from '../native/wire.js'
import type { StateAccess } from '../state/readable-state.js'
import type { SourceAccess } from '../state/source-access.js'
import { untilAborted, untilEnded } from './cancellation.js'
import { records } from './missing-keys.js'

/**
 * Executes a packed input on a state whose keys are loaded as they turn out to be missing. Where the
 * transaction whose turn it is needs one of them, the block is parked: what it needs is loaded together
 * with what those after it miss, and the block goes on. The first key that it needs was asked for on
 * facts alone, so each time brings it at least one step further.
 *
 * @param prepare makes a block of a packed input
 * @param signal ends the waiting for the source with `CANCELLED`, and is handed to it
 * @param whenKnown what is done with a block that succeeds, once all that it needs is known. Its input
 *   then has the hashes of ancestors that were loaded
 */
export function executeOnSource(
  state: Extract<StateAccess, { readonly kind: 'source' }>,
  input: Uint8Array,
  prepare: (input: Uint8Array) => NativeResumableBlock,
  signal: AbortSignal = new AbortController().signal,
  whenKnown?: (access: SourceAccess, input: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  return state.during(async (source) => {
    const access: SourceAccess = {
      seed: (packed) => untilAborted(source.seed(packed), signal),
      view: source.view,
      load: (needed, further) => untilAborted(source.load(needed, further), signal),
      blockHash: (number) => untilAborted(source.blockHash(number), signal),
    }
    const hashes = new BlockHashLoader(access)
    const seeds = await access.seed(input)
    for (let current = input; ; ) {
      const output = await executeInPieces(prepare(current), current, seeds, access, signal)
      const error = new PackedReader(output).u32(BlockOutput.error)
      if (error === ErrorCode.OK && whenKnown !== undefined) return whenKnown(access, current)
      if (error !== ErrorCode.STATE_MISSING_BLOCK_HASH) return output
      const known = await hashes.load(current, output)
      if (known === undefined) return output
      current = known
    }
  }, signal)
}

async function executeInPieces(
  block: NativeResumableBlock,
  input: Uint8Array,
  seeds: readonly Uint8Array[],
  access: SourceAccess,
  signal: AbortSignal,
): Promise<Uint8Array> {
  try {
    for (let isFirst = true; ; isFirst = false) {
      const view = access.view()
      const output = await untilEnded(block.advance(view), signal).finally(() => {
        // Closed, so that what is known can grow in place.
        view.takeMissing()
      })
      if (output !== null) return output
      const missing = Array.from(records(block.missing()), ([, record]) => record)
      const further = missing.splice(block.needed())
      if (isFirst) {
        const asked = [...missing, ...further]
        further.push(...notAmong(asked, [...promisedKeys(input, asked), ...seeds]))
      }
      await access.load(missing, further)
    }
  } finally {
    block.release()
  }
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
export function withBlockHashes(input: Uint8Array, added: readonly KnownBlockHash[]): Uint8Array {
  const all = [...blockHashes(input), ...added].sort((a, b) => (a.number < b.number ? -1 : 1))
  const first = align(input.length)
  const bytes = new Uint8Array(first + all.length * BlockHash.SIZE)
  bytes.set(input)
  putBlockHashes(bytes, new DataView(bytes.buffer), first, all)
  return bytes
}
