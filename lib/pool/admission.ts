/** From encoded transactions to what the pool wants to know of them, many at a time. */

import { type CandidateEnvironment, packCandidates } from '../block/index.js'
import type { Engine } from '../engine/engine.js'
import { errorFor, isBraidError, type PoolError } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { errorName } from '../native/error-name.js'
import { keccak256Batch } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import {
  AdmissionFlag,
  Admission as AdmissionRecord,
  AdmissionsOutput,
  Authority,
  AuthorityFlag,
  BlockInput,
  ErrorCode as NativeErrorCode,
  Transaction,
  TransactionFlag,
} from '../native/wire.js'
import type { ReadableState } from '../state/readable-state.js'
import type { TransactionFacts } from './pooled-transaction.js'
import { isRefusal, refusal } from './refusal.js'
import type { SenderAccount } from './sender-queue.js'
import { type TravellingTransaction, takeApart } from './sidecar.js'

/** A transaction that is valid by itself, and what the state says of its sender. */
export interface Candidate {
  readonly facts: TransactionFacts
  readonly account: SenderAccount
}

/** A transaction that has been taken apart and hashed. */
export interface Arrival extends TravellingTransaction {
  readonly hash: Hex
}

/** Takes transactions apart and hashes them; a refusal in place of what is none. */
export function arrivals(travelling: readonly Uint8Array[]): (Arrival | PoolError)[] {
  const parts = travelling.map((each) => {
    try {
      const { encoded, sidecar } = takeApart(each)
      // Whoever gave it may do with its bytes what it likes.
      return { encoded: encoded.slice(), sidecar }
    } catch (cause) {
      return refused('POOL_MALFORMED', cause)
    }
  })
  const hashes = hashesOf(parts.map((part) => ('encoded' in part ? part.encoded : nothing)))
  return parts.map((part, i) => ('encoded' in part ? { ...part, hash: hashes(i) } : part))
}

const nothing = new Uint8Array(0)

function hashesOf(items: readonly Uint8Array[]): (index: number) => Hex {
  const offsets = new Uint32Array(items.length + 1)
  for (const [i, { length }] of items.entries()) offsets[i + 1] = offsets[i] + length
  const pool = new Uint8Array(offsets[items.length])
  for (const [i, item] of items.entries()) pool.set(item, offsets[i])
  const hashes = new Uint8Array(32 * items.length)
  keccak256Batch(pool, offsets, hashes)
  return (index) => bytesToHex(hashes.subarray(32 * index, 32 * index + 32))
}

/** Looks at transactions by themselves and at their senders; a refusal in place of what may be in no block. */
export async function candidates(
  engine: Engine,
  state: ReadableState,
  environment: CandidateEnvironment,
  arrived: readonly Arrival[],
): Promise<(Candidate | PoolError)[]> {
  const encodings = arrived.map(({ encoded }) => encoded)
  const { input, places, failures } = packCandidates(environment, encodings)
  const results = new Array<Candidate | PoolError>(arrived.length)
  for (const [i, failure] of failures) results[i] = refused('POOL_MALFORMED', failure)
  const reader = new AdmissionReader(input, await engine.admit(state, input))
  for (const [i, place] of places.entries()) {
    try {
      results[place] = reader.candidate(i, arrived[place])
    } catch (error) {
      if (!isRefusal(error)) throw error
      results[place] = error
    }
  }
  return results
}

/** A refusal for what somebody else has said. */
function refused(code: 'POOL_MALFORMED' | 'POOL_INVALID', cause: unknown): PoolError {
  return refusal(code, isBraidError(cause) ? { ...cause.details } : {}, cause)
}

/** Reads what the native side says of packed transactions. */
class AdmissionReader {
  readonly #input: PackedReader
  readonly #output: PackedReader

  constructor(input: Uint8Array, output: Uint8Array) {
    this.#input = new PackedReader(input)
    this.#output = new PackedReader(output)
    const error = this.#output.u32(AdmissionsOutput.error)
    if (error !== NativeErrorCode.OK) throw errorFor(errorName(error))
  }

