/** `braid blocktest`: runs block tests from files and folders, on all cores. */

import { Engine } from '../engine/engine.js'
import { BlockTestRunner, type BlockTestRunnerOptions } from './blocktest/runner.js'
import { type ExitCode, print, printable, printJson, UsageError } from './console.js'
import { findJsonFiles } from './files.js'
import { parseOptions, policyName, threadCount } from './options.js'
import { progressOn } from './progress.js'
import { runFiles, type TestKind } from './run-files.js'
import { endOf, failureLine, summaryLine, workerCount } from './test-report.js'

const blockTests: TestKind<BlockTestRunnerOptions> = {
  makeRunner: (options) => new BlockTestRunner(options),
  worker: new URL('./blocktest/worker.js', import.meta.url),
}

/** Runs the command; `args` are those after its name. */
export async function blockTest(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      fork: { type: 'string' },
      vm: { type: 'string', default: 'builtin' },
      threads: { type: 'string', default: '1' },
      policy: { type: 'string', default: 'sequential' },
      json: { type: 'boolean', default: false },
      workers: { type: 'string' },
    },
  })
  if (positionals.length === 0) throw new UsageError('blocktest needs a file or a folder')
  const workers = workerCount(values.workers)
  const options: BlockTestRunnerOptions = {
    fork: values.fork,
    vm: values.vm,
    threads: threadCount(values.threads),
    policy: policyName(values.policy),
  }
  // Made to check the options: nothing else would where there are no tests.
  const engine = await Engine.create({
    vm: options.vm,
    threads: options.threads,
    policy: options.policy,
  })
  engine.close()
  const files = findJsonFiles(positionals)
  const progress = progressOn(values)(files.length, 'files')
  const outcome = await runFiles(files, workers, blockTests, options, progress)
  const { passed, failed, skipped, failures, unsupportedForks } = outcome
  if (values.json) {
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
    fork: values.fork,
  })
}
