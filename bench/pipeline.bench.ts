/** Importing a chain: its two stages alone, and both together; on one thread and two, and into a folder. */

import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Engine, LmdbState, type PolicyName, StateTrie } from '../lib/index.js'
import { forkOf, imported, together } from './support/chain-import.js'
import { grouped, median, megagasPerSecond, shown } from './support/measure.js'
import { type MixedChain, type MixedChainOptions, mixedChain } from './support/mixed-chain.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** How much longer both stages together may take than the longer one alone. */
const mostRatio = 1.25

/** How much sooner two threads are done than one, and how much longer a folder takes than memory. */
const leastGain = 1.6
const mostForFolder = 1.25

/** How many blocks a lasting state writes at a time, as `braid import` has it. */
const batch = 64

/** Milliseconds that the chain took. */
interface Measured {
  readonly execution: number
  readonly root: number
  readonly together: number
}

/** Executes the chain without state roots, then computes them: each stage alone. */
async function stages(engine: Engine, chain: MixedChain): Promise<Omit<Measured, 'together'>> {
  const { blocks, parent } = chain
  const state = await forkOf(engine, chain)
  const trie = new StateTrie(chain.state)
  if (trie.root !== parent.stateRoot) throw new Error('the trie is another')
  const results = []
  const start = performance.now()
  for await (const result of engine.executeBlocks(blocks, { state, parent })) results.push(result)
  const executed = performance.now()
  for (const result of results) {
    trie.update(result)
    if (trie.root !== result.header.stateRoot) throw new Error('a state root is wrong')
  }
  return { execution: executed - start, root: performance.now() - executed }
}

/** The same into a state that lasts. */
async function intoFolder(engine: Engine, chain: MixedChain, folder: string): Promise<number> {
  const path = join(folder, 'state')
  await makeFolder(path, chain)
  const state = await LmdbState.open(path, { batch })
  try {
    return await imported(engine, chain, state)
  } finally {
    await state[Symbol.asyncDispose]()
    await rm(path, { recursive: true })
  }
}

/** Writes the chain's first state. */
async function makeFolder(path: string, { state, parent }: MixedChain): Promise<void> {
  const { number, hash } = parent
  const root = await LmdbState.load(path, state.dump(), { head: { number, hash } })
  if (root !== parent.stateRoot) throw new Error('accounts are missing')
}

/**
 * Milliseconds of the same import on one core that the JavaScript thread and a worker share; undefined where
 * the system has no `taskset`.
 */
function onOneCore(size: MixedChainOptions, runs: number): number | undefined {
  const child = fileURLToPath(new URL('support/pipeline-child.js', import.meta.url))
  const of = [size.blocks, size.accounts, runs].map(String)
  const command = ['-c', '0', process.execPath, child, ...of]
  const { status, stdout } = spawnSync('taskset', command, { encoding: 'utf8' })
  return status === 0 ? Number(stdout) : undefined
}

