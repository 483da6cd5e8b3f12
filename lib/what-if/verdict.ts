/** What is said of a transaction under two sets of rules. */

/** What other rules do to a transaction. */
export type Verdict =
  /** It does the same for the same gas. */
  | 'same'
  /** It does the same, and uses more gas or less. */
  | 'otherGas'
  /** It succeeds or fails as before, and does something else: other logs, changes, output, or another failure. */
  | 'otherOutcome'
  /** It has succeeded and fails. */
  | 'nowFails'
  /** It has failed and succeeds. */
  | 'nowSucceeds'
  /** It could be in the block and cannot any more: its gas limit is below what it has to bring, say. */
  | 'nowInvalid'
  /** It could not be in the block and can. */
  | 'nowValid'
  /** It cannot be in the block either way. */
  | 'stillInvalid'

/** All verdicts. */
export const verdicts: readonly Verdict[] = [
  'same',
  'otherGas',
  'otherOutcome',
  'nowFails',
  'nowSucceeds',
  'nowInvalid',
  'nowValid',
  'stillInvalid',
]
