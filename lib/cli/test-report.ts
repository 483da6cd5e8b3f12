/** What the commands that run conformance tests share. */

import { suggestion } from '../did-you-mean.js'
import { complainAbout } from './complaint.js'
import { ExitCode, InputError, printable } from './console.js'
import { type InputFile, nameOf } from './files.js'
import { toned } from './terminal.js'
import type { TestFailure, TestOutcome } from './test-outcome.js'

/** A failed case in one line. */
export function failureLine({ file, test, fork, index, reason }: TestFailure): string {
  const place = `${toned('dim', `${printable(nameOf(file))}:`)} ${printable(test)}`
  return `${place}: ${printable(fork)}: ${index}: ${toned('fail', printable(reason))}`
}

/** How many cases there were, by how they ended, in one line. */
export function summaryLine({ passed, failed, skipped }: TestOutcome): string {
  const counts = [`${passed} passed`, `${failed} failed`, `${skipped} skipped`]
  if (failed > 0) counts[1] = toned('fail', counts[1])
  else if (passed > 0) counts[0] = toned('pass', counts[0])
  return counts.join(', ')
}

/** What was asked for, to be compared with what there was. */
export interface TestRequest {
  /** What the tests are called: `state tests`. */
  readonly kind: string
  /** What those of the other kind are called, and the command that runs them. */
  readonly otherKind: { readonly name: string; readonly command: string }
  /** The files that were run. */
  readonly files: readonly InputFile[]
  /** How many files were left out as slow. */
  readonly leftOut?: number
  /** The fork that `--fork` names. */
  readonly fork: string | undefined
}

/**
 * The exit code of a run. Where there was no test at all, or a file that was named holds none, nothing
 * was shown to be right: that is said on standard error.
 */
export function endOf(outcome: TestOutcome, request: TestRequest): ExitCode {
  const problems = problemsOf(outcome, request)
  for (const problem of problems) complainAbout(new InputError(problem))
  if (problems.length > 0) return ExitCode.Trouble
  return outcome.failed === 0 ? ExitCode.Success : ExitCode.Difference
}

function problemsOf(outcome: TestOutcome, request: TestRequest): string[] {
  const { kind, otherKind, files, leftOut = 0, fork } = request
  const named = new Set(files.filter((file) => file.named).map(({ path }) => path))
  const strangers = outcome.withoutTests.filter((path) => named.has(path))
  const { name, command } = otherKind
  const hint =
    outcome.otherKind > 0 ? `; braid ${command} runs ${name}, of which there are some` : ''
  if (strangers.length > 0) {
    return strangers.map((path) => `${printable(nameOf(path))} holds no ${kind}${hint}`)
  }
  if (outcome.passed + outcome.failed > 0) return []
  const otherForks = Object.keys(outcome.otherForks)
  if (fork !== undefined && otherForks.length > 0) {
    const meant = suggestion(fork, otherForks) || `: there are ${otherForks.sort().join(', ')}`
    return [printable(`no ${kind} of the fork ${fork} were found${meant}`)]
  }
  if (Object.keys(outcome.unsupportedForks).length > 0) {
    return [`no ${kind} were run: all are of forks that are not supported`]
  }
  if (leftOut > 0) return [`no ${kind} were run: all are in folders named slow`]
  return [`no ${kind} were found${hint}`]
}
