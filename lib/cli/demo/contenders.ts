/** The ways in which the demo executes its block. */

import type { BlockResult } from '../../engine/block-result.js'
import { Engine } from '../../engine/engine.js'
import { StateTrie } from '../../trie/state-trie.js'
import type { Workload } from '../../workloads/index.js'
import type { StartProgress } from '../progress.js'
import { runOnEthereumjs } from './ethereumjs.js'

/** One way to execute a block, and how that went. */
export interface Contender {
  readonly name: string
  /** The median time from the encoded block to its compared header; undefined: it did not run. */
  readonly milliseconds?: number
  /** Whether the outcome, the state root included, is what the header says; undefined: it did not run. */
  readonly agrees?: boolean
  /** What was compared, or why it did not run. */
  readonly note: string
}

/** How all contenders did. */
export interface Contest {
  /** The slowest comes last. */
  readonly contenders: readonly Contender[]
  /** The quickest execution of all. */
  readonly fastest: BlockResult
  /** The EVM's name and version. */
  readonly vm: string
}

/** How often to execute the block, and on which EVM. */
export interface ContestOptions {
  readonly vm: string
  readonly repeat: number
  /** How to say how far it has come; that happens while no clock runs. */
  readonly startProgress: StartProgress
}

const compared = 'gas, bloom, receipts root and state root are those of the header'

/** Executes a workload on all cores, on one thread, and on `@ethereumjs/vm` where that is installed. */
export async function runContenders(
  workload: Workload,
  { vm, repeat, startProgress }: ContestOptions,
): Promise<Contest> {
  const parallel = await Engine.create({ vm })
  const sequential = await Engine.create({ vm, threads: 1, policy: 'sequential' })
  const trie = new StateTrie(workload.state)
  const progress = startProgress(repeat + 1, 'rounds')
  try {
    const inParallel: Run[] = []
    const inSequence: Run[] = []
    for (let i = 0; i < repeat; i++) {
      progress.update(i, { current: 'in parallel and in sequence' })
      inParallel.push(await run(parallel, workload, trie))
      inSequence.push(await run(sequential, workload, trie))
    }
    const quickest = [...inParallel].sort((a, b) => a.milliseconds - b.milliseconds)[0]
    const { name, version } = parallel.vm
    progress.update(repeat, { current: '@ethereumjs/vm' })
    return {
      contenders: [
        contenderOf('in parallel, all cores', inParallel),
        contenderOf('one after another, one thread', inSequence),
        await otherContender(workload),
      ],
      fastest: quickest.result,
      vm: `${name} ${version}`,
    }
  } finally {
    progress.clear()
    parallel.close()
    sequential.close()
  }
}

interface Run {
  readonly milliseconds: number
  readonly result: BlockResult
  /** Fields of the header that are not what the execution gave. */
  readonly differences: readonly string[]
}

async function run(engine: Engine, { block, state }: Workload, trie: StateTrie): Promise<Run> {
  const start = performance.now()
  const result = await engine.executeBlock(block, { state, verify: false })
  const differences: string[] = result.verify().map(({ field }) => field)
  if (trie.rootAfter(result) !== result.header.stateRoot) differences.push('stateRoot')
  return { milliseconds: performance.now() - start, result, differences }
}

function contenderOf(name: string, runs: readonly Run[]): Contender {
  const times = runs.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const differences = new Set(runs.flatMap((each) => each.differences))
  const agrees = differences.size === 0
  return {
    name,
    milliseconds: times[times.length >> 1],
    agrees,
    note: agrees ? compared : `differs from the header: ${[...differences].join(', ')}`,
  }
}

async function otherContender(workload: Workload): Promise<Contender> {
  const name = '@ethereumjs/vm'
  try {
    const milliseconds = await runOnEthereumjs(workload)
    if (milliseconds === undefined) return { name, note: 'not installed' }
    return { name, milliseconds, agrees: true, note: compared }
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split('\n', 1)
    return { name, agrees: false, note: message }
  }
}
