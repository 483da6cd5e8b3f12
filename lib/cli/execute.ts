/** `braid execute`: executes blocks and compares them with their headers. */

import { parseArgs } from 'node:util'
import type { Engine } from '../engine/engine.js'
import type { MemoryState } from '../state/memory-state.js'
import { type BlockReport, printReports, reportOf } from './block-report.js'
import {
  createEngine,
  executionOptions,
  givenState,
  isInvalidBlock,
  prepareBlock,
} from './block-run.js'
import { complain, describeError, ExitCode, UsageError } from './console.js'

/** Runs the command; `args` are those after its name. */
export async function execute(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...executionOptions,
      report: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals.length === 0) throw new UsageError('execute needs a block')
  const given = givenState(values)
  const engine = await createEngine(values)
  const reports: BlockReport[] = []
  let exitCode: ExitCode = ExitCode.Success
  try {
    for (const path of positionals) {
      try {
        const report = await executeFile(engine, path, given, values.report)
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
  withExecution: boolean,
): Promise<BlockReport> {
  const { source, options } = prepareBlock(path, given)
  try {
    const result = await engine.executeBlock(source, options)
    const report = reportOf(path, result)
    if (given !== undefined) given.commit(result)
    return withExecution ? { ...report, execution: result.report } : report
  } catch (error) {
    if (!isInvalidBlock(error)) throw error
    return { block: path, differences: [], error: describeError(error) }
  }
}
