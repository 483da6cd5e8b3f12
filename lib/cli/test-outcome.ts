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
}

/** An outcome without cases. */
export function emptyOutcome(): TestOutcome {
  return { passed: 0, failed: 0, skipped: 0, failures: [], unsupportedForks: {} }
}

/** Counts the cases of a fork that is not supported. */
export function skipFork(outcome: TestOutcome, fork: string, cases: number): void {
  outcome.skipped += cases
  outcome.unsupportedForks[fork] = (outcome.unsupportedForks[fork] ?? 0) + cases
}

/** Adds one outcome to another. */
export function addOutcome(total: TestOutcome, part: TestOutcome): void {
  total.passed += part.passed
  total.failed += part.failed
  total.skipped += part.skipped
  total.failures.push(...part.failures)
  for (const [fork, cases] of Object.entries(part.unsupportedForks)) {
    total.unsupportedForks[fork] = (total.unsupportedForks[fork] ?? 0) + cases
  }
}
