/** The state trie against @ethereumjs/mpt. */

import { hexToBytes } from '../lib/arguments.js'
import { bytesToHex } from '../lib/hex/index.js'
import { StateTrie } from '../lib/trie/state-trie.js'
import { median, shown } from './support/measure.js'
import { applyChanges, nodesOf } from './support/mpt-state.js'
import { type BenchOptions, type Section, table } from './support/section.js'
import { makeChanges, makeState } from './support/trie-state.js'

/** Changed accounts and slots of an update. */
const changeCount = 2000

const leastRatio = 30
const mostMilliseconds = 15
const mostBytesPerAccount = 500

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const accountCount = quick ? 100_000 : 1_000_000
  const dump = makeState(accountCount)
  const before = process.memoryUsage().arrayBuffers
  let start = performance.now()
  const trie = new StateTrie(dump, { history: 1 })
  const loadSeconds = (performance.now() - start) / 1000
  start = performance.now()
  const base = trie.root
  const hashSeconds = (performance.now() - start) / 1000
  globalThis.gc?.()
  const resident = Math.max(trie.byteLength, process.memoryUsage().arrayBuffers - before)
  const bytesPerAccount = resident / accountCount

  const blocks = Array.from({ length: quick ? 8 : 25 }, (_, i) => ({
    packed: makeChanges(dump, changeCount, i + 1),
  }))
  const updates: number[] = []
  const hashes: number[] = []
  const undos: number[] = []
  const roots = blocks.map((block) => {
    const t0 = performance.now()
    trie.update(block)
    const t1 = performance.now()
    const { root } = trie
    const t2 = performance.now()
    trie.revert()
    const reverted = trie.root
    undos.push(performance.now() - t2)
    if (reverted !== base) throw new Error('undoing an update gives another root')
    updates.push(t1 - t0)
    hashes.push(t2 - t1)
    return root
  })
  const totals = updates.map((update, i) => update + hashes[i]!)

  const theirs = { own: [] as number[], native: [] as number[] }
  const db = nodesOf(trie)
  for (const [i, { packed }] of blocks.slice(0, 3).entries()) {
    for (const hash of ['own', 'native'] as const) {
      const from = performance.now()
      const root = await applyChanges(
        db,
        hexToBytes(base, 32, 'root'),
        packed,
        hash === 'native' ? hash : undefined,
      )
      theirs[hash].push(performance.now() - from)
      if (bytesToHex(root) !== roots[i]) throw new Error('@ethereumjs/mpt has another root')
    }
  }

  const ours = median(totals)
  const mpt = median(theirs.own)
  const ratio = mpt / ours
  const state = `a state of ${accountCount.toLocaleString('en').replaceAll(',', ' ')} accounts`
  return {
    title: 'State trie',
    text: [
      `One update with ${changeCount} changes, half accounts and half slots (four each in ${changeCount / 8} contracts), on`,
      `${state}, one in twenty a contract with eight slots: milliseconds of the JavaScript thread, the`,
      'middle of all runs. `@ethereumjs/mpt` holds the same nodes in a `MapDB` and gets the same changes through',
      'one storage trie per contract; its roots must be equal. Its second line has its keccak-256 replaced by this',
      "package's.",
      '',
      table(
        ['', '>ms', '>times ours'],
        [
          ['`StateTrie`: merging', shown(median(updates)), ''],
          ['`StateTrie`: hashing', shown(median(hashes)), ''],
          ['`StateTrie`: both', shown(ours), '1'],
          ['`StateTrie`: undoing an update, and the root again', shown(median(undos)), ''],
          ['`@ethereumjs/mpt`', shown(mpt), shown(ratio)],
          [
            '`@ethereumjs/mpt` with native hashing',
            shown(median(theirs.native)),
            shown(median(theirs.native) / ours),
          ],
        ],
      ),
      '',
      `Making the trie of a packed state takes ${shown(loadSeconds)} s, hashing all of it ${shown(hashSeconds)} s; it has`,
      `${shown(bytesPerAccount)} bytes per account, storage and unused room included.`,
    ].join('\n'),
    verdicts: [
      {
        target: `${changeCount} changes on ${state}: ${leastRatio} times faster than @ethereumjs/mpt`,
        measured: `${shown(ratio)} times`,
        met: ratio >= leastRatio,
      },
      {
        target: `${changeCount} changes on ${state}: at most ${mostMilliseconds} ms of the JavaScript thread`,
        measured: `${shown(ours)} ms`,
        met: ours <= mostMilliseconds,
      },
      {
        target: `the trie has at most ${mostBytesPerAccount} bytes per account`,
        measured: `${shown(bytesPerAccount)} bytes`,
        met: bytesPerAccount <= mostBytesPerAccount,
      },
    ],
    losses: [
      `The root of a whole state of ${accountCount} accounts is not had in less than ${shown(loadSeconds + hashSeconds)} s: loading is one thread's work.`,
    ],
    data: {
      accounts: accountCount,
      changes: changeCount,
      updateMilliseconds: median(updates),
      hashMilliseconds: median(hashes),
      mptMilliseconds: mpt,
      mptNativeHashMilliseconds: median(theirs.native),
      bytesPerAccount,
      loadSeconds,
      hashSeconds,
    },
  }
}
