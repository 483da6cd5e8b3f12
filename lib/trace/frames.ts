/** Call frames in packed form, as the native engine leaves them. */

import type { Hex } from '../hex/index.js'
import { PackedReader } from '../native/packed-reader.js'
import { CallFailure, Frame } from '../native/wire.js'

/** Why a call frame has failed. */
export type CallFailureName =
  | 'reverted'
  | 'outOfGas'
  | 'stackUnderflow'
  | 'stackOverflow'
  | 'writeProtection'
  | 'invalidOpcode'
  | 'invalidJump'
  | 'returnDataBounds'
  | 'initcodeSize'
  | 'callDepth'
  | 'insufficientBalance'
  | 'nonceOverflow'
  | 'addressCollision'
  | 'codeSize'
  | 'codeStart'
  | 'codeDeposit'
  | 'precompile'

/** The instruction that a call frame comes from, in geth's words. */
export type FrameKind =
  | 'CALL'
  | 'CALLCODE'
  | 'DELEGATECALL'
  | 'STATICCALL'
  | 'CREATE'
  | 'CREATE2'
  | 'SELFDESTRUCT'

/** The kinds of frames by the number that stands for them. */
export const frameKinds: readonly FrameKind[] = [
  'CALL',
  'CALLCODE',
  'DELEGATECALL',
  'STATICCALL',
  'CREATE',
  'CREATE2',
  'SELFDESTRUCT',
]

/** The failures by the number that stands for them; undefined for none. */
export const callFailures: readonly (CallFailureName | undefined)[] = (
  Object.keys(CallFailure) as (keyof typeof CallFailure)[]
).map((name) => (name === 'None' ? undefined : uncapitalized(name)))

function uncapitalized<Name extends string>(name: Name): Uncapitalize<Name> {
  return (name.charAt(0).toLowerCase() + name.slice(1)) as Uncapitalize<Name>
}

/** The frames of one transaction, in the order in which they were entered. Read where they lie. */
export class PackedFrames {
  /** How many there are. */
  readonly length: number
  readonly #packed: PackedReader
  readonly #start: number

  /** @param start where the first one lies; the rest of the bytes are frames */
  constructor(bytes: Uint8Array, start = 0) {
    this.#packed = new PackedReader(bytes)
    this.#start = start
    this.length = (bytes.length - start) / Frame.SIZE
  }

  #at(index: number, field: number): number {
    return this.#start + index * Frame.SIZE + field
  }

  /** By {@link frameKinds}. */
  kind(index: number): number {
    return this.#packed.u8(this.#at(index, Frame.kind))
  }

  /** Whether a precompiled contract is called. */
  isPrecompile(index: number): boolean {
    return this.#packed.u8(this.#at(index, Frame.isPrecompile)) !== 0
  }

  /** 0: the transaction's own. */
  depth(index: number): number {
    return this.#packed.u16(this.#at(index, Frame.depth))
  }

  /** By {@link callFailures}. */
  failure(index: number): number {
    return this.#packed.u32(this.#at(index, Frame.failure))
  }

  /** What it was given. Of the transaction's own frame, the transaction's gas limit. */
  gas(index: number): number {
    return this.#packed.u64AsNumber(this.#at(index, Frame.gas))
  }

  /** What it has used, with the frames below it. Of the transaction's own frame, what the transaction pays for. */
  gasUsed(index: number): number {
    return this.#packed.u64AsNumber(this.#at(index, Frame.gasUsed))
  }

  /** The first four bytes of the input as a number; 0 where there are fewer, and for creations. */
  selector(index: number): number {
    return this.#packed.u32(this.#at(index, Frame.selector))
  }

  /** How many bytes the input has. */
  inputSize(index: number): number {
    return this.#packed.u32(this.#at(index, Frame.inputSize))
  }

  /** How many bytes it has returned. */
  outputSize(index: number): number {
    return this.#packed.u32(this.#at(index, Frame.outputSize))
  }

  /** Who calls. */
  from(index: number): Hex {
    return this.#packed.hex(this.#at(index, Frame.from), 20)
  }

  /** Whose code runs; of a creation the new account. */
  to(index: number): Hex {
    return this.#packed.hex(this.#at(index, Frame.to), 20)
  }

  /** In wei. */
  value(index: number): bigint {
    return this.#packed.u256(this.#at(index, Frame.value))
  }

  /** Bytes of a field in place. */
  bytes(index: number, field: number, size: number): Uint8Array {
    return this.#packed.slice(this.#at(index, field), size)
  }
}
