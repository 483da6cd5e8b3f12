/** What running state tests gives. */

/** A case that did not end as its test says. */
export interface StateTestFailure {
  readonly file: string
  readonly test: string
  readonly fork: string
  readonly index: number
  readonly reason: string
}

/** The outcome of a file, or of many. */
export interface StateTestOutcome {
  passed: number
  failed: number
  /** Cases of forks that are not supported, and entries that are not state tests. */
  skipped: number
  readonly failures: StateTestFailure[]
}

/** An outcome without cases. */
export function emptyOutcome(): StateTestOutcome {
  return { passed: 0, failed: 0, skipped: 0, failures: [] }
}

/** Adds one outcome to another. */
export function addOutcome(total: StateTestOutcome, part: StateTestOutcome): void {
  total.passed += part.passed
  total.failed += part.failed
  total.skipped += part.skipped
  total.failures.push(...part.failures)
}
