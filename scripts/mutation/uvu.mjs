/**
 * What stands in for `uvu` under mutation testing: the same `suite` and `test`, which only collect.
 * `uvu-runner.mjs` runs them one by one.
 */

/** The suites that `run()` was called for, in order: { name, tests, before, after, bEach, aEach }. */
export const suites = []

/** What `uvu` calls a suite: a function that adds tests. */
export function suite(name = '') {
  let collected = { name, tests: [], before: [], after: [], beforeEach: [], afterEach: [] }
  const add = (title, run) => collected.tests.push({ title, run })
  const hook = (kind) => (run) => collected[kind].push(run)
  return Object.assign(add, {
    before: Object.assign(hook('before'), { each: hook('beforeEach') }),
    after: Object.assign(hook('after'), { each: hook('afterEach') }),
    skip() {},
    only() {
      throw new Error(`${name}: 'only' leaves tests out`)
    },
    run() {
      suites.push(collected)
      collected = { ...collected, tests: [] }
    },
  })
}

export const test = suite()
