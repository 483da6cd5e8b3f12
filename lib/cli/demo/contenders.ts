/** The ways in which the demo executes a block. */

import type { BlockResult } from '../../engine/block-result.js'
import { Engine } from '../../engine/engine.js'
import type { StartProgress } from '../progress.js'
import { runOnEthereumjs } from './ethereumjs.js'
import type { Subject } from './subject.js'
import { whyNotFaster } from './why-not-faster.js'

/** One way to execute a block, and how that went. */
export interface Contender {
  readonly name: string
  /** The median time from the encoded block to its compared header; undefined: it did not run. */
  readonly milliseconds?: number
  /** Whether the outcome is what the header says; undefined: it did not run. */
  readonly agrees?: boolean
  /** What differs, why it did not run, or why it is not faster; empty where there is nothing to say. */
  readonly note: string
}

/** How all contenders did with a block. */
export interface Contest {
  readonly name: string
  /** In parallel, one after another, `@ethereumjs/vm`. */
  readonly contenders: readonly [Contender, Contender, Contender]
  /** The quickest execution of all. */
  readonly fastest: BlockResult
}

/** How often to execute each block. */
export interface ContestOptions {
  readonly repeat: number
  /** How to say how far it has come; that happens while no clock runs. */
  readonly startProgress: StartProgress
}

/** Two engines on one EVM: all cores, and one thread. */
export class Contestants {
  readonly #parallel: Engine
  readonly #sequential: Engine
  /** How often `@ethereumjs/vm` runs a block before the clock starts: its JavaScript is compiled then. */
  #warmUps = 1

  private constructor(parallel: Engine, sequential: Engine) {
    this.#parallel = parallel
    this.#sequential = sequential
  }

  static async create(vm: string): Promise<Contestants> {
    const parallel = await Engine.create({ vm })
    return new Contestants(parallel, await Engine.create({ vm, threads: 1, policy: 'sequential' }))
  }

  /** The EVM's name and version. */
  get vm(): string {
    const { name, version } = this.#parallel.vm
    return `${name} ${version}`
  }

  close(): void {
    this.#parallel.close()
    this.#sequential.close()
  }

  /** Executes a block on all cores, on one thread, and on `@ethereumjs/vm` where that is installed. */
  async run(subject: Subject, { repeat, startProgress }: ContestOptions): Promise<Contest> {
    const progress = startProgress(repeat + 1, 'rounds')
    try {
      const inParallel: Run[] = []
      const inSequence: Run[] = []
      for (let i = 0; i < repeat; i++) {
        progress.update(i, { current: `${subject.name} in parallel and in sequence` })
        inParallel.push(await run(this.#parallel, subject))
        inSequence.push(await run(this.#sequential, subject))
      }
      const quickest = [...inParallel].sort((a, b) => a.milliseconds - b.milliseconds)[0]
      progress.update(repeat, { current: `${subject.name} on @ethereumjs/vm` })
      const parallel = contenderOf('in parallel, all cores', inParallel)
      const sequential = contenderOf('one after another, one thread', inSequence)
      const isSlower = (parallel.milliseconds ?? 0) > (sequential.milliseconds ?? 0)
      const note = parallel.note || (isSlower ? whyNotFaster(quickest.result) : '')
      return {
        name: subject.name,
        contenders: [{ ...parallel, note }, sequential, await this.#runOther(subject)],
        fastest: quickest.result,
      }
    } finally {
      progress.clear()
    }
  }

  async #runOther(subject: Subject): Promise<Contender> {
    const name = '@ethereumjs/vm'
    try {
      const milliseconds = await runOnEthereumjs(subject, this.#warmUps)
      this.#warmUps = 0
      if (milliseconds === undefined) return { name, note: 'not installed' }
      return { name, milliseconds, agrees: true, note: '' }
    } catch (error) {
      const [message] = (error instanceof Error ? error.message : String(error)).split('\n', 1)
      return { name, agrees: false, note: message }
    }
  }
}

interface Run {
  readonly milliseconds: number
  readonly result: BlockResult
  /** Fields of the header that are not what the execution gave. */
  readonly differences: readonly string[]
}

async function run(engine: Engine, { block, options, trie }: Subject): Promise<Run> {
  const start = performance.now()
  const result = await engine.executeBlock(block, { ...options, verify: false })
  const differences: string[] = result.verify().map(({ field }) => field)
  if (trie !== undefined && trie.rootAfter(result) !== result.header.stateRoot) {
    differences.push('stateRoot')
  }
  return { milliseconds: performance.now() - start, result, differences }
}

function contenderOf(name: string, runs: readonly Run[]): Contender {
  const times = runs.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const differences = new Set(runs.flatMap((each) => each.differences))
  const agrees = differences.size === 0
  const note = agrees ? '' : `differs from the header: ${[...differences].join(', ')}`
  return { name, milliseconds: times[times.length >> 1], agrees, note }
}
