/** `braid logs` and `braid receipts`: execute blocks and print what they leave. */

import type { BlockResult } from '../engine/block-result.js'
import { throwFirstDifference } from '../engine/header-check.js'
import type { Hex } from '../hex/index.js'
import type { BlockLog } from '../output/log.js'
import type { TopicFilter } from '../output/log-filter.js'
import type { BlockReceipt } from '../output/receipt.js'
import {
  createEngine,
  type ExecutionOptions,
  givenState,
  isInvalidBlock,
  prepareBlock,
} from './block-run.js'
import { complainAbout } from './complaint.js'
import { ExitCode, written } from './console.js'
import { remoteBlocksOf } from './remote-blocks.js'
import { toned } from './terminal.js'

/** The options of both commands. */
interface OutputOptions extends Omit<ExecutionOptions, 'vm' | 'policy'> {
  readonly rpc?: string
  readonly cache?: string
  readonly json?: boolean
}

/** The options of `braid logs`. */
interface LogsOptions extends OutputOptions {
  readonly address?: readonly Hex[]
  /** By position. */
  readonly topic?: readonly TopicFilter[]
}

/** Runs `braid logs`. */
export async function logs(paths: readonly string[], options: LogsOptions): Promise<ExitCode> {
  const filter = { address: options.address, topics: options.topic }
  const logsOf = (result: BlockResult) => result.getLogs(filter)
  return printItems(paths, options, logsOf, logLines)
}

/** Runs `braid receipts`. */
export async function receipts(
  paths: readonly string[],
  options: OutputOptions,
): Promise<ExitCode> {
  return printItems(paths, options, (result) => result.receipts, receiptLines)
}

/** Executes blocks and prints something of each: as JSON one list of all, one item at a time. */
async function printItems<Item extends { toJSON(): object }>(
  paths: readonly string[],
  options: OutputOptions,
  itemsOf: (result: BlockResult) => readonly Item[],
  linesOf: (item: Item) => readonly string[],
): Promise<ExitCode> {
  let separator = '['
  for await (const result of resultsOf(paths, options)) {
    if (result === undefined) return ExitCode.Difference
    for (const item of itemsOf(result)) {
      const text = options.json
        ? `${separator}${JSON.stringify(item)}`
        : `${linesOf(item).join('\n')}\n`
      if (!(await written(text))) return ExitCode.Success
      separator = ',\n'
    }
  }
  if (options.json) await written(separator === '[' ? '[]\n' : ']\n')
  return ExitCode.Success
}

/** The results of blocks that are what their headers say; undefined, as the last one, for one that is not. */
async function* resultsOf(
  paths: readonly string[],
  options: OutputOptions,
): AsyncGenerator<BlockResult | undefined> {
  const remote = remoteBlocksOf(options)
  const given = remote === undefined ? givenState(options, paths) : undefined
  const engine = await createEngine({ ...options, vm: 'builtin', policy: 'adaptive' })
  const execute = async (path: string) => {
    if (remote !== undefined) {
      const result = await remote.execute(path, engine)
      throwFirstDifference(result)
      return result
    }
    const { source, options: surroundings } = prepareBlock(path, given)
    return engine.executeBlock(source, { ...surroundings, verify: true })
  }
  try {
    for (const path of paths) {
      try {
        yield await execute(path)
      } catch (error) {
        if (!isInvalidBlock(error)) throw error
        complainAbout(error, { input: path })
        yield undefined
        return
      }
    }
  } finally {
    engine.close()
  }
}

function logLines(log: BlockLog): string[] {
  const { blockNumber, transactionIndex, logIndex, address, topics, data } = log
  const size = data.length / 2 - 1
  return [
    `block ${blockNumber}, transaction ${transactionIndex}, log ${logIndex} of ${address}`,
    ...topics.map((topic) => `  ${topic}`),
    ...(size === 0
      ? []
      : [toned('dim', `  ${shortened(data)}${size > 96 ? ` ${size} bytes` : ''}`)]),
  ]
}

/** Data of at most three words. */
function shortened(data: Hex): string {
  const most = 2 + 2 * 96
  return data.length <= most ? data : `${data.slice(0, most)}…`
}

function receiptLines(receipt: BlockReceipt): string[] {
  const { transactionIndex, transactionHash, status, gasUsed, from, to, contractAddress } = receipt
  const target = to ?? `creates ${contractAddress}`
  const ending = status === 'success' ? toned('pass', status) : toned('fail', status)
  const price = `${gasUsed} gas at ${receipt.effectiveGasPrice} wei`
  return [
    `transaction ${transactionIndex}, ${transactionHash}: ${ending}`,
    `  ${from} -> ${target}`,
    `  ${price}, ${receipt.logs.length} logs`,
  ]
}
