/** Lines of traces as Besu's `evmtool` writes them, made of those that geth's `evm` does. */

import type { Eip3155Line, Eip3155Step } from '../../trace/index.js'
import type { TraceFlags } from '../evm-tool/trace-flags.js'

/** What Besu calls the failures that geth's words stand for. */
const failures: readonly (readonly [pattern: RegExp, text: (step: Eip3155Step) => string])[] = [
  [/^out of gas/, () => 'Out of gas'],
  [/^gas uint64 overflow/, () => 'Out of gas'],
  [/^invalid opcode/, ({ op }) => `Invalid opcode: 0x${op.toString(16).padStart(2, '0')}`],
  [/^invalid jump destination/, () => 'Bad jump destination'],
  [/^stack underflow/, () => 'Stack underflow'],
  [/^stack limit/, () => 'Stack overflow'],
  [/^write protection/, () => 'Illegal state change'],
  [/^return data out of bounds/, () => 'Out of bounds'],
]

/** Failures that Besu finds before it tells what an instruction costs. */
const isFree = /^(invalid opcode|stack|return data out of bounds)/

/** Why a transaction's own frame has halted, as Besu's summary says it; undefined where it has not, or was reverted. */
export function besuHalt(lines: readonly Eip3155Line[]): string | undefined {
  const [step, exit] = lines.slice(-2)
  const isHalted = step !== undefined && 'pc' in step && step.error !== undefined
  if (!isHalted || !('output' in exit) || step.error === 'execution reverted') return undefined
  return step.depth === 1 ? errorOf(step, '') : undefined
}

/**
 * Besu's lines, without their ends: there is none for the end of a frame, and what fails in its execution has
 * one, with what a revert returned, or why it failed.
 *
 * @param lines with those for frames that are entered
 * @param codeSizeOf the size of the code of an account that is there before the transaction
 */
export function besuLines(
  lines: readonly Eip3155Line[],
  flags: TraceFlags,
  codeSizeOf: (address: string) => number | undefined,
): string[] {
  const steps: Record<string, unknown>[] = []
  /** The sizes of the codes of the frames that are open. */
  const sizes: (number | undefined)[] = []
  let before: Eip3155Step | undefined
  for (const [i, line] of lines.entries()) {
    if ('from' in line) {
      const isCreation = line.type.startsWith('CREATE')
      sizes.push(isCreation ? undefined : codeSizeOf(line.to))
    } else if ('output' in line) sizes.pop()
    if (!('pc' in line)) continue
    // Behind the end of its code a frame stops without an instruction.
    if (line.op === 0 && line.pc >= (sizes.at(-1) ?? Number.POSITIVE_INFINITY)) continue
    const isAgain = line.error !== undefined && before !== undefined && isSameStep(before, line)
    if (isAgain) steps.pop()
    const step = shaped(line, flags)
    if (line.error !== undefined) {
      const next = lines[i + 1]
      const returned = next !== undefined && 'output' in next ? next.output : ''
      step.error = errorOf(line, returned)
      if (line.error.startsWith('invalid opcode')) step.opName = 'INVALID'
      const cost = costOfFailure(line)
      if (cost !== undefined) {
        step.gasCost = flags['trace.noeip3155'] === true ? cost : `0x${cost.toString(16)}`
      }
      // The operands are still there.
      if (isAgain && before !== undefined) step.stack = shaped(before, flags).stack
    }
    steps.push(step)
    before = line
  }
  return steps.map((step) => JSON.stringify(step))
}

const sstore = 0x55
/** What an SSTORE must leave more than, or it fails (EIP-2200). */
const stipend = 2300

/** What Besu says that an instruction costs which has failed; undefined: what it costs. */
function costOfFailure({ op, gas, error = '' }: Eip3155Step): number | undefined {
  if (isFree.test(error)) return 0
  const lacksStipend = op === sstore && error.startsWith('out of gas') && Number(gas) <= stipend
  return lacksStipend ? stipend : undefined
}

function isSameStep(line: Eip3155Step, step: Eip3155Step): boolean {
  return line.pc === step.pc && line.depth === step.depth && line.gas === step.gas
}

function errorOf(step: Eip3155Step, returned: string): string {
  if (step.error === 'execution reverted') return `0x${returned}`
  const known = failures.find(([pattern]) => pattern.test(step.error ?? ''))
  return known?.[1](step) ?? step.error ?? ''
}

/** A step in Besu's form: without EIP-3155 its numbers are decimal. */
function shaped(step: Eip3155Step, flags: TraceFlags): Record<string, unknown> {
  const { pc, op, gas, gasCost, memory, memSize, stack, returnData, depth, refund, opName } = step
  const isPlain = flags['trace.noeip3155'] === true
  return {
    pc,
    op: isPlain ? `0x${op.toString(16).padStart(2, '0')}` : op,
    gas: isPlain ? Number(gas) : gas,
    gasCost: isPlain ? Number(gasCost) : gasCost,
    ...(memory === undefined ? {} : { memory }),
    memSize,
    ...(stack === null ? {} : { stack }),
    ...(returnData === undefined ? {} : { returnData }),
    depth,
    refund,
    opName,
  }
}
