/** `braid inspect`: executes a block and shows how it was executed. */

import type { BlockResult } from '../engine/block-result.js'
import { inspectionPage } from '../inspect/page.js'
import { nativeTime, printReports, reportOf } from './block-report.js'
import {
  createEngine,
  type ExecutionOptions,
  givenState,
  isInvalidBlock,
  prepareBlock,
} from './block-run.js'
import { complainAbout } from './complaint.js'
import { ExitCode, print } from './console.js'
import { hotLocationLines } from './execution-lines.js'
import { writeText } from './files.js'
import { type Progress, progressOn } from './progress.js'

/** How many hot locations are printed. */
const locationsShown = 10

/** The options of the command. */
interface InspectOptions extends ExecutionOptions {
  readonly html?: string
  readonly repeat: number
  readonly json?: boolean
}

/** Runs the command on the block of a file. */
export async function inspect(path: string, options: InspectOptions): Promise<ExitCode> {
  const given = givenState(options, [path])
  const engine = await createEngine(options)
  try {
    const block = prepareBlock(path, given)
    const progress = progressOn(options)(options.repeat, 'executions')
    const result = await fastest(options.repeat, progress, () =>
      engine.executeBlock(block.source, block.options),
    )
    const { name, version } = engine.vm
    const report = { ...reportOf(path, result), execution: result.report }
    if (options.html !== undefined) {
      writeText(options.html, inspectionPage({ result, vm: `${name} ${version}` }))
    }
    printReports([report], options.json)
    if (!options.json) {
      for (const line of hotLocationLines(result.report.hotLocations, locationsShown)) print(line)
    }
    return report.differences.length === 0 ? ExitCode.Success : ExitCode.Difference
  } catch (error) {
    if (!isInvalidBlock(error)) throw error
    complainAbout(error, { input: path })
    return ExitCode.Difference
  } finally {
    engine.close()
  }
}

/** The result of the quickest of several executions. */
async function fastest(
  times: number,
  progress: Progress,
  execute: () => Promise<BlockResult>,
): Promise<BlockResult> {
  try {
    let best = await execute()
    for (let i = 1; i < times; i++) {
      progress.update(i)
      const result = await execute()
      if (nativeTime(result.timings) < nativeTime(best.timings)) best = result
    }
    return best
  } finally {
    progress.clear()
  }
}