  /** What is known of a transaction. Throws a refusal where no block may have it. */
  candidate(index: number, { encoded, sidecar, hash }: Arrival): Candidate {
    const output = this.#output
    const at = output.sectionOffset(AdmissionsOutput.admissions) + index * AdmissionRecord.SIZE
    this.#checkRules(at, index)
    const flags = output.u32(at + AdmissionRecord.flags)
    const sender = output.hex(at + AdmissionRecord.sender, 20)
    if (flags & AdmissionFlag.AccountUnknown) {
      throw errorFor('STATE_UNAVAILABLE', { address: sender })
    }
    if (flags & AdmissionFlag.HasCode) throw refusal('POOL_SENDER_HAS_CODE', { address: sender })
    const cost = output.u256(at + AdmissionRecord.cost)
    return {
      facts: this.#facts(index, { hash, sender, cost, encoded, sidecar }),
      account: {
        nonce: output.u64(at + AdmissionRecord.nonce),
        balance: output.u256(at + AdmissionRecord.balance),
        isDelegated: (flags & AdmissionFlag.Delegated) !== 0,
      },
    }
  }

  #checkRules(at: number, txIndex: number): void {
    const output = this.#output
    const error = output.u32(at + AdmissionRecord.error)
    if (error === NativeErrorCode.OK) return
    const code = errorName(error)
    const hasValues = !output.isZero(at + AdmissionRecord.errorExpected, 64)
    const details = hasValues
      ? {
          expected: output.u256(at + AdmissionRecord.errorExpected),
          actual: output.u256(at + AdmissionRecord.errorActual),
        }
      : {}
    throw refusal('POOL_INVALID', details, errorFor(code, { txIndex, ...details }))
  }

  #facts(
    index: number,
    { hash, sender, cost, encoded, sidecar }: Arrival & Pick<TransactionFacts, 'sender' | 'cost'>,
  ): TransactionFacts {
    const input = this.#input
    const at = input.sectionOffset(BlockInput.transactions) + index * Transaction.SIZE
    const hasTo = (input.u8(at + Transaction.flags) & TransactionFlag.HasTo) !== 0
    return {
      hash,
      sender,
      cost,
      encoded,
      sidecar,
      type: input.u8(at + Transaction.type),
      nonce: input.u64(at + Transaction.nonce),
      to: hasTo ? input.hex(at + Transaction.to, 20) : undefined,
      value: input.u256(at + Transaction.value),
      gasLimit: input.u64(at + Transaction.gasLimit),
      maxFeePerGas: input.u256(at + Transaction.maxFeePerGas),
      maxPriorityFeePerGas: input.u256(at + Transaction.maxPriorityFeePerGas),
      maxFeePerBlobGas: input.u256(at + Transaction.maxFeePerBlobGas),
      blobVersionedHashes: this.#blobHashes(at),
      authorities: this.#authorities(at),
    }
  }

  #blobHashes(transaction: number): Hex[] {
    const input = this.#input
    const first = input.sectionOffset(BlockInput.blobHashes)
    const start = input.u32(transaction + Transaction.blobStart)
    const count = input.u32(transaction + Transaction.blobCount)
    return Array.from({ length: count }, (_, i) => input.hex(first + 32 * (start + i), 32))
  }

  #authorities(transaction: number): Hex[] {
    const output = this.#output
    const first = output.sectionOffset(AdmissionsOutput.authorities)
    const start = this.#input.u32(transaction + Transaction.authorizationStart)
    const count = this.#input.u32(transaction + Transaction.authorizationCount)
    const authorities = new Set<Hex>()
    for (let i = start; i < start + count; i++) {
      const at = first + i * Authority.SIZE
      const isSigned = (output.u32(at + Authority.flags) & AuthorityFlag.Recovered) !== 0
      if (isSigned) authorities.add(output.hex(at + Authority.address, 20))
    }
    return [...authorities]
  }
}
