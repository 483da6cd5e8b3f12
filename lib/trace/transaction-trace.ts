/** What a tracer says of one transaction. */

import { displayAs } from '../display.js'
import { bufferOf, type Hex } from '../hex/index.js'
import { ownMembers } from '../own-members.js'
import type { NativeTracer } from './configs.js'

/**
 * What a tracer says of one transaction. It stays the JSON that the worker wrote, which is what servers
 * and files need, until somebody looks at its value.
 *
 * As long as it is held, so is the text of all transactions that were traced together.
 */
export class TransactionTrace<Answer = unknown> {
  /** The transaction's hash. */
  readonly txHash: Hex
  /** Its place in the block. */
  readonly txIndex: number
  /** The JSON as UTF-8, in place: not to be changed. */
  readonly bytes: Uint8Array
  /** The JSON as text. */
  declare readonly json: string
  /**
   * The JSON as objects, made when they are looked at for the first time. What is a number in geth's JSON
   * is one here: nonces above 2^53 are exact in {@link json} alone.
   */
  declare readonly value: Answer
  #value: Answer | undefined

  static readonly #members = ownMembers<TransactionTrace>({
    json: ({ bytes }) => bufferOf(bytes).toString('utf8'),
    value(trace) {
      trace.#value ??= JSON.parse(trace.json)
      return trace.#value
    },
  })

  /** @internal */
  constructor(txHash: Hex, txIndex: number, bytes: Uint8Array) {
    this.txHash = txHash
    this.txIndex = txIndex
    this.bytes = bytes
    TransactionTrace.#members(this)
  }

  /** An item of what `debug_traceBlockByNumber` answers. */
  toJSON(): { readonly txHash: Hex; readonly result: Answer } {
    return { txHash: this.txHash, result: this.value }
  }

  static {
    displayAs(TransactionTrace, ({ txHash, txIndex, value }) => ({ txHash, txIndex, value }))
  }
}

/** What several tracers say of one transaction, by their names, which are in their order. */
export function together(
  txHash: Hex,
  txIndex: number,
  parts: readonly NativeTracer[],
  traces: readonly TransactionTrace[],
): TransactionTrace {
  const pieces = parts.flatMap(({ name }, i) => {
    return [Buffer.from(`${i === 0 ? '' : ','}"${name}":`), traces[i].bytes]
  })
  const bytes = Buffer.concat([Buffer.from('{'), ...pieces, Buffer.from('}')])
  return new TransactionTrace(txHash, txIndex, bytes)
}
