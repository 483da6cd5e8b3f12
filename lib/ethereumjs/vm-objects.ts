/** Objects that `@ethereumjs/vm` makes of classes of its own, in the same shape. */

import type { EVMError } from '@ethereumjs/evm'
import type { CLRequestType } from '@ethereumjs/util'
import type { Bloom } from '@ethereumjs/vm'
import { keccak256 } from '../native/load.js'

/** What `@ethereumjs/evm` calls the ways in which frames fail. */
type EVMErrorType = EVMError['error']

const bloomSize = 256

/** A bloom filter of logs (Yellow Paper, section 4.3.1). */
export class LogsBloom implements Bloom {
  bitvector: Uint8Array
  keccakFunction = keccak256

  constructor(bitvector: Uint8Array = new Uint8Array(bloomSize)) {
    this.bitvector = bitvector
  }

  /** Adds an address or a topic. */
  add(entry: Uint8Array): void {
    for (const { byte, mask } of this.#bits(entry)) this.bitvector[byte] |= mask
  }

  /** Whether an address or a topic may be in it. */
  check(entry: Uint8Array): boolean {
    return this.#bits(entry).every(({ byte, mask }) => (this.bitvector[byte] & mask) !== 0)
  }

  /** Whether all of the topics may be in it. */
  multiCheck(topics: Uint8Array[]): boolean {
    return topics.every((topic) => this.check(topic))
  }

  /** Adds everything that is in another one. */
  or(bloom: Bloom): void {
    for (let i = 0; i < bloomSize; i++) this.bitvector[i] |= bloom.bitvector[i]
  }

  /** The three bits of an entry: 11 bits of its hash each, counted from the end. */
  #bits(entry: Uint8Array): { byte: number; mask: number }[] {
    const hash = this.keccakFunction(entry)
    return [0, 2, 4].map((at) => {
      const bit = ((hash[at] << 8) | hash[at + 1]) & 0x7ff
      return { byte: bloomSize - 1 - (bit >> 3), mask: 1 << (bit & 7) }
    })
  }
}

/** Requests of one type to the consensus layer (EIP-7685). */
export class LayerRequest<Type extends CLRequestType> {
  /** The type and the data. */
  readonly bytes: Uint8Array

  constructor(type: Type, data: Uint8Array) {
    this.bytes = new Uint8Array(1 + data.length)
    this.bytes[0] = type
    this.bytes.set(data, 1)
  }

  get type(): Type {
    return this.bytes[0] as Type
  }

  get data(): Uint8Array {
    return this.bytes.subarray(1)
  }
}

/** Why a frame failed. */
export class FrameError {
  error: EVMErrorType
  errorType = 'EVMError'

  constructor(error: EVMErrorType) {
    this.error = error
  }
}

/** The names of `@ethereumjs/evm` for EVMC's status codes; others are internal errors. */
const statusNames: ReadonlyMap<number, EVMErrorType> = new Map<number, EVMErrorType>([
  [1, 'internal error'], // failure
  [2, 'revert'],
  [3, 'out of gas'],
  [4, 'invalid opcode'], // INVALID
  [5, 'invalid opcode'], // undefined
  [6, 'stack overflow'],
  [7, 'stack underflow'],
  [8, 'invalid JUMP'],
  [9, 'out of gas'], // returned data that is not there (EIP-211)
  [10, 'internal error'], // call depth exceeded
  [11, 'static state change'],
  [12, 'out of gas'], // precompile failure
  [13, 'invalid bytecode deployed'], // contract validation failure
  [17, 'insufficient balance'],
])

/** The error for an EVMC status code; undefined for success. */
export function frameError(status: number): FrameError | undefined {
  if (status === 0) return undefined
  return new FrameError(statusNames.get(status) ?? 'internal error')
}
