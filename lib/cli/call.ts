/** `braid call`: what the state answers to a call that nobody signs. */

import type { BlockHeader } from '../block/header.js'
import { decodeBlock } from '../block/index.js'
import type { CallOutcome, CallRequest } from '../call/index.js'
import { Engine } from '../engine/engine.js'
import { MemoryState } from '../state/memory-state.js'
import type { ReadableState } from '../state/readable-state.js'
import { givenState, readBlockFile } from './block-run.js'
import { chainOf } from './chain-option.js'
import { ExitCode, print, printable, printJson, UsageError, writtenOn } from './console.js'
import { lineConfigOf, type TraceFlags } from './evm-tool/trace-flags.js'
import { type RemoteBlocks, remoteBlocksOf } from './remote-blocks.js'
import { prefixed } from './statetest/case.js'
import { toned } from './terminal.js'

/** The options of the command. */
interface CallCommandOptions extends TraceFlags {
  readonly to?: string
  readonly from?: string
  readonly data?: string
  readonly value?: bigint
  readonly gas?: bigint
  /** The path of a block, or with `rpc` its name. */
  readonly block?: string
  readonly fork?: string
  readonly chain: string
  readonly state?: string
  readonly rpc?: string
  readonly cache?: string
  readonly json?: boolean
}

/** The state that is asked, and the block that the call is run in; without one, a block made up for now. */
interface Place {
  readonly state: ReadableState
  readonly block?: BlockHeader
  readonly blockHashes?: Readonly<Record<string, string>>
}

/** Runs the command. */
export async function call(options: CallCommandOptions): Promise<ExitCode> {
  const { to, data, chain } = options
  if (to === undefined && data === undefined) {
    throw new UsageError('a call needs --to, or --data with the code that makes a contract')
  }
  const remote = remoteBlocksOf(options)
  const place = remote === undefined ? localPlace(options) : undefined
  const engine = await Engine.create({ common: await chainOf(chain), policy: 'sequential' })
  try {
    if (place !== undefined) return await run(engine, place, options)
    return await (remote as RemoteBlocks).after(options.block ?? 'latest', (state, block) =>
      run(engine, { state, block: decodeBlock(block).header }, options),
    )
  } finally {
    engine.close()
  }
}

/** The place that files name. */
function localPlace(options: CallCommandOptions): Place {
  const { block: path } = options
  const given = givenState(options, path === undefined ? [] : [path])
  if (path === undefined) {
    if (given !== undefined) return { state: given }
    throw new UsageError('a call needs a state: --state, --rpc, or a --block that brings one')
  }
  const { block, preState, blockHashes } = readBlockFile(path)
  const state = given ?? (preState ? new MemoryState(preState) : undefined)
  if (state === undefined)
    throw new UsageError('the block brings no preState: give one with --state')
  const { header } = decodeBlock(block)
  return { state, block: header, ...(blockHashes === undefined ? {} : { blockHashes }) }
}

async function run(engine: Engine, place: Place, options: CallCommandOptions): Promise<ExitCode> {
  const { to, from, data, value, gas, fork: hardfork } = options
  const request: CallRequest = {
    to,
    from,
    data: data === undefined ? undefined : prefixed(data),
    value,
    gas,
  }
  const where = { ...place, hardfork }
  const outcome = await engine.call(request, where)
  if (options.trace && outcome.status !== 'invalid') {
    const config = lineConfigOf(options)
    const trace = await engine.traceCall(request, { ...where, tracer: 'eip3155', config })
    await writtenOn(process.stderr, trace.bytes)
  }
  if (options.json) printJson(outcome)
  else for (const line of outcomeLines(outcome)) print(line)
  return outcome.status === 'success' ? ExitCode.Success : ExitCode.Difference
}

/** What became of a call, for people. */
export function outcomeLines(outcome: CallOutcome): string[] {
  switch (outcome.status) {
    case 'success':
      return [
        `${toned('pass', 'success')}, ${outcome.gasUsed} gas`,
        ...(outcome.contractAddress === undefined ? [] : [`created ${outcome.contractAddress}`]),
        `returned ${outcome.data}`,
        ...outcome.logs.map(({ address, topics, data }) => {
          return ['log', address, ...topics, ...(data === '0x' ? [] : [data])].join(' ')
        }),
      ]
    case 'reverted': {
      const reason = outcome.reason === undefined ? '' : `: ${printable(outcome.reason)}`
      return [
        `${toned('fail', 'reverted')}, ${outcome.gasUsed} gas${reason}`,
        `returned ${outcome.data}`,
      ]
    }
    case 'halted':
      return [`${toned('fail', 'halted')}, ${outcome.gasUsed} gas: ${outcome.reason}`]
    case 'invalid':
      return [`${toned('fail', 'invalid')}: ${outcome.rule}: ${outcome.reason}`]
  }
}
