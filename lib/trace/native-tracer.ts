/** Tracers as the native engine knows them. */

import type { Tracer } from '../native/wire.js'

/** A tracer with its options, as the native engine is told. */
export interface NativeTracer {
  /** Its name; of those that are asked by others that of the nearest. */
  readonly name: string
  readonly tracer: Tracer
  /** Of TraceFlag. */
  readonly flags: number
  /** In bytes; 0: none. */
  readonly limit: number
  /** Of `erc7562Tracer`: a bit for each opcode that is not counted. */
  readonly ignoredOpcodes?: Uint8Array | undefined
  /** What `muxTracer` asks, by name; empty for the others. */
  readonly parts: readonly NativeTracer[]
  /** Whether it tells every instruction, so that only a part of a block is there at a time. */
  readonly isLarge?: boolean
}
