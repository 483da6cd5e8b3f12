/** Why geth's `evm` says that a transaction cannot be executed. */

import { type RuleCode, rejectionText } from '../../call/rejection.js'
import type { BraidError } from '../../errors.js'

/** What geth says of the rule that a transaction breaks; of what geth has no rule for, what this package says. */
export function gethRejection(error: BraidError, sender: string | undefined): string {
  if (!error.code.startsWith('TX_')) return error.message
  const { expected, actual, address } = error.details
  return rejectionText({
    rule: error.code as RuleCode,
    expected: typeof expected === 'bigint' ? expected : 0n,
    actual: typeof actual === 'bigint' ? actual : 0n,
    sender: address ?? sender ?? `0x${'00'.repeat(20)}`,
  })
}
