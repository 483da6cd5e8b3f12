/** What a BlockInput says about the block around the transactions. */

import { checkUint64, putHex } from '../arguments.js'
import {
  type BlockHashes,
  blobBaseFee,
  blockHashEntries,
  blockHashWindow,
  blockNumberOf,
  maxBlobGas,
  type Ruleset,
  type SystemCallRule,
} from '../chain/index.js'
import { type BraidError, errorFor, shownValue } from '../errors.js'
import { type Hex, putUint256 } from '../hex/index.js'
import { align, putSection } from '../native/packed-writer.js'
import {
  BlockFlag,
  BlockHash,
  BlockInput,
  Magic,
  SystemCall,
  WIRE_VERSION,
} from '../native/wire.js'
import type { AssembledInput } from './input-assembly.js'

/** A system call and where its input lies in the pool. */
export interface PreparedSystemCall {
  readonly rule: SystemCallRule
  readonly inputOffset: number
  readonly inputSize: number
}

/** The block around the transactions, in the terms of the packed input. */
export interface InputContext {
  readonly ruleset: Ruleset
  readonly number: bigint
  readonly timestamp: bigint
  readonly gasLimit: bigint
  readonly baseFee: bigint
  readonly excessBlobGas: bigint
  readonly blockReward: bigint
  /** 32 bytes: the randomness, or before Paris the difficulty. */
  readonly prevRandao: Uint8Array
  /** 32 bytes. */
  readonly parentHash: Uint8Array
  /** 20 bytes. */
  readonly coinbase: Uint8Array
  /** Undefined: deposits are not looked for. */
  readonly depositContract: Hex | undefined
  readonly systemCalls: readonly PreparedSystemCall[]
  readonly blockHashes: readonly KnownBlockHash[]
  /** Accounts whose balance moves to {@link drainBeneficiary}. */
  readonly drains: readonly Hex[]
  readonly drainBeneficiary: Hex | undefined
  readonly flags: number
}

/** The hash of an ancestor, in hex. */
export interface KnownBlockHash {
  readonly number: bigint
  readonly hash: string
}

/**
 * Writes the context into an assembled input and returns the used part of the buffer: that of the
 * input where the room behind its end is enough, else a larger copy.
 */
export function completeInput(input: AssembledInput, context: InputContext): Uint8Array {
  const { systemCalls, blockHashes, drains } = context
  const callsAt = input.end
  const hashesAt = align(callsAt + systemCalls.length * SystemCall.SIZE)
  const drainsAt = align(hashesAt + blockHashes.length * BlockHash.SIZE)
  const end = drainsAt + drains.length * 20
  let { bytes } = input
  if (end > bytes.length) {
    bytes = new Uint8Array(end)
    bytes.set(input.bytes.subarray(0, input.end))
  }
  const view = new DataView(bytes.buffer)
  putNumbers(view, context)
  bytes.set(context.prevRandao, BlockInput.prevRandao)
  bytes.set(context.parentHash, BlockInput.parentHash)
  bytes.set(context.coinbase, BlockInput.coinbase)
  putAddress(bytes, BlockInput.depositContract, context.depositContract)
  putAddress(bytes, BlockInput.drainBeneficiary, context.drainBeneficiary)

  putSection(view, BlockInput.systemCalls, callsAt, systemCalls.length)
  systemCalls.forEach((call, i) => {
    putSystemCall(bytes, view, callsAt + i * SystemCall.SIZE, call)
  })
  putBlockHashes(bytes, view, hashesAt, blockHashes)
  putSection(view, BlockInput.drains, drainsAt, drains.length)
  drains.forEach((address, i) => {
    putAddress(bytes, drainsAt + i * 20, address)
  })
  return bytes.subarray(0, end)
}