/** From RLP to checked roots: what a second thread gains, what the window gains, what a folder costs. */
async function compared(chain: MixedChain, count: number) {
  const one = await Engine.create({ threads: 1 })
  const two = await Engine.create({ threads: 2 })
  const folder = await mkdtemp(join(tmpdir(), 'braid-pipeline-'))
  const runs: { one: number; two: number; alone: number; folder: number }[] = []
  try {
    for (let i = 0; i < count; i++) {
      runs.push({
        one: await together(one, chain),
        two: await together(two, chain),
        alone: await together(two, chain, 0),
        folder: await intoFolder(two, chain, folder),
      })
    }
  } finally {
    one.close()
    two.close()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    milliseconds: {
      one: median(runs.map((run) => run.one)),
      two: median(runs.map((run) => run.two)),
      alone: median(runs.map((run) => run.alone)),
      folder: median(runs.map((run) => run.folder)),
    },
    // Each run has its own ratios: what disturbs one of its imports disturbs the others alike.
    gain: median(runs.map((run) => run.one / run.two)),
    folder: median(runs.map((run) => run.folder / run.two)),
  }
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const size = { blocks: quick ? 50 : 200, accounts: quick ? 20_000 : 200_000 }
  const chain = await mixedChain(size)
  const rows: {
    readonly policy: PolicyName
    readonly threads: number
    readonly measured: Measured
    readonly ratio: number
  }[] = []
  const cores = availableParallelism()
  const ways = (['sequential', 'adaptive'] as const).flatMap((policy) =>
    [...new Set([1, cores])].map((threads) => ({ policy, threads })),
  )
  for (const { policy, threads } of ways) {
    const engine = await Engine.create({ policy, threads })
    const runs: Measured[] = []
    for (let i = 0; i < (quick ? 3 : 5); i++) {
      const alone = await stages(engine, chain)
      runs.push({ ...alone, together: await together(engine, chain) })
    }
    engine.close()
    const ratioOf = ({ execution, root, together }: Measured) =>
      together / Math.max(execution, root)
    rows.push({
      policy,
      threads,
      measured: {
        execution: median(runs.map(({ execution }) => execution)),
        root: median(runs.map(({ root }) => root)),
        together: median(runs.map(({ together }) => together)),
      },
      // Each run has its own ratio: what disturbs one of the three disturbs the others alike.
      ratio: median(runs.map(ratioOf)),
    })
  }
  const pair = await compared(chain, quick ? 3 : 5)
  const oneCore = onOneCore(size, quick ? 3 : 5)
  const gas = Number(chain.gasUsed)
  const ratio = Math.max(...rows.map((row) => row.ratio))
  const target = `importing ${chain.blocks.length} blocks with state roots takes at most ${mostRatio} times the larger of its stages, execution and root`
  return {
    title: 'Importing a chain',
    text: [
      `${chain.blocks.length} blocks, ${grouped(chain.transactionCount)} transactions (transfers, ERC-20 transfers, Uniswap V3 swaps; some`,
      `to new accounts), ${shown(gas / 1e6)} million gas, on a state of ${grouped(chain.state.accountCount)} accounts. Execution is`,
      '`executeBlocks` without a trie; root is `trie.update` and `trie.root` of all its results, on the JavaScript thread;',
      'together is `executeBlocks` with the trie, which compares the state roots with the headers. Milliseconds, the',
      'middle of all runs; the ratio is that of together to the longer stage. The target is for the worst of the lines.',
      '',
      table(
        [
          'policy',
          '>threads',
          '>execution',
          '>root',
          '>together',
          '>ratio',
          '>million gas per second',
        ],
        rows.map(({ policy, threads, measured: { execution, root, together }, ratio }) => [
          policy,
          String(threads),
          shown(execution),
          shown(root),
          shown(together),
          shown(ratio),
          shown(megagasPerSecond(gas, together)),
        ]),
      ),
      '',
      'The same import in turns, from RLP to checked receipts and state roots, milliseconds: with an engine of one thread',
      `(${shown(pair.milliseconds.one)}), with one of two (${shown(pair.milliseconds.two)}; with \`ahead: 0\`, without a window, ${shown(pair.milliseconds.alone)}), and into an`,
      `\`LmdbState\` with two threads (${shown(pair.milliseconds.folder)}), ${batch} blocks in a write, the last one included. One thread is one worker beside the`,
      'JavaScript thread, so it has two cores to itself as well. Bound to one core, which the two then share, it took',
      oneCore === undefined
        ? 'not measured here: that takes `taskset`.'
        : `${shown(oneCore)}: two cores are ${shown(oneCore / pair.milliseconds.two)} times as fast as one.`,
    ].join('\n'),
    verdicts: [
      { target, measured: `${shown(ratio)} times`, met: ratio <= mostRatio },
      {
        target: `importing them on two threads is at least ${leastGain} times as fast as on one`,
        measured: `${shown(pair.gain)} times`,
        met: pair.gain >= leastGain,
      },
      {
        target: `importing them into an LmdbState takes at most ${mostForFolder} times as long as into a MemoryState with its trie`,
        measured: `${shown(pair.folder)} times`,
        met: pair.folder <= mostForFolder,
      },
    ],
    losses: [
      'Two threads gain little where the JavaScript thread (decoding, the trie, checks) works as long as one worker does: two cores are busy with one thread already.',
      'Where a policy keeps all cores busy, roots are computed beside it at its cost: the ratio is worse the fewer cores there are.',
    ],
    data: [
      ...rows.map(({ policy, threads, measured, ratio }) => ({
        policy,
        threads,
        ...measured,
        ratio,
      })),
      { ...pair.milliseconds, oneCore, gain: pair.gain, folderRatio: pair.folder },
    ],
  }
}
