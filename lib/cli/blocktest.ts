/** `braid blocktest`: runs block tests from files and folders, on all cores. */

import { Engine } from '../engine/engine.js'
import { BlockTestRunner, type BlockTestRunnerOptions } from './blocktest/runner.js'
import { type ExitCode, print, printable, printJson } from './console.js'
import { findJsonFiles } from './files.js'
import { progressOn } from './progress.js'
import { runFiles, type TestKind } from './run-files.js'
import { endOf, failureLine, summaryLine } from './test-report.js'

const blockTests: TestKind<BlockTestRunnerOptions> = {
  makeRunner: (options) => new BlockTestRunner(options),
  worker: new URL('./blocktest/worker.js', import.meta.url),
}

/** The options of the command. */
interface BlockTestOptions extends BlockTestRunnerOptions {
  /** How many files are run at once. */
  readonly workers: number
  readonly json?: boolean
}

/** Runs the command on the tests of files and folders. */
export async function blockTest(
  paths: readonly string[],
  { workers, json, ...options }: BlockTestOptions,
): Promise<ExitCode> {
  // Made to check the options: nothing else would where there are no tests.
  const engine = await Engine.create({
    vm: options.vm,
    threads: options.threads,
    policy: options.policy,
  })
  engine.close()
  const files = findJsonFiles(paths)
  const progress = progressOn({ json })(files.length, 'files')
  const outcome = await runFiles(files, workers, blockTests, options, progress)
  const { passed, failed, skipped, failures, unsupportedForks } = outcome
  if (json) {
    printJson({ passed, failed, skipped, unsupportedForks, failures })
  } else {
    for (const failure of failures) print(failureLine(failure))
    for (const [fork, cases] of Object.entries(unsupportedForks)) {
      print(`${cases} cases of ${printable(fork)} left out: the fork is not supported`)
    }
    print(summaryLine(outcome))
  }
  return endOf(outcome, {
    kind: 'block tests',
    otherKind: { name: 'state tests', command: 'statetest' },
    files,
    fork: options.fork,
  })
}
