/** Damage to JSON values. */

import type { Random } from '../random.js'

/** Values that members are replaced by. */
export const oddValues: readonly unknown[] = [
  undefined,
  null,
  true,
  '',
  '0x',
  '0x0',
  '0x00',
  '0xzz',
  '0x8000000000000000',
  '0xffffffffffffffff',
  '0x10000000000000000',
  `0x${'ff'.repeat(20)}`,
  `0x${'ff'.repeat(32)}`,
  `0x1${'00'.repeat(32)}`,
  `0x${'f'.repeat(100_001)}`,
  '9'.repeat(100_000),
  '12',
  '-1',
  '1e3',
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  (1n << 63n) + 1n,
  1n << 64n,
  -1n,
  1n << 300n,
  Symbol('odd'),
  {},
  Object.create(null),
  [],
  [null],
  [[[[[[[[[[]]]]]]]]]],
  Array(3),
  new Uint8Array(32),
  new Map([['length', 5]]),
  new Date(0),
  () => 1,
  {
    toString() {
      throw new Error('no text')
    },
  },
  {
    valueOf: () => ({}),
    toString: () => ({}),
  },
  '0x1',
  `0x${'\u0130'.repeat(200)}`,
  'legacy',
  4,
  0n,
  1n,
  [{}],
]

/** Replaces or drops a member somewhere in a JSON value, mostly deep inside. */
export function mutateJson(random: Random, value: Record<string, unknown>): void {
  let target = value
  for (;;) {
    const keys = Object.keys(target)
    if (keys.length === 0) return
    const key = random.pick(keys)
    const member = target[key]
    // Elements of typed arrays turn what they are set to into numbers.
    const isContainer = typeof member === 'object' && member !== null && !ArrayBuffer.isView(member)
    if (isContainer && random.below(5) > 0) {
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
