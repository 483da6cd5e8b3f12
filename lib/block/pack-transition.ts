/** Packing of a block that is described by what is around its transactions: what tools for making tests give. */

import { putHex } from '../arguments.js'
import type { BlockHashes, Ruleset } from '../chain/index.js'
import type { Hex } from '../hex/index.js'
import { BlockFlag, Ommer, Withdrawal } from '../native/wire.js'
import { listBase } from '../rlp/header.js'
import { RlpReader } from '../rlp/reader.js'
import { RlpWriter } from '../rlp/writer.js'
import { assembleInput, contextSize } from './input-assembly.js'
import { type InputColumns, withColumns } from './input-columns.js'
import { completeInput, type PreparedSystemCall, visibleBlockHashes } from './input-context.js'
import { readTransactions } from './transaction-reader.js'

/** The block around transactions, with whatever its makers say of it: no header is checked. */
export interface Transition {
  readonly number: bigint
  readonly timestamp: bigint
  readonly gasLimit: bigint
  readonly baseFee: bigint
  readonly excessBlobGas: bigint
  readonly coinbase: string
  /** 32 bytes: the randomness, or before Paris the difficulty. */
  readonly prevRandao: Uint8Array
  /** What the block and its ommers are paid, in wei; undefined: nobody is paid anything. From Paris on nobody is. */
  readonly reward: bigint | undefined
  readonly withdrawals: readonly Payout[]
  readonly ommers: readonly DistantOmmer[]
  readonly blockHashes: BlockHashes
  /** Given to the contract of EIP-2935; undefined: it is not called. */
  readonly parentHash: Hex | undefined
  /** Given to the contract of EIP-4788; undefined: it is not called. */
  readonly beaconRoot: Hex | undefined
}

/** A withdrawal as far as it is executed. */
export interface Payout {
  readonly address: string
  /** In gwei. */
  readonly amount: bigint
}

/** An ommer as far as it is paid. */
export interface DistantOmmer {
  readonly address: string
  /** How many blocks it is below the one that names it: from 1 to 8. */
  readonly delta: number
}

/**
 * The packed input of a block with the encodings of signed transactions (EIP-2718).
 *
 * @throws BlockDecodeError, InvalidTransactionError for what is no transaction
 */
export function packTransition(
  transition: Transition,
  ruleset: Ruleset,
  transactions: readonly Uint8Array[],
): Uint8Array {
  const { number, reward } = transition
  const blockHashes = visibleBlockHashes(transition.blockHashes, number, undefined)
  const { input, calls } = withColumns((columns) => {
    readTransactions(new RlpReader(listed(transactions)), columns)
    putPayouts(columns, transition.withdrawals)
    putOmmers(columns, transition.ommers)
    const prepared = systemCallsOf(columns, transition, ruleset)
    const room = contextSize(prepared.length, blockHashes.length)
    return { input: assembleInput(columns, room), calls: prepared }
  })
  const coinbase = new Uint8Array(20)
  putHex(coinbase, 0, 20, transition.coinbase, 'coinbase')
  const { irregularTransition } = ruleset
  const drains = irregularTransition?.block === number ? irregularTransition : undefined
  return completeInput(input, {
    ruleset,
    number,
    timestamp: transition.timestamp,
    gasLimit: transition.gasLimit,
    baseFee: transition.baseFee,
    excessBlobGas: transition.excessBlobGas,
    blockReward: reward ?? 0n,
    prevRandao: transition.prevRandao,
    parentHash: new Uint8Array(32),
    coinbase,
    depositContract: ruleset.depositContract,
    systemCalls: calls,
    blockHashes,
    drains: drains?.accounts ?? [],
    drainBeneficiary: drains?.beneficiary,
    flags: reward === undefined ? BlockFlag.NoRewards : 0,
  })
}

/** The items of a block's list of transactions, one behind the other. */
function listed(transactions: readonly Uint8Array[]): Uint8Array {
  const writer = new RlpWriter(1024)
  for (const encoding of transactions.toReversed()) {
    if (encoding.length > 0 && encoding[0] >= listBase) writer.raw(encoding)
    else writer.bytes(encoding)
  }
  return writer.peek()
}

function putPayouts({ withdrawals }: InputColumns, payouts: readonly Payout[]): void {
  for (const { address, amount } of payouts) {
    const at = withdrawals.record(Withdrawal.SIZE)
    putHex(withdrawals.bytes, at + Withdrawal.address, 20, address, 'withdrawals.address')
    withdrawals.view.setBigUint64(at + Withdrawal.amount, amount, true)
  }
}

function putOmmers({ ommers }: InputColumns, given: readonly DistantOmmer[]): void {
  for (const { address, delta } of given) {
    const at = ommers.record(Ommer.SIZE)
    putHex(ommers.bytes, at + Ommer.coinbase, 20, address, 'ommers.address')
    ommers.view.setUint32(at + Ommer.depth, delta, true)
  }
}

/** The system calls that have what they are given, which is put into the pool. */
function systemCallsOf(
  { pool }: InputColumns,
  { parentHash, beaconRoot }: Transition,
  { systemCalls }: Ruleset,
): PreparedSystemCall[] {
  const given = (hash: Hex): { inputOffset: number; inputSize: number } => {
    const inputOffset = pool.record(32)
    putHex(pool.bytes, inputOffset, 32, hash, 'input')
    return { inputOffset, inputSize: 32 }
  }
  return systemCalls.flatMap((rule) => {
    if (rule.name !== 'blockHashes' && rule.name !== 'beaconRoots') {
      return [{ rule, inputOffset: 0, inputSize: 0 }]
    }
    const hash = rule.name === 'blockHashes' ? parentHash : beaconRoot
    return hash === undefined ? [] : [{ rule, ...given(hash) }]
  })
}
