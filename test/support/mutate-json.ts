/** Damage to JSON values. */

import type { Random } from '../random.js'

/** Replaces or drops a member somewhere in a JSON value, mostly deep inside. */
export function mutateJson(
  random: Random,
  value: Record<string, unknown>,
  oddValues: readonly unknown[],
): void {
  let target = value
  for (;;) {
    const keys = Object.keys(target)
    if (keys.length === 0) return
    const key = random.pick(keys)
    const member = target[key]
    if (typeof member === 'object' && member !== null && random.below(5) > 0) {
      target = member as Record<string, unknown>
      continue
    }
    const kind = random.below(8)
    if (kind === 0) delete target[key]
    else if (kind === 1) target[key] = target[random.pick(keys)]
    else target[key] = random.pick(oddValues)
    return
  }
}
