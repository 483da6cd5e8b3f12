/** What `trace_replayBlockTransactions` tells of a transaction, in lines for people. */

import type { ParityAccountDiff, ParityCall, ParityTrace, ParityVmTrace } from '../trace/index.js'
import { etherOf } from './call-tree.js'
import { printable } from './console.js'
import { toned } from './terminal.js'

/** The lines of a transaction: its calls as a tree, what differs by account, its instructions. */
export function* parityLines({ trace, stateDiff, vmTrace }: ParityTrace): Generator<string> {
  for (const call of trace) yield `${'  '.repeat(call.traceAddress.length)}${describe(call)}`
  for (const [address, account] of Object.entries(stateDiff ?? {})) {
    yield `${address}${accountMark(account)}`
    yield* differences(account)
  }
  if (vmTrace !== null) yield* instructions(vmTrace, 0)
}

function describe({ type, action, result, error }: ParityCall): string {
  const from = action.from ?? action.address
  const to = action.to ?? action.refundAddress ?? result?.address ?? 'no account'
  const wei = BigInt(action.value ?? action.balance ?? 0)
  const kind = action.callType ?? action.creationMethod ?? type
  const parts = [`${kind} ${from} -> ${to}`]
  const data = action.input ?? action.init ?? '0x'
  if (data !== '0x') parts.push(data.length > 10 ? `${data.slice(0, 10)}…` : data)
  if (wei > 0n) parts.push(etherOf(wei))
  if (result) parts.push(`${BigInt(result.gasUsed)} gas`)
  if (error !== undefined) parts.push(toned('fail', printable(error)))
  return parts.join(', ')
}

function accountMark({ balance }: ParityAccountDiff): string {
  if (balance === '=' || '*' in balance) return ''
  return '+' in balance ? ', new' : ', gone'
}

function* differences({ balance, nonce, code, storage }: ParityAccountDiff): Generator<string> {
  const members = { balance, nonce, code, ...storage }
  for (const [name, difference] of Object.entries(members)) {
    if (difference === '=') continue
    if ('*' in difference) {
      const { from, to } = difference['*']
      yield `  ${name}: ${shortened(from)} -> ${shortened(to)}`
    } else {
      yield `  ${name}: ${shortened('+' in difference ? difference['+'] : difference['-'])}`
    }
  }
}

/** A quantity or a word as it is; of code the beginning. */
function shortened(hex: string): string {
  return hex.length > 66 ? `${hex.slice(0, 66)}…` : hex
}

function* instructions({ ops }: ParityVmTrace, depth: number): Generator<string> {
  const indent = '  '.repeat(depth)
  for (const { pc, cost, ex, sub } of ops) {
    const left = ex === null ? toned('fail', 'failed') : `${ex.used} left`
    const pushed = ex === null || ex.push.length === 0 ? '' : `, ${ex.push.join(' ')}`
    yield `${indent}${pc}: ${cost} gas, ${left}${pushed}`
    if (sub !== null) yield* instructions(sub, depth + 1)
  }
}
