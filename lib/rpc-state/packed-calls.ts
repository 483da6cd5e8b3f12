/** The transactions of a packed input as JSON-RPC takes calls. */

import { type Hex, quantity } from '../hex/index.js'
import { keccak256, recoverAddresses } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { AccessEntry, BlockInput, Transaction, TransactionFlag } from '../native/wire.js'

/** A transaction as `eth_createAccessList` takes it, without prices: they change nothing that it reads. */
export interface RpcCall {
  readonly from: Hex
  readonly to?: Hex
  readonly gas: Hex
  readonly value: Hex
  readonly input: Hex
  readonly accessList?: readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[]
}

/** The number of a packed block, or of the environment that transactions are executed in. */
export function blockNumberOf(input: Uint8Array): bigint {
  return new PackedReader(input).u64(BlockInput.number)
}

/** Whether all transactions are signed: unsigned ones are in no block of a chain. */
export function isSigned(input: Uint8Array): boolean {
  const packed = new PackedReader(input)
  return transactionsOf(packed).every((at) => !hasFlag(packed, at, TransactionFlag.HasSender))
}

/** How many transactions there are. */
export function transactionCount(input: Uint8Array): number {
  return new PackedReader(input).sectionCount(BlockInput.transactions)
}

/**
 * A hash of a block or of transactions with what they are executed in, without what policies add to it:
 * that is another one each time.
 */
export function inputHash(input: Uint8Array): Uint8Array {
  const packed = new PackedReader(input)
  const pool = packed.slice(
    packed.sectionOffset(BlockInput.pool),
    packed.sectionCount(BlockInput.pool),
  )
  const parts = [
    packed.slice(BlockInput.number, BlockInput.workers - BlockInput.number),
    packed.slice(BlockInput.prevRandao, BlockInput.transactions - BlockInput.prevRandao),
  ]
  for (const at of transactionsOf(packed)) {
    const { SIZE, predecessor, nonce } = Transaction
    parts.push(packed.slice(at, predecessor), packed.slice(at + nonce, SIZE - nonce))
  }
  return keccak256(Buffer.concat([...parts, pool]))
}

/** The transactions whose sender is known or can be recovered. */
export function packedCalls(input: Uint8Array): RpcCall[] {
  const packed = new PackedReader(input)
  const places = transactionsOf(packed)
  const senders = sendersOf(packed, places)
  return places.flatMap((at, i) => {
    const from = senders[i]
    if (from === undefined) return []
    const accessList = accessListOf(packed, at)
    return [
      {
        from,
        ...(hasFlag(packed, at, TransactionFlag.HasTo) && {
          to: packed.hex(at + Transaction.to, 20),
        }),
        gas: quantity(packed.u64(at + Transaction.gasLimit)),
        value: quantity(packed.u256(at + Transaction.value)),
        input: hexIn(packed, at + Transaction.dataOffset),
        ...(accessList.length > 0 && { accessList }),
      },
    ]
  })
}

function transactionsOf(packed: PackedReader): number[] {
  const first = packed.sectionOffset(BlockInput.transactions)
  const length = packed.sectionCount(BlockInput.transactions)
  return Array.from({ length }, (_, i) => first + i * Transaction.SIZE)
}

function hasFlag(packed: PackedReader, at: number, flag: number): boolean {
  return (packed.u8(at + Transaction.flags) & flag) !== 0
}

/** The bytes of the pool that an offset with a size behind it names, in hex. */
function hexIn(packed: PackedReader, field: number): Hex {
  const pool = packed.sectionOffset(BlockInput.pool)
  return packed.hex(pool + packed.u32(field), packed.u32(field + 4))
}

const signatureSize = 97

/** The senders, recovered on all cores where they are not given. */
function sendersOf(packed: PackedReader, places: readonly number[]): (Hex | undefined)[] {
  const pool = packed.sectionOffset(BlockInput.pool)
  const signed = places.filter((at) => !hasFlag(packed, at, TransactionFlag.HasSender))
  const signatures = new Uint8Array(signed.length * signatureSize)
  signed.forEach((at, i) => {
    const start = pool + packed.u32(at + Transaction.payloadOffset)
    const payload = packed.slice(start, packed.u32(at + Transaction.payloadSize))
    const to = i * signatureSize
    signatures.set(keccak256(payload), to)
    signatures.set(packed.slice(at + Transaction.r, 32), to + 32)
    signatures.set(packed.slice(at + Transaction.s, 32), to + 64)
    signatures[to + 96] = packed.u8(at + Transaction.yParity)
  })
  const recovered = new PackedReader(recoverAddresses(signatures))
  const found = new Map(
    signed.map((at, i) => [
      at,
      recovered.u8(21 * i) === 1 ? recovered.hex(21 * i + 1, 20) : undefined,
    ]),
  )
  return places.map((at) =>
    found.has(at) ? found.get(at) : packed.hex(at + Transaction.sender, 20),
  )
}

function accessListOf(packed: PackedReader, at: number): NonNullable<RpcCall['accessList']> {
  const first =
    packed.sectionOffset(BlockInput.accessEntries) +
    packed.u32(at + Transaction.accessStart) * AccessEntry.SIZE
  const keys = packed.sectionOffset(BlockInput.storageKeys)
  return Array.from({ length: packed.u32(at + Transaction.accessCount) }, (_, i) => {
    const entry = first + i * AccessEntry.SIZE
    const start = keys + 32 * packed.u32(entry + AccessEntry.keyStart)
    return {
      address: packed.hex(entry + AccessEntry.address, 20),
      storageKeys: Array.from({ length: packed.u32(entry + AccessEntry.keyCount) }, (_, key) =>
        packed.hex(start + 32 * key, 32),
      ),
    }
  })
}
