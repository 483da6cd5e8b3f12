/** `braid inspect`: executes a block and shows how it was executed. */

import type { BlockResult } from '../engine/block-result.js'
import { inspectionPage } from '../inspect/page.js'
import { nativeTime, printReports, reportOf } from './block-report.js'
import {
  createEngine,
  executionOptions,
  givenState,
  isInvalidBlock,
  prepareBlock,
} from './block-run.js'
import { complainAbout } from './complaint.js'
import { ExitCode, print, UsageError } from './console.js'
import { hotLocationLines } from './execution-lines.js'
import { writeText } from './files.js'
import { parseOptions, wholeNumber } from './options.js'
import { type Progress, progressOn } from './progress.js'

/** How many hot locations are printed. */
const locationsShown = 10

/** Runs the command; `args` are those after its name. */
export async function inspect(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      ...executionOptions,
      policy: { type: 'string', default: 'optimistic' },
      html: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  })
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new UsageError('inspect needs one block')
  const times = wholeNumber('repeat', values.repeat, 1)
  const given = givenState(values, positionals)
  const engine = await createEngine(values)
  try {
    const { source, options } = prepareBlock(path, given)
    const progress = progressOn(values)(times, 'executions')
    const result = await fastest(times, progress, () => engine.executeBlock(source, options))
    const { name, version } = engine.vm
    const report = { ...reportOf(path, result), execution: result.report }
    if (values.html !== undefined) {
      writeText(values.html, inspectionPage({ result, vm: `${name} ${version}` }))
    }
    printReports([report], values.json)
    if (!values.json) {
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
