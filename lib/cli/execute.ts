/** `braid execute`: executes blocks and compares them with their headers. */

import { basename } from 'node:path'
import { decodeBlock } from '../block/index.js'
import type { Engine } from '../engine/engine.js'
import type { MemoryState } from '../state/memory-state.js'
import { type BlockReport, printReports, reportOf } from './block-report.js'
import {
  createEngine,
  type ExecutionOptions,
  givenState,
  isInvalidBlock,
  prepareBlock,
} from './block-run.js'
import { CarriedHashes } from './carried-hashes.js'
import { complainAbout } from './complaint.js'
import { describeError, ExitCode } from './console.js'
import { type Progress, progressOn } from './progress.js'
import { type RemoteBlocks, remoteBlocksOf } from './remote-blocks.js'

/** The options of the command. */
interface ExecuteOptions extends ExecutionOptions {
  readonly report?: boolean
  /** The address of a node that has the blocks and their states. */
  readonly rpc?: string
  /** A folder for what that node answers. */
  readonly cache?: string
  readonly json?: boolean
}

/** Runs the command on the blocks of some files. */
export async function execute(
  paths: readonly string[],
  options: ExecuteOptions,
): Promise<ExitCode> {
  const remote = remoteBlocksOf(options)
  const given = remote === undefined ? givenState(options, paths) : undefined
  const engine = await createEngine(options)
  const progress = progressOn(options)(paths.length, 'blocks')
  const hashes = new CarriedHashes()
  const withExecution = options.report === true
  const run: Run = { engine, given, remote, hashes, withExecution, progress }
  try {
    const { reports, exitCode } = await executeFiles(paths, run)
    printReports(reports, options.json)
    return exitCode
  } finally {
    engine.close()
  }
}

/** How files are executed. */
interface Run {
  readonly engine: Engine
  readonly given: MemoryState | undefined
  /** The node that blocks come from, where they do not come from files. */
  readonly remote: RemoteBlocks | undefined
  readonly hashes: CarriedHashes
  readonly withExecution: boolean
  readonly progress: Progress
}

/** Executes the block of each file; goes on where one cannot be executed. */
async function executeFiles(paths: readonly string[], run: Run) {
  const { progress } = run
  const reports: BlockReport[] = []
  let exitCode: ExitCode = ExitCode.Success
  let failed = 0
  for (const [done, path] of paths.entries()) {
    progress.update(done, { failed, current: basename(path) })
    try {
      const report = await executeFile(path, run)
      reports.push(report)
      if (report.differences.length === 0 && report.error === undefined) continue
      exitCode = Math.max(exitCode, ExitCode.Difference) as ExitCode
    } catch (error) {
      progress.clear()
      complainAbout(error, { input: path })
      exitCode = ExitCode.Trouble
    }
    failed++
  }
  progress.clear()
  return { reports, exitCode }
}

async function executeFile(path: string, run: Run): Promise<BlockReport> {
  const { engine, given, remote, hashes, withExecution } = run
  try {
    if (remote !== undefined) {
      const result = await remote.execute(path, engine)
      const report = reportOf(path, result)
      return withExecution ? { ...report, execution: result.report } : report
    }
    const { source, options } = prepareBlock(path, given)
    const blockHashes = hashes.take(decodeBlock(source).header, options.blockHashes)
    const result = await engine.executeBlock(source, { ...options, blockHashes })
    const report = reportOf(path, result)
    if (given !== undefined) given.commit(result)
    return withExecution ? { ...report, execution: result.report } : report
  } catch (error) {
    if (!isInvalidBlock(error)) throw error
    return { block: path, differences: [], error: describeError(error) }
  }
}
