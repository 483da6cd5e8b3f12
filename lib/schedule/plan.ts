/** What a plan means for the native engine. */

import { errorFor } from '../errors.js'
import {
  type BlockSummary,
  type PolicyName,
  policies,
  type SchedulingPolicy,
  type WorkerPool,
} from './policy.js'

/** Finds a policy by its name, or takes one that somebody wrote. Throws `OPTION_INVALID`. */
export function resolvePolicy(policy: PolicyName | SchedulingPolicy): SchedulingPolicy {
  if (typeof policy === 'object' && policy !== null && typeof policy.plan === 'function') {
    return policy
  }
  if (typeof policy === 'string' && Object.hasOwn(policies, policy)) return policies[policy]
  const expected = `${Object.keys(policies).join(', ')}, or a SchedulingPolicy`
  throw errorFor('OPTION_INVALID', { field: 'policy', expected })
}

/** The number of workers that a policy gives a block; 1 is sequential. Throws `OPTION_INVALID`. */
export function planWorkers(
  policy: SchedulingPolicy,
  summary: BlockSummary,
  pool: WorkerPool,
): number {
  const { mode, workers = pool.size } = policy.plan(summary, pool) ?? {}
  const isMode = mode === 'sequential' || mode === 'optimistic'
  if (!isMode || !Number.isInteger(workers) || workers < 1) {
    throw errorFor('OPTION_INVALID', {
      field: 'policy',
      expected: 'a plan with a mode and at least one worker',
    })
  }
  return mode === 'sequential' ? 1 : Math.min(workers, pool.size)
}
