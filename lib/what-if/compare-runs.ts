/** What two runs of a transaction say of it. */

import type { ErrorCode } from '../error-codes.js'
import { withJson } from '../json.js'
import { errorName } from '../native/error-name.js'
import { CallFailure, ErrorCode as NativeErrorCode } from '../native/wire.js'
import { callFailures } from '../trace/index.js'
import type { RunUnderRules, TransactionComparison } from './comparison.js'
import { divergenceOf } from './divergence.js'
import type { PackedRun } from './packed-runs.js'
import type { Verdict } from './verdict.js'

/** The code of a run that has no outcome; undefined where it has one. */
export function codeOf(run: PackedRun): ErrorCode | undefined {
  return run.isValid ? undefined : errorName(run.error)
}

/** What is known of a transaction whatever the rules. */
export type ComparedTransaction = Pick<
  TransactionComparison,
  'txIndex' | 'txHash' | 'from' | 'to' | 'gasLimit'
>

/** Compares two runs of a transaction. */
export function compareRuns(
  transaction: ComparedTransaction,
  [before, after]: readonly [PackedRun, PackedRun],
): TransactionComparison {
  const areValid = before.isValid && after.isValid
  const divergence = areValid ? divergenceOf(before.frames, after.frames) : undefined
  const hasSameOutcome =
    areValid && before.hasEffectsOf(after) && before.frames.failure(0) === after.frames.failure(0)
  const verdict = verdictOf(before, after, hasSameOutcome)
  const { neededGas } = after
  return withJson({
    ...transaction,
    verdict,
    runs: [runOf(before), runOf(after)] as const,
    ...(divergence === undefined ? {} : { divergence }),
    ...(neededGas === 0n
      ? {}
      : { neededGas, gasLimitMultiple: multipleOf(neededGas, transaction.gasLimit) }),
  })
}

function verdictOf(before: PackedRun, after: PackedRun, hasSameOutcome: boolean): Verdict {
  if (!before.isValid) return after.isValid ? 'nowValid' : 'stillInvalid'
  if (!after.isValid) return 'nowInvalid'
  if (before.succeeds !== after.succeeds) return before.succeeds ? 'nowFails' : 'nowSucceeds'
  if (!hasSameOutcome) return 'otherOutcome'
  return before.gasUsed === after.gasUsed ? 'same' : 'otherGas'
}

function runOf(run: PackedRun): RunUnderRules {
  const rule = codeOf(run)
  if (rule !== undefined) return { status: 'invalid', rule }
  const { gasUsed } = run
  if (run.succeeds) return { status: 'success', gasUsed }
  const failure = run.frames.failure(0)
  const status = failure === CallFailure.Reverted ? 'reverted' : 'halted'
  return { status, failure: callFailures[failure], gasUsed }
}

/** Rounded up to thousandths. */
function multipleOf(gas: bigint, limit: bigint): number {
  return limit === 0n ? Number.POSITIVE_INFINITY : Number((gas * 1000n + limit - 1n) / limit) / 1000
}

const gasRules: ReadonlySet<number> = new Set([
  NativeErrorCode.TX_INTRINSIC_GAS_TOO_LOW,
  NativeErrorCode.TX_FLOOR_GAS_TOO_LOW,
])

/** Whether more gas could save a transaction under the second rules that is fine under the first ones. */
export function mayLackGas([before, after]: readonly [PackedRun, PackedRun]): boolean {
  if (!before.succeeds || after.succeeds) return false
  if (!after.isValid) return gasRules.has(after.error)
  const { frames } = after
  for (let i = 0; i < frames.length; i++) {
    const failure = frames.failure(i)
    if (failure === CallFailure.OutOfGas || failure === CallFailure.CodeDeposit) return true
  }
  return false
}
