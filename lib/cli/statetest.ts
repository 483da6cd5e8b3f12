/** `braid statetest`: runs state tests from files and folders, on all cores. */

import { type ExitCode, print, printJson, UsageError } from './console.js'
import { findJsonFiles } from './files.js'
import { progressOn } from './progress.js'
import { runFiles, type TestKind } from './run-files.js'
import { StateTestRunner, type StateTestRunnerOptions } from './statetest/runner.js'
import { endOf, failureLine, summaryLine } from './test-report.js'

const stateTests: TestKind<StateTestRunnerOptions> = {
  makeRunner: (options) => new StateTestRunner(options),
  worker: new URL('./statetest/worker.js', import.meta.url),
}

/** The options of the command. */
interface StateTestOptions extends StateTestRunnerOptions {
  /** How many files are run at once. */
  readonly workers: number
  readonly skipSlow?: boolean
  readonly json?: boolean
}

/** Runs the command on the tests of files and folders. */
export async function stateTest(
  paths: readonly string[],
  { workers, skipSlow, json, fork, vm, threads, policy, traceCheck }: StateTestOptions,
): Promise<ExitCode> {
  if (paths.length === 0) throw new UsageError('no path given: files or folders of state tests')
  if (traceCheck && vm !== 'builtin') {
    throw new UsageError('--trace-check traces what the builtin EVM does')
  }
  const options: StateTestRunnerOptions = { fork, vm, threads, policy, traceCheck }
  const all = findJsonFiles(paths)
  const files = skipSlow ? all.filter((file) => !file.slow) : all
  const progress = progressOn({ json })(files.length, 'files')
  const outcome = await runFiles(files, workers, stateTests, options, progress)
  const { passed, failed, skipped } = outcome
  const leftOut = all.length - files.length
  if (json) {
    printJson({ passed, failed, skipped, slowFilesLeftOut: leftOut, failures: outcome.failures })
  } else {
    for (const failure of outcome.failures) print(failureLine(failure))
    if (leftOut > 0) print(`${leftOut} files in slow folders left out`)
    print(summaryLine(outcome))
  }
  return endOf(outcome, {
    kind: 'state tests',
    otherKind: { name: 'block tests', command: 'blocktest' },
    files,
    fork,
    leftOut,
  })
}
