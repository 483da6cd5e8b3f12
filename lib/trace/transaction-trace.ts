/** What a tracer says of one transaction, or of a call. */

import { displayAs } from '../display.js'
import { bufferOf, type Hex } from '../hex/index.js'
import { ownMembers } from '../own-members.js'
import type { NativeTracer } from './native-tracer.js'

/**
 * What a tracer says of a call, or of a transaction ({@link TransactionTrace}). It stays the JSON that the
 * worker wrote, which is what servers and files need, until somebody looks at its value.
 */
export class Trace<Answer = unknown> {
  /** The JSON as UTF-8, in place: not to be changed. Of `eip3155` it is a line for each item, as JSONL has them. */
  declare readonly bytes: Uint8Array
  /** The same as text. */
  declare readonly json: string
  /**
   * The JSON as objects, made when they are looked at for the first time; of a tracer of one's own what it
   * returned. What is a number in geth's JSON is one here: nonces above 2^53 are exact in {@link json} alone.
   */
  declare readonly value: Answer
  #made: Made<Answer> | undefined
  readonly #isLines: boolean

  static readonly #members = ownMembers<Trace>({
    json: ({ bytes }) => bufferOf(bytes).toString('utf8'),
    value(trace) {
      trace.#made ??= { value: trace.#isLines ? itemsOf(trace.json) : JSON.parse(trace.json) }
      return trace.#made.value
    },
  })

  /** @internal */
  constructor(
    bytes: Uint8Array,
    { made, isLines = false }: TraceForm<Answer> = {},
    place?: TransactionPlace,
  ) {
    Object.assign(this, place, { bytes })
    this.#made = made
    this.#isLines = isLines
    Trace.#members(this)
  }

  /** What `debug_traceCall` answers. */
  toJSON(): unknown {
    return this.value
  }

  static {
    displayAs(Trace, ({ value }) => ({ value }))
  }
}

/**
 * What a tracer says of one transaction of a block. As long as it is held, so is the text of all
 * transactions that were traced together.
 */
export class TransactionTrace<Answer = unknown> extends Trace<Answer> {
  /** The transaction's hash. */
  declare readonly txHash: Hex
  /** Its place in the block. */
  declare readonly txIndex: number

  /** @internal */
  constructor(txHash: Hex, txIndex: number, bytes: Uint8Array, form?: TraceForm<Answer>) {
    super(bytes, form, { txHash, txIndex })
  }

  /** An item of what `debug_traceBlockByNumber` answers. */
  override toJSON(): { readonly txHash: Hex; readonly result: Answer } {
    return { txHash: this.txHash, result: this.value }
  }

  static {
    displayAs(TransactionTrace, ({ txHash, txIndex, value }) => ({ txHash, txIndex, value }))
  }
}

/** A value that is there already. */
interface Made<Answer> {
  readonly value: Answer
}

/** What the bytes of a trace are. */
interface TraceForm<Answer> {
  /** Their value, where it is there already. */
  readonly made?: Made<Answer>
  /** Whether each line is a JSON text of its own. Default false. */
  readonly isLines?: boolean
}

/** The items of a text that has each on a line of its own, the last one ended as all are. */
function itemsOf<Answer>(lines: string): Answer {
  return JSON.parse(`[${lines.trimEnd().replaceAll('\n', ',')}]`)
}

/** Where a transaction is in its block. */
interface TransactionPlace {
  readonly txHash: Hex
  readonly txIndex: number
}

/** What several tracers say of the same, by their names, which are in their order: JSON. */
export function together(parts: readonly NativeTracer[], traces: readonly Trace[]): Uint8Array {
  const pieces = parts.flatMap(({ name }, i) => {
    return [Buffer.from(`${i === 0 ? '' : ','}"${name}":`), traces[i].bytes]
  })
  return Buffer.concat([Buffer.from('{'), ...pieces, Buffer.from('}')])
}
