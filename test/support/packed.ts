/** Packed buffers made by hand, for tests of the native boundary. */

import { emptyCodeHashBytes } from '../../lib/empty-hashes.js'
import { PackedReader } from '../../lib/native/packed-reader.js'
import { align, putSection } from '../../lib/native/packed-writer.js'
import {
  BlockInput,
  BlockOutput,
  Magic,
  StateAccount,
  StateDump,
  StateSlot,
  Transaction,
  TransactionFlag,
  TransactionRun,
  WIRE_VERSION,
} from '../../lib/native/wire.js'

/** EVMC's number of the London rules. */
const london = 9

/** An account of a hand-made state. */
export interface SampleAccount {
  readonly address: Uint8Array
  readonly balance?: bigint
  readonly nonce?: bigint
  readonly code?: Uint8Array
  readonly codeHash?: Uint8Array
  readonly storage?: readonly (readonly [key: Uint8Array, value: Uint8Array])[]
}

/** 32 bytes of a number. */
export function word(value: bigint | number): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

/** 20 bytes that all have the given value. */
export function address(value: number): Uint8Array {
  return new Uint8Array(20).fill(value)
}

/** A packed StateDump. */
export function packState(accounts: readonly SampleAccount[]): Uint8Array {
  const slots = accounts.flatMap((account) => account.storage ?? [])
  const codeSize = accounts.reduce((size, { code }) => size + (code?.length ?? 0), 0)
  const accountsAt = align(StateDump.SIZE)
  const slotsAt = accountsAt + accounts.length * StateAccount.SIZE
  const poolAt = slotsAt + slots.length * StateSlot.SIZE
  const bytes = new Uint8Array(poolAt + codeSize)
  const view = new DataView(bytes.buffer)
  view.setUint32(StateDump.magic, Magic.StateDump, true)
  view.setUint32(StateDump.version, WIRE_VERSION, true)
  putSection(view, StateDump.accounts, accountsAt, accounts.length)
  putSection(view, StateDump.slots, slotsAt, slots.length)
  putSection(view, StateDump.pool, poolAt, codeSize)
  let slotStart = 0
  let codeStart = 0
  for (const [i, account] of accounts.entries()) {
    const at = accountsAt + i * StateAccount.SIZE
    view.setBigUint64(at + StateAccount.nonce, account.nonce ?? 0n, true)
    bytes.set(word(account.balance ?? 0n), at + StateAccount.balance)
    bytes.set(account.codeHash ?? emptyCodeHashBytes, at + StateAccount.codeHash)
    bytes.set(account.address, at + StateAccount.address)
    view.setUint32(at + StateAccount.codeOffset, codeStart, true)
    view.setUint32(at + StateAccount.codeSize, account.code?.length ?? 0, true)
    bytes.set(account.code ?? [], poolAt + codeStart)
    codeStart += account.code?.length ?? 0
    view.setUint32(at + StateAccount.slotStart, slotStart, true)
    view.setUint32(at + StateAccount.slotCount, account.storage?.length ?? 0, true)
    for (const [key, value] of account.storage ?? []) {
      bytes.set(key, slotsAt + slotStart * StateSlot.SIZE + StateSlot.key)
      bytes.set(value, slotsAt + slotStart * StateSlot.SIZE + StateSlot.value)
      slotStart++
    }
  }
  return bytes
}

/** A transaction of a hand-made block; its sender is given, fees are zero. */
export interface SampleTransaction {
  readonly sender: Uint8Array
  readonly to: Uint8Array
  readonly nonce?: bigint
  readonly value?: bigint
  readonly gasLimit?: bigint
}

/** A packed BlockInput of London, without rewards. */
export function packBlock(
  transactions: readonly SampleTransaction[],
  options: { readonly gasLimit?: bigint } = {},
): Uint8Array {
  const start = align(BlockInput.SIZE)
  const bytes = new Uint8Array(start + transactions.length * Transaction.SIZE)
  const view = new DataView(bytes.buffer)
  view.setUint32(BlockInput.magic, Magic.BlockInput, true)
  view.setUint32(BlockInput.version, WIRE_VERSION, true)
  view.setUint32(BlockInput.revision, london, true)
  view.setBigUint64(BlockInput.number, 1n, true)
  view.setBigUint64(BlockInput.timestamp, 1n, true)
  view.setBigUint64(BlockInput.gasLimit, options.gasLimit ?? 30_000_000n, true)
  view.setBigUint64(BlockInput.chainId, 1n, true)
  bytes.set(address(0xcb), BlockInput.coinbase)
  putSection(view, BlockInput.transactions, start, transactions.length)
  for (const [i, transaction] of transactions.entries()) {
    const at = start + i * Transaction.SIZE
    const flags = TransactionFlag.HasTo | TransactionFlag.HasSender
    view.setUint8(at + Transaction.flags, flags)
    view.setBigUint64(at + Transaction.nonce, transaction.nonce ?? 0n, true)
    view.setBigUint64(at + Transaction.gasLimit, transaction.gasLimit ?? 21_000n, true)
    bytes.set(word(transaction.value ?? 0n), at + Transaction.value)
    bytes.set(transaction.to, at + Transaction.to)
    bytes.set(transaction.sender, at + Transaction.sender)
  }
  return bytes
}

/** The fields of a packed BlockOutput that tests look at. */
export function readOutput(bytes: Uint8Array): {
  readonly error: number
  readonly errorTransaction: number
  readonly gasUsed: bigint
  readonly receipts: number
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    error: view.getUint32(BlockOutput.error, true),
    errorTransaction: view.getInt32(BlockOutput.errorTransaction, true),
    gasUsed: view.getBigUint64(BlockOutput.gasUsed, true),
    receipts: view.getUint32(BlockOutput.receipts + 4, true),
  }
}

/** A packed BlockOutput without its times: what two executions of a block have in common. */
export function withoutTimes(output: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(output)
  const reader = new PackedReader(bytes)
  bytes.fill(0, BlockOutput.sendersNanoseconds, BlockOutput.totalNanoseconds + 8)
  const runs = reader.sectionOffset(BlockOutput.runs)
  for (let i = 0; i < reader.sectionCount(BlockOutput.runs); i++) {
    const run = runs + i * TransactionRun.SIZE
    bytes.fill(0, run + TransactionRun.startNanoseconds, run + TransactionRun.endNanoseconds + 8)
  }
  return bytes
}
