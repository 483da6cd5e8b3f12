/** What running conformance tests gives. */

/** A case that did not end as its test says. */
export interface TestFailure {
  readonly file: string
  readonly test: string
  readonly fork: string
  /** The position of the variant, or of the block. */
  readonly index: number
  readonly reason: string
}

/** The outcome of a file, or of many. */
export interface TestOutcome {
  passed: number
  failed: number
  /** Cases of forks that are not supported, and entries that are no tests. */
  skipped: number
  readonly failures: TestFailure[]
  /** How many cases were skipped for each fork that is not supported. */
  readonly unsupportedForks: Record<string, number>
  /** How many cases were left out of each fork that was not asked for. */
  readonly otherForks: Record<string, number>
  /** Files in which there is no test of the kind that is run. */
  readonly withoutTests: string[]
  /** How many tests of another kind there were. */
  otherKind: number
}

/** An outcome without cases. */
export function emptyOutcome(): TestOutcome {
  return {
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: [],
    unsupportedForks: {},
    otherForks: {},
    withoutTests: [],
    otherKind: 0,
  }
}

/** Counts the cases of a fork that is not supported. */
export function skipFork(outcome: TestOutcome, fork: string, cases: number): void {
  outcome.skipped += cases
  addCases(outcome.unsupportedForks, fork, cases)
}

/** Counts cases by their fork, whose name a file may have made up. */
export function addCases(forks: Record<string, number>, fork: string, cases: number): void {
  const before = Object.hasOwn(forks, fork) ? forks[fork] : 0
  Object.defineProperty(forks, fork, {
    value: before + cases,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}

/** Adds one outcome to another. */
export function addOutcome(total: TestOutcome, part: TestOutcome): void {
  total.passed += part.passed
  total.failed += part.failed
  total.skipped += part.skipped
  total.otherKind += part.otherKind
  for (const failure of part.failures) total.failures.push(failure)
  for (const file of part.withoutTests) total.withoutTests.push(file)
  for (const forks of ['unsupportedForks', 'otherForks'] as const) {
    for (const [fork, cases] of Object.entries(part[forks])) addCases(total[forks], fork, cases)
  }
}
