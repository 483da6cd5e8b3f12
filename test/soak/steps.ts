/** What a soak does again and again. Every step compares with sequential execution. */

import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import {
  type BlockResult,
  Engine,
  type ExecuteBlocksOptions,
  isBraidError,
  MemoryState,
  SourceState,
  type StateSource,
  StateTrie,
} from '../../lib/index.js'
import type { Random } from '../random.js'
import { type BuiltChain, buildChain } from '../support/chain-generator/build.js'
import { chainForks, commonOf } from '../support/chain-generator/forks.js'
import { generateChain } from '../support/chain-generator/generate.js'
import {
  type EndlessKind,
  endlessAlloc,
  endlessBlock,
  endlessKinds,
  endlessOptions,
} from '../support/endless.js'
import { outcomeOf } from './digest.js'
import {
  damaged,
  mixedSubject,
  randomWorkload,
  type Subject,
  type WorkloadRecipe,
  workloadSubject,
} from './subjects.js'
import { type Way, Ways } from './ways.js'
import type { WorkerTask } from './worker.js'

const allEndlessKinds = Object.keys(endlessKinds) as EndlessKind[]

/** What a soak has done so far. */
export interface SoakCounts {
  blocks: number
  executions: number
  /** Blocks that ended with an error, as they should. */
  refused: number
  cancelled: number
  chains: number
  workers: number
  engines: number
}

/** Something is not what sequential execution gives. */
export class DifferenceError extends Error {}

/** The steps of one soak. */
export class Steps {
  readonly counts: SoakCounts = {
    blocks: 0,
    executions: 0,
    refused: 0,
    cancelled: 0,
    chains: 0,
    workers: 0,
    engines: 0,
  }
  readonly #random: Random
  readonly #ways: Ways
  readonly #reference: Engine
  readonly #endless = new MemoryState(endlessAlloc)

  private constructor(random: Random, reference: Engine) {
    this.#random = random
    this.#reference = reference
    this.#ways = new Ways(random)
  }

  /** Makes the steps; the random numbers decide everything but what threads do. */
  static async create(random: Random): Promise<Steps> {
    return new Steps(random, await Engine.create({ policy: 'sequential', threads: 1 }))
  }

  /** Does one step. Throws where something is not as it should be. */
  async next(): Promise<void> {
    const kind = this.#random.below(20)
    if (kind < 8) await this.#wholeBlock()
    else if (kind < 13) await this.#damagedBlocks()
    else if (kind < 15) await this.#chain()
    else if (kind < 17) await this.#cancellations()
    else if (kind < 18) await this.#source()
    else if (kind < 19) await this.#workerThread()
    else await this.#endedThread()
    this.counts.engines = this.#ways.made
  }

  /** Closes what is open. */
  close(): void {
    this.#ways.close()
    this.#reference.close()
  }

  async #subject(): Promise<Subject> {
    this.counts.blocks++
    if (this.#random.below(6) === 0) return mixedSubject()
    return workloadSubject(randomWorkload(this.#random))
  }

  /** What sequential execution makes of a block. */
  async #expected({ block, options }: Subject): Promise<string> {
    this.counts.executions++
    return outcomeOf(this.#reference.executeBlock(block, options))
  }

  #check(subject: Subject, title: string, outcome: string, expected: string): void {
    this.counts.executions++
    if (outcome === expected) return
    const block = Buffer.from(subject.block as Uint8Array).toString('hex')
    throw new DifferenceError(
      `${subject.title}, ${title}: ${outcome} instead of ${expected}\n${block}`,
    )
  }

  /** Several ways at once, or one after another; then the state goes on and back. */
  async #wholeBlock(): Promise<void> {
    const subject = await this.#subject()
    const expected = await this.#expected(subject)
    await this.#everyWay(subject, expected)
    await this.#commitAndRevert(subject)
  }

  async #everyWay(subject: Subject, expected: string): Promise<void> {
    const { block, options } = subject
    const count = 2 + this.#random.below(4)
    const ways: Way[] = []
    for (let i = 0; i < count; i++) ways.push(await this.#ways.take())
    const run = async ({ title, engine }: Way) => {
      const outcome = await outcomeOf(engine.executeBlock(block, options))
      this.#check(subject, title, outcome, expected)
    }
    const settled: Promise<void>[] = []
    const atOnce = this.#random.below(2) === 0
    for (const way of ways) {
      const running = run(way)
      settled.push(running)
      if (!atOnce) await running
      // Released at once, an engine is closed while its block runs.
      else way.release()
    }
    const results = await Promise.allSettled(settled)
    if (!atOnce) for (const way of ways) way.release()
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async #commitAndRevert({ title, block, options }: Subject): Promise<void> {
    const way = await this.#ways.take()
    const state = options.state.clone()
    const before = state.stateRoot()
    const trie = new StateTrie(state)
    const result = await way.engine.executeBlock(block, { ...options, state })
    way.release()
    const step = state.advance(result)
    trie.update(result)
    const after = state.stateRoot()
    step.drop()
    if (trie.root !== after) throw new DifferenceError(`${title}: the trie's root is another`)
    if (state.stateRoot() !== before) throw new DifferenceError(`${title}: undone, it is another`)
  }

  async #damagedBlocks(): Promise<void> {
    const whole = await this.#subject()
    for (let i = 0; i < 4; i++) {
      const subject = damaged(this.#random, whole)
      const expected = await this.#expected(subject)
      // A digest has no blanks.
      if (expected.includes(' ')) this.counts.refused++
      await this.#everyWay(subject, expected)
    }
  }

