/** How much gas a call needs: geth's steps, which is what wallets expect to see. */

import { checkOptions, demand } from '../arguments.js'
import { Revision } from '../chain/index.js'
import { toRpcForm } from '../json.js'
import { CallHalted, CallInvalid, type CallOutcome, type CallReverted } from './outcome.js'
import {
  type CallRequest,
  checkRequest,
  creates,
  dataOf,
  feesOf,
  numberOf,
  senderOf,
} from './request.js'
import { type CallOptions, type CallSession, callMembers } from './session.js'

/** How gas is estimated. */
export interface EstimateGasOptions extends CallOptions {
  /**
   * How far above the least gas that suffices the answer may lie, as a part of it: the search ends there.
   * 0: the least. Default 0.015, as with geth.
   */
  readonly errorRatio?: number | undefined
}

/** Gas that suffices. */
export class GasEstimate {
  /** The call came to its end with that. */
  readonly status = 'success'
  /** The gas limit that the call needs, or little more. */
  readonly gas: bigint

  /** @internal */
  constructor(gas: bigint) {
    this.gas = gas
  }

  /** The estimate in JSON. */
  toJSON(): object {
    return toRpcForm({ ...this }) as object
  }
}

/** An estimate; or why no gas suffices. */
export type GasEstimateOutcome = GasEstimate | CallReverted | CallHalted | CallInvalid

/** What a plain transfer takes. */
const transferGas = 21_000n
/** EIP-7825: the most gas of a transaction. */
const maxTransactionGas = 16_777_216n
/** What a call with value gives to who is called. */
const callStipend = 2_300n
/** EIP-4844 */
const gasPerBlob = 131_072n
const usualErrorRatio = 0.015

/** Throws `OPTION_INVALID` for options that estimating does not have. */
export function checkEstimateOptions(options: EstimateGasOptions): void {
  checkOptions(options, { ...callMembers, errorRatio: true })
  const { errorRatio } = options
  const isRatio = typeof errorRatio === 'number' && errorRatio >= 0 && errorRatio < 1
  demand(errorRatio === undefined || isRatio, 'errorRatio', 'a number from 0, below 1', errorRatio)
}

/** Estimates the gas that a call needs. */
export async function estimateGas(
  session: CallSession,
  request: CallRequest,
  { errorRatio = usualErrorRatio }: Pick<EstimateGasOptions, 'errorRatio'>,
): Promise<GasEstimateOutcome> {
  checkRequest(request, '')
  const allowance = await allowanceOf(session, request)
  if (typeof allowance !== 'bigint') return allowance
  const trial = new Trial(session, request)
  if (await isTransfer(session, request)) {
    const outcome = await trial.run(transferGas)
    if (outcome.status === 'success') return new GasEstimate(transferGas)
  }
  const first = await trial.run(allowance, true)
  if (first.status !== 'success') return failureOf(first, allowance)
  return new GasEstimate(await search(trial, first, allowance, errorRatio))
}

/** Between what is known to be too little, and what is known to suffice. */
async function search(
  trial: Trial,
  first: { readonly gasUsed: bigint; readonly maxGasUsed: bigint },
  allowance: bigint,
  errorRatio: number,
): Promise<bigint> {
  let low = first.gasUsed - 1n
  let high = allowance
  const narrow = async (gas: bigint): Promise<void> => {
    if ((await trial.run(gas)).status === 'success') high = gas
    else low = gas
  }
  // What was used at a time, and what must be left for a call so that it gets 63 of 64 parts.
  const likely = ((first.maxGasUsed + callStipend) * 64n) / 63n
  if (likely < high) await narrow(likely)
  while (low + 1n < high) {
    if (errorRatio > 0 && Number(high - low) / Number(high) < errorRatio) break
    const middle = (high + low) / 2n
    // Most need little more than they used.
    await narrow(middle > low * 2n ? low * 2n : middle)
  }
  return high
}

/** Runs a request with one gas limit after another. */
class Trial {
  readonly #session: CallSession
  readonly #request: CallRequest

  constructor(session: CallSession, request: CallRequest) {
    this.#session = session
    this.#request = request
  }

  async run(gas: bigint, explains = false): Promise<CallOutcome> {
    const placed = { request: this.#request, place: '', gas }
    // The pool of gas has no end here: only the allowance counts.
    const ran = await this.#session.run([placed], { gasCap: gas, explains })
    return ran.outcome(0)
  }
}

/** The most gas that the call may use; or why it may not be run at all. */
async function allowanceOf(
  { state, context, gasCap }: CallSession,
  request: CallRequest,
): Promise<bigint | CallInvalid> {
  const wanted = request.gas === undefined ? 0n : numberOf(request.gas, 64, 'gas')
  // What is above the cap is cut before anything else is looked at.
  const given = gasCap > 0n && wanted > gasCap ? gasCap : wanted
  let most = given >= transferGas ? given : context.gasLimit
  if (context.ruleset.revision >= Revision.Osaka) most = least(most, maxTransactionGas)
  const { maxFeePerGas, maxFeePerBlobGas } = feesOf(request, '')
  if (maxFeePerGas > 0n) {
    const account = await state.getAccount(senderOf(request, ''))
    let available = account?.balance ?? 0n
    if (request.value !== undefined) {
      const value = numberOf(request.value, 256, 'value')
      if (value >= available) return lacksFunds('insufficient funds for transfer', value, available)
      available -= value
    }
    const blobs = BigInt(request.blobVersionedHashes?.length ?? 0)
    if (blobs > 0n && context.ruleset.revision >= Revision.Cancun) {
      const cost = blobs * gasPerBlob * maxFeePerBlobGas
      const text = 'insufficient funds for gas * price + value'
      if (cost >= available) return lacksFunds(text, cost, available)
      available -= cost
    }
    most = least(most, available / maxFeePerGas)
  }
  return gasCap > 0n ? least(most, gasCap) : most
}

function lacksFunds(text: string, expected: bigint, actual: bigint): CallInvalid {
  return new CallInvalid('TX_INSUFFICIENT_FUNDS', expected, actual, text)
}

/** Whether it moves value to an account without code, and nothing else. */
async function isTransfer({ state }: CallSession, request: CallRequest): Promise<boolean> {
  const data = dataOf(request, '')
  const hasData = data !== undefined && data.length > (typeof data === 'string' ? 2 : 0)
  if (hasData || creates(request)) return false
  return (await state.getCode(request.to as string)) === '0x'
}

function lacksGas({ rule }: CallInvalid): boolean {
  return rule === 'TX_INTRINSIC_GAS_TOO_LOW' || rule === 'TX_FLOOR_GAS_TOO_LOW'
}

/** Why the call fails with all the gas that it may use. */
function failureOf(
  outcome: CallReverted | CallHalted | CallInvalid,
  allowance: bigint,
): CallReverted | CallHalted | CallInvalid {
  if (outcome.status === 'reverted') return outcome
  const isForGas =
    outcome.status === 'invalid' ? lacksGas(outcome) : outcome.reason.startsWith('out of gas')
  if (isForGas) {
    const text = `gas required exceeds allowance (${allowance})`
    const [used, most] =
      outcome.status === 'invalid' ? [0n, 0n] : [outcome.gasUsed, outcome.maxGasUsed]
    return new CallHalted(text, used, most)
  }
  if (outcome.status === 'halted') return outcome
  return outcome.withMessage(`failed with ${allowance} gas: ${outcome.reason}`)
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
