/** Calls as a tree in lines. */

import type { CallFrame } from '../trace/index.js'
import { printable } from './console.js'
import { toned } from './terminal.js'

const weiPerEther = 10n ** 18n

/** The lines of a call with those that it made below it, each two spaces further in. */
export function callTreeLines(top: CallFrame): string[] {
  const lines: string[] = []
  const visit = (frame: CallFrame, depth: number): void => {
    const indent = '  '.repeat(depth)
    const from = depth === 0 ? `${frame.from} -> ` : ''
    lines.push(`${indent}${frame.type} ${from}${describe(frame)}`)
    // Logs stand between the calls that came before and after them.
    const logs = frame.logs ?? []
    const calls = frame.calls ?? []
    let told = 0
    for (let position = 0; position <= calls.length; position++) {
      for (; told < logs.length && Number(logs[told].position) === position; told++) {
        const { address, topics } = logs[told]
        lines.push(`${indent}  ${toned('dim', `log of ${address}: ${topics[0] ?? 'no topic'}`)}`)
      }
      if (position < calls.length) visit(calls[position], depth + 1)
    }
  }
  visit(top, 0)
  return lines
}

function describe(frame: CallFrame): string {
  const { type, to, value = '0x0', gasUsed, error, revertReason } = frame
  const parts = [to ?? 'no account', ...inputOf(frame)]
  if (BigInt(value) > 0n && type !== 'DELEGATECALL') parts.push(etherOf(BigInt(value)))
  if (type !== 'SELFDESTRUCT') parts.push(`${BigInt(gasUsed)} gas`)
  if (error !== undefined) {
    const reason = revertReason === undefined ? '' : `: ${revertReason}`
    parts.push(toned('fail', printable(`${error}${reason}`)))
  }
  return parts.join(', ')
}

/** The selector of a call and how many bytes follow it, or the size of the init code. */
function inputOf({ type, input }: CallFrame): string[] {
  const size = (input.length - 2) / 2
  if (size === 0) return []
  if (type === 'CREATE' || type === 'CREATE2') return [`${size} bytes of init code`]
  if (size < 4) return [`${size} bytes`]
  return [size === 4 ? input : `${input.slice(0, 10)} + ${size - 4} bytes`]
}

/** Wei as ether. */
export function etherOf(wei: bigint): string {
  const whole = wei / weiPerEther
  const rest = (wei % weiPerEther).toString().padStart(18, '0').replace(/0+$/, '')
  return `${whole}${rest === '' ? '' : `.${rest}`} ether`
}
