/** Policies by name, and asking them. */

import { demand } from '../arguments.js'
import { errorFor, isBraidError, shownValue } from '../errors.js'
import { processorCount } from '../native/load.js'
import { adaptive } from './adaptive.js'
import { PackedFeedback } from './feedback.js'
import { writePlan } from './hints.js'
import {
  ahead,
  optimistic,
  type PolicyName,
  type SchedulingPolicy,
  sequential,
  type WorkerPool,
} from './policy.js'
import { type BlockSummary, PackedBlockSummary } from './summary.js'

/** No block has use for more. */
const maxThreads = 1024

/** The policies that go by a name. One that learns is made anew for every engine. */
const policies: Readonly<Record<PolicyName, () => SchedulingPolicy>> = {
  sequential: () => sequential,
  optimistic: () => optimistic,
  adaptive: () => adaptive(),
  ahead: () => ahead,
}

/** Finds a policy by its name, or takes one that somebody wrote. Throws `OPTION_INVALID`. */
export function resolvePolicy(policy: PolicyName | SchedulingPolicy): SchedulingPolicy {
  if (typeof policy === 'string' && Object.hasOwn(policies, policy)) return policies[policy]()
  const expected = `${Object.keys(policies).join(', ')}, or a SchedulingPolicy`
  demand(typeof policy === 'object' && policy !== null, 'policy', expected, policy)
  const { name, plan, learn } = policy
  demand(typeof name === 'string', 'policy.name', 'a string', name)
  demand(typeof plan === 'function', 'policy.plan', 'a function', plan)
  const canLearn = learn === undefined || typeof learn === 'function'
  demand(canLearn, 'policy.learn', 'a function', learn)
  return policy
}

/** The pool of an engine that may use so many threads; 0: as many as there are cores. */
export function poolOf(threads: unknown): WorkerPool {
  const isCount = typeof threads === 'number' && Number.isInteger(threads)
  const isPossible = isCount && threads >= 0 && threads <= maxThreads
  demand(isPossible, 'threads', `0 to ${maxThreads}`, threads)
  return { size: threads === 0 ? processorCount() : (threads as number) }
}

/** A packed block that says how it is to be executed. */
export interface ScheduledBlock {
  readonly input: Uint8Array
  readonly summary: BlockSummary
}

/** Asks an engine's policy about its blocks, and tells it how they went. */
export class Scheduler {
  readonly policy: SchedulingPolicy
  readonly pool: WorkerPool
  #learns: boolean

  constructor(policy: SchedulingPolicy, pool: WorkerPool) {
    this.policy = policy
    this.pool = pool
    this.#learns = typeof policy.learn === 'function'
  }

  /**
   * Writes the policy's plan into a packed block, which may move for that. Throws `POLICY_FAILED`
   * where the policy threw, `OPTION_INVALID` where its plan is none.
   *
   * @param pool what this block may use. Default: all that there is
   */
  schedule(input: Uint8Array, pool = this.pool): ScheduledBlock {
    const summary = new PackedBlockSummary(input)
    try {
      return {
        input: writePlan(input, this.policy.plan(summary, pool), pool),
        summary,
      }
    } catch (cause) {
      if (isBraidError(cause)) throw cause
      throw errorFor('POLICY_FAILED', { field: 'policy' }, { cause })
    }
  }

  /** Tells the policy how a block went, by its packed output. */
  learn({ summary }: ScheduledBlock, output: Uint8Array): void {
    if (!this.#learns) return
    try {
      this.policy.learn?.(new PackedFeedback(output, this.policy.name), summary)
    } catch (error) {
      // The block's result is right all the same: what a policy learns is only worth time.
      this.#learns = false
      const reason = shownValue(error)
      process.emitWarning(`the scheduling policy failed to learn and will not again: ${reason}`, {
        type: 'BraidWarning',
        code: 'BRAID_POLICY_LEARN_FAILED',
      })
    }
  }
}
