/** Tracers of one's own: what they make of the answers of those that are here. */

import { checkObject, demand } from '../arguments.js'
import type { Hex } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import type { TracerAnswer } from './answers.js'
import { type MuxedTracerName, type MuxTracerConfig, nativeTracer } from './configs.js'
import type { NativeTracer } from './native-tracer.js'

/** What a tracer of one's own is given of a transaction: an answer of each tracer that it asks, by name. */
export type OwnTracerAnswers<Asked extends MuxTracerConfig> = {
  readonly [Name in keyof Asked & MuxedTracerName]: TracerAnswer<Name, NonNullable<Asked[Name]>>
}

/** The transaction that a tracer of one's own is given the answers for. */
export interface OwnTracerPlace {
  /** Its hash; undefined for a call, which is in no block. */
  readonly txHash: Hex | undefined
  /** Its place in the block; 0 for a call. */
  readonly txIndex: number
}

/** A tracer of one's own: see {@link ownTracer}. */
export class OwnTracer<Answer> {
  /** @internal What it asks. */
  readonly asked: NativeTracer
  /** @internal */
  readonly trace: (answers: never, place: OwnTracerPlace) => Answer

  /** @internal */
  constructor(asked: NativeTracer, trace: (answers: never, place: OwnTracerPlace) => Answer) {
    this.asked = asked
    this.trace = trace
  }
}

/**
 * Makes a tracer out of a function: it is called for each transaction, in their order, with what others
 * say of it: calls, logs, accounts before and after. Each tracer that is asked is one more execution of
 * the block.
 *
 * @param asks the tracers, and what each of them is asked for
 * @param trace what is made of their answers. What it throws ends the iteration as it is
 * @throws OptionsError where a tracer or an option is not known
 */
export function ownTracer<const Asked extends MuxTracerConfig, Answer>(
  asks: Asked,
  trace: (answers: OwnTracerAnswers<Asked>, place: OwnTracerPlace) => Answer,
): OwnTracer<Answer> {
  checkObject(asks, 'asks')
  demand(typeof trace === 'function', 'trace', 'a function', trace)
  return new OwnTracer(nativeTracer('muxTracer', asks), trace)
}

/** What a tracer of one's own makes of answers, and that in JSON. */
export function traceOwn<Answer>(
  { trace }: OwnTracer<Answer>,
  answers: unknown,
  place: OwnTracerPlace,
): { readonly value: Answer; readonly bytes: Uint8Array } {
  const value = trace(answers as never, place)
  // `undefined` has no JSON.
  const json = JSON.stringify(toRpcForm(value)) ?? 'null'
  return { value, bytes: Buffer.from(json) }
}
