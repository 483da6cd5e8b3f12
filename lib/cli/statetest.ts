/** `braid statetest`: runs state tests from files and folders, on all cores. */

import { type ExitCode, print, printJson, UsageError } from './console.js'
import { findJsonFiles } from './files.js'
import { parseOptions, policyName, threadCount } from './options.js'
import { progressOn } from './progress.js'
import { runFiles, type TestKind } from './run-files.js'
import { StateTestRunner, type StateTestRunnerOptions } from './statetest/runner.js'
import { endOf, failureLine, summaryLine, workerCount } from './test-report.js'

const stateTests: TestKind<StateTestRunnerOptions> = {
  makeRunner: (options) => new StateTestRunner(options),
  worker: new URL('./statetest/worker.js', import.meta.url),
}

/** Runs the command; `args` are those after its name. */
export async function stateTest(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      fork: { type: 'string' },
      vm: { type: 'string', default: 'builtin' },
      threads: { type: 'string', default: '0' },
      policy: { type: 'string', default: 'sequential' },
      json: { type: 'boolean', default: false },
      workers: { type: 'string' },
      'skip-slow': { type: 'boolean', default: false },
    },
  })
  if (positionals.length === 0) throw new UsageError('statetest needs a file or a folder')
  const workers = workerCount(values.workers)
  const all = findJsonFiles(positionals)
  const files = values['skip-slow'] ? all.filter((file) => !file.slow) : all
  const options: StateTestRunnerOptions = {
    fork: values.fork,
    vm: values.vm,
    threads: threadCount(values.threads),
    policy: policyName(values.policy),
  }
  const progress = progressOn(values)(files.length, 'files')
  const outcome = await runFiles(files, workers, stateTests, options, progress)
  const { passed, failed, skipped } = outcome
  const leftOut = all.length - files.length
  if (values.json) {
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
    fork: values.fork,
    leftOut,
  })
}
