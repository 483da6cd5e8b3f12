/** Why geth's `evm` says that a transaction cannot be executed. */

import { type RuleCode, rejectionText } from '../../call/rejection.js'
import type { BraidError } from '../../errors.js'
import { invalidSignature } from './decode-text.js'

/** What a rule demands, and what breaks it. */
interface Numbers {
  readonly expected: bigint
  readonly actual: bigint
}

/** Rules that calls cannot break, in the words of geth (core/error.go, core/types, cmd/evm). */
const wordings: Readonly<Partial<Record<RuleCode, (numbers: Numbers) => string>>> = {
  TX_SIGNATURE_INVALID: () => invalidSignature,
  TX_WRONG_CHAIN_ID: ({ expected, actual }) =>
    `invalid chain id for signer: have ${actual} want ${expected}`,
  TX_GAS_LIMIT_EXCEEDS_BLOCK: () => 'gas limit reached',
  TX_GAS_LIMIT_EXCEEDS_CAP: ({ expected, actual }) =>
    `transaction gas limit too high (cap: ${expected}, tx: ${actual})`,
  TX_BLOB_GAS_EXCEEDS_BLOCK: ({ expected, actual }) =>
    `blob gas (${actual}) would exceed maximum allowance ${expected}`,
  TX_BLOB_VERSION_INVALID: ({ actual }) => `blob ${actual} has invalid hash version`,
}

/** What geth says of the rule that a transaction breaks; of what geth has no rule for, what this package says. */
export function gethRejection(error: BraidError, sender: string | undefined): string {
  if (!error.code.startsWith('TX_')) return error.message
  const { address } = error.details
  const rule = error.code as RuleCode
  const [expected, actual] = [error.details.expected, error.details.actual].map((value) =>
    typeof value === 'bigint' ? value : 0n,
  )
  const wording = wordings[rule]
  if (wording !== undefined) return wording({ expected, actual })
  return rejectionText({
    rule,
    expected,
    actual,
    sender: address ?? sender ?? `0x${'00'.repeat(20)}`,
  })
}
