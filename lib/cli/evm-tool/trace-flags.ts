/** The options about traces that geth's `evm` has, and what they ask of the tracer. */

import type { Eip3155Config } from '../../trace/index.js'
import { Option } from '../commands/commander.js'

/** geth's options about traces, as the command line gives them. */
export interface TraceFlags {
  readonly trace?: boolean
  readonly 'trace.memory'?: boolean
  readonly 'trace.nomemory'?: boolean
  readonly 'trace.nostack'?: boolean
  readonly 'trace.nostorage'?: boolean
  readonly 'trace.returndata'?: boolean
  readonly 'trace.noreturndata'?: boolean
  readonly 'trace.callframes'?: boolean
  /** Of Besu: numbers are decimal. */
  readonly 'trace.noeip3155'?: boolean
}

/** What the tracer of EIP-3155 is asked for. Memory and return data are there only where they are wanted. */
export function lineConfigOf(flags: TraceFlags): Eip3155Config {
  return {
    enableMemory: flags['trace.memory'] === true,
    disableStack: flags['trace.nostack'] === true,
    enableReturnData: flags['trace.returndata'] === true,
    callFrames: flags['trace.callframes'] === true,
  }
}

/** The declarations of what all commands have that trace as geth's `evm` does. */
export const traceOptions = {
  memory: new Option('--trace.memory', 'the memory before each instruction, too'),
  noMemory: new Option('--trace.nomemory', 'no memory, which is the default'),
  noStack: new Option('--trace.nostack', 'no stacks'),
  noStorage: new Option('--trace.nostorage', 'no storage, as always'),
  returnData: new Option('--trace.returndata', 'what the latest call has returned, too'),
  noReturnData: new Option('--trace.noreturndata', 'no return data, which is the default'),
  callFrames: new Option('--trace.callframes', 'a line for each frame that is entered, too'),
}

/** The opposite of a flag, where it has one that says more than its absence. */
const opposites: ReadonlyMap<string, string> = new Map([
  ['--trace.nomemory', '--trace.memory'],
  ['--trace.noreturndata', '--trace.returndata'],
])

/** Flags that take a value in Go's form: `--trace.nomemory=false`. */
const goFlag =
  /^(--(?:trace(?:\.(?:no)?(?:memory|stack|storage|returndata|callframes))?|human|dump))=(true|false|1|0)$/

/** Arguments with flags as they are here, where they are given a value as Go's programs take it. */
export function withoutFlagValues(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    const [, flag, value] = goFlag.exec(arg) ?? []
    if (flag === undefined) return [arg]
    if (value === 'true' || value === '1') return [flag]
    const opposite = opposites.get(flag)
    return opposite === undefined ? [] : [opposite]
  })
}
