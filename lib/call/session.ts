/** Runs of calls on one state in one block. */

import type { Common } from '@ethereumjs/common'
import { checkOptions, checkUint64, type MembersOf } from '../arguments.js'
import { BlockInput } from '../native/wire.js'
import type { StateOverrides } from '../state/overrides.js'
import { checkState, type ReadableState } from '../state/readable-state.js'
import { type CallContext, type CallPlace, contextOf } from './environment.js'
import { type CallInfo, type CallOutcome, OutcomeReader } from './outcome.js'
import { type CallMode, type PlacedRequest, packCalls } from './pack-calls.js'
import { type CallRequest, checkRequest, feesOf, numberOf, senderOf } from './request.js'

/** How calls are run. */
export interface CallOptions extends CallPlace {
  /** The state that they see; a snapshot is as good. It is left as it is. */
  readonly state: ReadableState
  /** Values of the state that are replaced for the call: see `ReadableState.override`. */
  readonly overrides?: StateOverrides | undefined
  /** The most gas that a call may use, and what one has that names none. Default 50 million, as with geth. */
  readonly gasCap?: bigint | undefined
  /** Ends the run when it is aborted: the promise is rejected with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
  /** How many milliseconds all of it may take: then the promise is rejected with `TIMEOUT`. */
  readonly timeout?: number | undefined
}

/** Every member of {@link CallOptions}. */
export const callMembers: MembersOf<CallOptions> = {
  state: true,
  block: true,
  environment: true,
  blockHashes: true,
  hardfork: true,
  blockOverrides: true,
  overrides: true,
  gasCap: true,
  signal: true,
  timeout: true,
}

/** What geth lets a call use. */
const usualGasCap = 50_000_000n

/**
 * Runs the transactions of a packed input on a state as it is; gives a packed CallsOutput.
 * @internal
 */
export type RunCalls = (state: ReadableState, input: Uint8Array) => Promise<Uint8Array>

/** Where the outcome of a request lies. */
interface Place {
  readonly reader: OutcomeReader
  readonly index: number
}

/** Outcomes of some requests. */
export interface Ran {
  outcome(index: number): CallOutcome
  accessed(index: number): ReturnType<OutcomeReader['accessed']>
}

/** A state, a block and what calls may use, for any number of runs. */
export class CallSession {
  /** The state with the overrides. */
  readonly state: ReadableState
  readonly context: CallContext
  readonly gasCap: bigint
  readonly #run: RunCalls

  /**
   * @throws OptionsError `OPTION_INVALID`; StateError `STATE_MALFORMED` for the overrides; ChainError
   */
  constructor(common: Common, options: CallOptions, run: RunCalls) {
    const { state, overrides, gasCap = usualGasCap } = options
    checkState(state)
    checkUint64(gasCap, 'gasCap')
    this.context = contextOf(common, state, options)
    this.state = overrides === undefined ? state : state.override(overrides)
    this.gasCap = gasCap
    this.#run = run
  }

  /** The block as a request sees it: who pays no fees is asked for none. */
  contextFor(request: CallRequest, place: string): CallContext {
    const { isFree, hasFreeBlobs } = freedomOf(feesFreeOf(request, place))
    return this.#contextOf(isFree, hasFreeBlobs)
  }

  #contextOf(isFree: boolean, hasFreeBlobs: boolean): CallContext {
    return {
      ...this.context,
      ...(isFree ? { baseFee: 0n } : {}),
      ...(hasFreeBlobs ? { blobBaseFee: 0n } : {}),
    }
  }

  /** A request as the only transaction of a packed block, which runs on one thread. */
  pack(request: CallRequest): Uint8Array {
    checkRequest(request, '')
    const context = this.contextFor(request, '')
    const input = packCalls([{ request, place: '' }], context, { gasCap: this.gasCap })
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
    view.setUint32(BlockInput.workers, 1, true)
    view.setUint32(BlockInput.threads, 1, true)
    return input
  }

  /** Runs requests, each on the state as it is. */
  async run(requests: readonly PlacedRequest[], mode: Partial<CallMode> = {}): Promise<Ran> {
    const settings = { gasCap: this.gasCap, ...mode }
    const groups = groupsOf(requests)
    const places = new Array<Place>(requests.length)
    await Promise.all(
      groups.map(async ({ indexes, isFree, hasFreeBlobs }) => {
        const context = this.#contextOf(isFree, hasFreeBlobs)
        const members = indexes === undefined ? requests : indexes.map((i) => requests[i])
        const packed = await this.#run(this.state, packCalls(members, context, settings))
        const reader = new OutcomeReader(packed)
        members.forEach((_, index) => {
          places[indexes?.[index] ?? index] = { reader, index }
        })
      }),
    )
    const info = (index: number): CallInfo => infoOf(requests[index], settings.gasCap)
    return {
      outcome: (i) => places[i].reader.outcome(places[i].index, () => info(i)),
      accessed: (i) => places[i].reader.accessed(places[i].index),
    }
  }
}

/** Throws `OPTION_INVALID` for options that calls do not have. */
export function checkCallOptions(options: CallOptions): void {
  checkOptions(options, callMembers)
}

/** Requests that see the same fees of the block. */
interface Group {
  /** Undefined: all of them. */
  readonly indexes: number[] | undefined
  /** They pay no fees: for them there is no base fee. */
  readonly isFree: boolean
  /** As much for blobs, where they have any. */
  readonly hasFreeBlobs: boolean
}

function groupsOf(requests: readonly PlacedRequest[]): readonly Group[] {
  const groups = new Map<number, number[]>()
  requests.forEach(({ request, place }, i) => {
    checkRequest(request, place)
    const key = feesFreeOf(request, place)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [i])
    else group.push(i)
  })
  return [...groups].map(([key, indexes]) => ({
    indexes: groups.size === 1 ? undefined : indexes,
    ...freedomOf(key),
  }))
}

/** Of what a request is free, as bits: fees, fees for blobs. */
function feesFreeOf(request: CallRequest, place: string): number {
  const { maxFeePerGas, maxFeePerBlobGas } = feesOf(request, place)
  const hasBlobs = request.blobVersionedHashes !== undefined
  return (maxFeePerGas === 0n ? 1 : 0) | (hasBlobs && maxFeePerBlobGas === 0n ? 2 : 0)
}

function freedomOf(bits: number): Pick<Group, 'isFree' | 'hasFreeBlobs'> {
  return { isFree: (bits & 1) !== 0, hasFreeBlobs: (bits & 2) !== 0 }
}

function infoOf({ request, place, gas }: PlacedRequest, gasCap: bigint): CallInfo {
  const wanted = gas ?? (request.gas === undefined ? gasCap : numberOf(request.gas, 64, 'gas'))
  return { sender: senderOf(request, place), gas: wanted < gasCap ? wanted : gasCap }
}