  /** A chain over some forks; its import may be broken off, and has to stand where it ended. */
  async #chain(): Promise<void> {
    const random = this.#random
    this.counts.chains++
    const shape = {
      seed: random.below(0x10000),
      blocks: 2 + random.below(5),
      firstFork: random.pick(chainForks),
      blocksPerFork: 1 + random.below(6),
    }
    const chain = await buildChain(generateChain(shape))
    const ways = new Ways(random, commonOf(chain.recipe))
    for (let i = 0; i < 3; i++) {
      const way = await ways.take()
      try {
        await this.#import(chain, way)
      } catch (error) {
        throw new DifferenceError(`chain ${JSON.stringify(shape)}, ${way.title}`, { cause: error })
      }
      way.release()
    }
    this.counts.engines += ways.made
    ways.close()
  }

  async #import(chain: BuiltChain, { engine }: Way): Promise<void> {
    const random = this.#random
    const state = new MemoryState(chain.alloc, { trie: true })
    const blockHashes = new Map([[0n, chain.genesis.hash]])
    const end = random.below(3) === 0 ? random.below(chain.blocks.length) : chain.blocks.length
    const options: ExecuteBlocksOptions = {
      state,
      parent: chain.genesis,
      blockHashes,
      validate: true,
      transactionRoots: random.below(2) === 0,
    }
    let count = 0
    if (end > 0) {
      for await (const result of engine.executeBlocks(chain.blocks, options)) {
        this.counts.blocks++
        this.counts.executions++
        checkRoot(result, chain.headers[count + 1]?.stateRoot)
        if (++count === end) break
      }
    }
    if (count !== end) throw new DifferenceError(`${count} of ${end} blocks`)
    const root = chain.headers[end]?.stateRoot
    if (new StateTrie(state).root !== root || state.root !== root) {
      throw new DifferenceError(`after ${end} blocks the state is another`)
    }
  }

  /** Blocks that never end, and one that does, cancelled at any moment. */
  async #cancellations(): Promise<void> {
    const random = this.#random
    const way = await this.#ways.take()
    const kinds = way.isForeign ? (['calling'] as const) : allEndlessKinds
    const endless = Promise.allSettled(
      Array.from({ length: 1 + random.below(4) }, () =>
        way.engine.executeBlock(endlessBlock(random.pick(kinds)), {
          ...endlessOptions,
          state: this.#endless,
          signal: AbortSignal.timeout(1 + random.below(30)),
        }),
      ),
    )
    const subject = await this.#subject()
    const expected = await this.#expected(subject)
    const controller = new AbortController()
    const running = outcomeOf(
      way.engine.executeBlock(subject.block, { ...subject.options, signal: controller.signal }),
    )
    await wait(random.below(20))
    controller.abort()
    const outcome = await running
    if (outcome.startsWith('CANCELLED')) this.counts.cancelled++
    else this.#check(subject, way.title, outcome, expected)
    for (const { status, reason } of (await endless) as PromiseRejectedResult[]) {
      if (status !== 'rejected' || !isBraidError(reason, 'CANCELLED')) {
        throw new DifferenceError(`an endless block ended: ${String(reason ?? status)}`)
      }
      this.counts.cancelled++
    }
    way.release()
  }

  /** A block on a state that is asked for piece by piece. */
  async #source(): Promise<void> {
    const subject = await this.#subject()
    const expected = await this.#expected(subject)
    const { blockHashes, state } = subject.options
    const way = await this.#ways.take()
    const outcome = await outcomeOf(
      way.engine.executeBlock(subject.block, {
        blockHashes,
        state: new SourceState(sourceOf(state, this.#random)),
      }),
    )
    way.release()
    this.#check(subject, `${way.title}, on a source`, outcome, expected)
  }

  /** A thread of its own with engines of its own. */
  async #workerThread(): Promise<void> {
    const random = this.#random
    const recipe: WorkloadRecipe = randomWorkload(random)
    const subject = await workloadSubject(recipe)
    const expected = await this.#expected(subject)
    const workerData: WorkerTask = { seed: random.below(0x10000), recipe, rounds: 3 }
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
    const exit = once(worker, 'exit')
    const [outcomes] = (await once(worker, 'message')) as [string[]]
    await exit
    this.counts.workers++
    for (const outcome of outcomes) {
      this.counts.engines++
      this.#check(subject, `worker thread ${workerData.seed}`, outcome, expected)
    }
  }

  /** A thread that is ended while its blocks run. */
  async #endedThread(): Promise<void> {
    const worker = new Worker(new URL('../support/endless-worker.js', import.meta.url))
    await once(worker, 'message')
    await wait(this.#random.below(10))
    await worker.terminate()
    this.counts.workers++
    await this.#wholeBlock()
  }
}

function checkRoot({ stateRoot, number }: BlockResult, expected: string | undefined): void {
  if (stateRoot !== expected) {
    throw new DifferenceError(`block ${number}: state root ${stateRoot} instead of ${expected}`)
  }
}

/** A state behind a source that answers at once or later. */
function sourceOf(state: MemoryState, random: Random): StateSource {
  const answer = <Value>(value: Value): Value | Promise<Value> =>
    random.below(2) === 0 ? value : new Promise((resolve) => setImmediate(resolve, value))
  return {
    getAccount: (address) => answer(state.getAccount(address)),
    getStorage: (address, slot) => answer(state.getStorage(address, slot)),
    getCode: (_, address) => answer(state.getCode(address)),
  }
}