/** Writes a section of hashes of ancestors, and where it is. */
export function putBlockHashes(
  bytes: Uint8Array,
  view: DataView,
  first: number,
  hashes: readonly KnownBlockHash[],
): void {
  putSection(view, BlockInput.blockHashes, first, hashes.length)
  hashes.forEach(({ number, hash }, i) => {
    const at = first + i * BlockHash.SIZE
    view.setBigUint64(at + BlockHash.number, number, true)
    putHex(bytes, at + BlockHash.hash, 32, hash, `blockHashes[${number}]`)
  })
}

function putNumbers(view: DataView, context: InputContext): void {
  const { ruleset } = context
  checkUint64(ruleset.chainId, 'chainId')
  view.setUint32(BlockInput.magic, Magic.BlockInput, true)
  view.setUint32(BlockInput.version, WIRE_VERSION, true)
  view.setUint32(BlockInput.revision, ruleset.revision, true)
  const deposits = context.depositContract === undefined ? 0 : BlockFlag.HasDepositContract
  view.setUint32(BlockInput.flags, context.flags | deposits, true)
  view.setBigUint64(BlockInput.number, context.number, true)
  view.setBigUint64(BlockInput.timestamp, context.timestamp, true)
  view.setBigUint64(BlockInput.gasLimit, context.gasLimit, true)
  view.setBigUint64(BlockInput.chainId, ruleset.chainId, true)
  view.setBigUint64(BlockInput.maxBlobGas, maxBlobGas(ruleset), true)
  view.setUint32(BlockInput.maxBlobsPerTransaction, ruleset.maxBlobsPerTransaction, true)
  putUint256(view, BlockInput.baseFee, context.baseFee)
  putUint256(view, BlockInput.blockReward, context.blockReward)
  const { blobSchedule } = ruleset
  if (blobSchedule !== undefined) {
    const fee = blobBaseFee(context.excessBlobGas, blobSchedule.baseFeeUpdateFraction)
    putUint256(view, BlockInput.blobBaseFee, fee)
  }
}

function putAddress(bytes: Uint8Array, at: number, address: Hex | undefined): void {
  if (address !== undefined) putHex(bytes, at, 20, address, 'address')
}

function putSystemCall(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { rule, inputOffset, inputSize }: PreparedSystemCall,
): void {
  view.setUint32(at + SystemCall.phase, rule.phase, true)
  view.setUint32(at + SystemCall.requestType, rule.requestType, true)
  view.setUint32(at + SystemCall.inputOffset, inputOffset, true)
  view.setUint32(at + SystemCall.inputSize, inputSize, true)
  putAddress(bytes, at + SystemCall.address, rule.address)
}

/** Those of the given hashes that a block can see, by ascending number, and the parent's. */
export function visibleBlockHashes(
  given: BlockHashes | undefined,
  number: bigint,
  parentHash: string | undefined,
): KnownBlockHash[] {
  const first = number - BigInt(blockHashWindow)
  const visible: KnownBlockHash[] = []
  const add = (key: bigint, hash: string): void => {
    const isParent = key === number - 1n
    if (key >= first && key < number && !(isParent && parentHash !== undefined)) {
      visible.push({ number: key, hash })
    }
  }
  const entries = blockHashEntries(given)
  if (entries === undefined) throw invalidHashes('an object or a Map', given)
  for (const [key, hash] of entries) {
    const ancestor = blockNumberOf(key)
    if (ancestor === undefined) throw invalidHashes('number', key)
    add(ancestor, hash as string)
  }
  if (parentHash !== undefined && number > 0n)
    visible.push({ number: number - 1n, hash: parentHash })
  visible.sort((a, b) => (a.number < b.number ? -1 : 1))
  const twice = visible.findIndex(({ number: key }, i) => key === visible[i + 1]?.number)
  if (twice >= 0) throw invalidHashes('each number once', visible[twice].number)
  return visible
}

function invalidHashes(expected: string, actual: unknown): BraidError {
  const details = { field: 'blockHashes', expected, actual: shownValue(actual) }
  return errorFor('OPTION_INVALID', details)
}
