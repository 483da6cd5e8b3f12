/** The ways to execute blocks: threads, policies, hints, EVMs, engines old and new. */

import { fileURLToPath } from 'node:url'
import type { Common } from '@ethereumjs/common'
import {
  type BlockSummary,
  Engine,
  type EngineOptions,
  type ExecutionPlan,
  type PolicyName,
  type SchedulingPolicy,
} from '../../lib/index.js'
import type { Random } from '../random.js'

/** The built-in EVM in the guise of a foreign one. */
const foreignVm = fileURLToPath(new URL('../../Release/libbraidvm.so', import.meta.url))

const foreignSuffix = ', foreign EVM'

const names: readonly PolicyName[] = ['sequential', 'optimistic', 'adaptive', 'ahead']

/** Engines made before that are still open, at most. */
const openEngines = 4

/** A policy that knows nothing and says a lot. */
export function randomPolicy(random: Random): SchedulingPolicy {
  return {
    name: 'random',
    plan({ transactionCount }: BlockSummary, { size }): ExecutionPlan {
      const density = random.below(100)
      return {
        mode: random.pick(['optimistic', 'ahead'] as const),
        workers: 1 + random.below(size),
        predecessors: Array.from({ length: transactionCount }, (_, i) =>
          i > 0 && random.below(100) < density ? random.below(i) : -1,
        ),
      }
    },
  }
}

/** An engine's options, and what to call them. */
export function randomOptions(random: Random): EngineOptions & { readonly title: string } {
  const threads = 1 + random.below(8)
  const policy = random.below(3) === 0 ? randomPolicy(random) : random.pick(names)
  const vm = random.below(8) === 0 ? foreignVm : 'builtin'
  const name = typeof policy === 'string' ? policy : policy.name
  return {
    threads,
    policy,
    vm,
    title: `${name}, ${threads} threads${vm === 'builtin' ? '' : foreignSuffix}`,
  }
}

/** An engine and what it is. */
export interface Way {
  readonly title: string
  readonly engine: Engine
  /** Whether it is an EVM that can be stopped between two call frames only. */
  readonly isForeign: boolean
  /** To be called when it is no longer used. */
  release(): void
}

/** Engines of one chain, made at random, used again at random, and closed. */
export class Ways {
  readonly #random: Random
  readonly #common: Common | undefined
  readonly #open: { title: string; engine: Engine }[] = []
  /** How many engines were made. */
  made = 0

  constructor(random: Random, common?: Common) {
    this.#random = random
    this.#common = common
  }

  /** Some way to execute blocks. */
  async take(): Promise<Way> {
    const random = this.#random
    const way = random.below(3) === 0 ? this.#open.shift() : undefined
    const { title, engine } = way ?? (await this.#make())
    return {
      title,
      engine,
      isForeign: title.endsWith(foreignSuffix),
      release: () => this.#keepOrClose({ title, engine }),
    }
  }

  /** Closes all engines. */
  close(): void {
    for (const { engine } of this.#open.splice(0)) engine.close()
  }

  async #make(): Promise<{ title: string; engine: Engine }> {
    const { title, ...options } = randomOptions(this.#random)
    this.made++
    return { title, engine: await Engine.create({ ...options, common: this.#common }) }
  }

  #keepOrClose(way: { title: string; engine: Engine }): void {
    if (this.#random.below(4) > 0) {
      way.engine.close()
      return
    }
    this.#open.push(way)
    if (this.#open.length > openEngines) this.#open.shift()?.engine.close()
  }
}
