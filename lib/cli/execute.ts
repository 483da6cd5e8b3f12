/** `braid execute`: executes blocks and compares them with their headers. */

import { parseArgs } from 'node:util'
import type { BlockSource } from '../block/types.js'
import { Engine } from '../engine/engine.js'
import { InvalidBlockError, InvalidTransactionError } from '../errors.js'
import type { PolicyName } from '../schedule/policy.js'
import type { Alloc } from '../state/alloc.js'
import { MemoryState } from '../state/memory-state.js'
import { type BlockReport, printReports, reportOf } from './block-report.js'
import { complain, describeError, ExitCode, InputError, UsageError } from './console.js'
import { parseJson, readBytes, readJson } from './files.js'

/** What a block file may bring beside the block. */
interface BlockFile {
  readonly block: BlockSource
  readonly preState?: Alloc
  readonly blockHashes?: Readonly<Record<string, string>>
}

/** Runs the command; `args` are those after its name. */
export async function execute(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      vm: { type: 'string', default: 'builtin' },
      threads: { type: 'string', default: '0' },
      policy: { type: 'string', default: 'sequential' },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals.length === 0) throw new UsageError('execute needs a block')
  const given = values.state === undefined ? undefined : readState(values.state)
  const engine = await Engine.create({
    vm: values.vm,
    threads: Number(values.threads),
    policy: values.policy as PolicyName, // an unknown one is a typed error
  })
  const reports: BlockReport[] = []
  let exitCode: ExitCode = ExitCode.Success
  try {
    for (const path of positionals) {
      try {
        const report = await executeFile(engine, path, given)
        reports.push(report)
        if (report.differences.length > 0 || report.error !== undefined) {
          exitCode = Math.max(exitCode, ExitCode.Difference) as ExitCode
        }
      } catch (error) {
        complain(`braid: ${path}: ${describeError(error)}`)
        exitCode = ExitCode.Trouble
      }
    }
  } finally {
    engine.close()
  }
  printReports(reports, values.json)
  return exitCode
}

async function executeFile(
  engine: Engine,
  path: string,
  given: MemoryState | undefined,
): Promise<BlockReport> {
  const { block, preState, blockHashes } = readBlockFile(path)
  const state = given ?? (preState === undefined ? undefined : new MemoryState(preState))
  if (state === undefined) {
    throw new InputError('the file brings no preState; give one with --state')
  }
  try {
    const result = await engine.executeBlock(block, {
      state,
      ...(blockHashes === undefined ? {} : { blockHashes }),
      // A pre-state that came with its block holds what the block touches, not the whole chain.
      forgiveMissingSystemContracts: given === undefined,
      verify: false,
    })
    const report = reportOf(path, result)
    if (given !== undefined) given.commit(result)
    return report
  } catch (error) {
    const invalid = error instanceof InvalidTransactionError || error instanceof InvalidBlockError
    if (!invalid) throw error
    return { block: path, differences: [], error: describeError(error) }
  }
}

function readBlockFile(path: string): BlockFile {
  const bytes = readBytes(path)
  // RLP blocks are lists, JSON blocks objects, and both may be written as text.
  const text = isText(bytes[0]) ? bytes.toString('utf8').trim() : ''
  if (text === '') return { block: bytes }
  if (/^(0x)?[0-9a-fA-F]+$/.test(text)) {
    return { block: Buffer.from(text.replace(/^0x/, ''), 'hex') }
  }
  const value = parseJson(text, path)
  if (typeof value !== 'object' || value === null) throw new InputError(`${path} holds no block`)
  if ('block' in value) return value as BlockFile
  return { block: ('result' in value ? value.result : value) as BlockSource }
}

function isText(firstByte: number | undefined): boolean {
  return firstByte !== undefined && firstByte < 0x80
}

function readState(path: string): MemoryState {
  const value = readJson(path) as { alloc?: Alloc; preState?: Alloc }
  return new MemoryState(value.alloc ?? value.preState ?? (value as Alloc))
}
