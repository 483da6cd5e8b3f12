/** A replay of a chain's blocks, and how it goes on after a process that ended. */

import { demand } from '../arguments.js'
import { type BlockSource, decodeBlock } from '../block/index.js'
import { blockHashWindow, ommerAncestors } from '../chain/index.js'
import type { BlockResult } from '../engine/block-result.js'
import { untilAborted } from '../engine/cancellation.js'
import { type BlockSequence, type ChainProgress, iteratorOf } from '../engine/chain-options.js'
import { errorFor } from '../errors.js'
import { onAbort } from '../on-abort.js'
import type { BlockReference } from '../state/block-reference.js'
import type { Lineage } from './lineage.js'
import {
  progressOf,
  type ReplayBlocks,
  type ReplayOptions,
  type ReplayProgress,
} from './replay-options.js'
import { type BlockIterator, numberOf, resumed } from './sequences.js'

/** What a replay does with its chain. */
export interface ReplayHost {
  readonly lineage: Lineage
  /** Waits for the chain, which is the replay's until the returned function is called. */
  hold(replay: Replay): Promise<() => void>
  goBack(to: BlockReference): Promise<void>
  execute(
    blocks: BlockSequence,
    options: Pick<ReplayOptions, 'signal' | 'timeout' | 'ahead'> & {
      readonly onProgress: (progress: ChainProgress) => void
    },
  ): AsyncGenerator<BlockResult, void, undefined>
  checkState(): void
}

/** Results of one block after another. They are computed while they are iterated over, and once. */
export class Replay implements AsyncIterableIterator<BlockResult>, AsyncDisposable {
  readonly #host: ReplayHost
  readonly #blocks: ReplayBlocks
  readonly #options: ReplayOptions
  readonly #aborter = new AbortController()
  readonly #results: AsyncGenerator<BlockResult, void, undefined>
  #beginning: Promise<Beginning> | undefined
  #release: (() => void) | undefined
  #forget: (() => void) | undefined
  #progress: ReplayProgress
  #total: number | undefined

  /** @internal */
  constructor(host: ReplayHost, blocks: ReplayBlocks, options: ReplayOptions) {
    this.#host = host
    this.#blocks = blocks
    this.#options = options
    const { number, hash } = host.lineage.head
    const none = { blocks: 0, transactions: 0, gasUsed: 0n, elapsed: 0, mgasPerSecond: 0 }
    this.#progress = progressOf({ blockNumber: number, blockHash: hash, ...none }, undefined)
    this.#results = this.#generate()
  }

  /** How far it has come: before the first result the block that it begins behind. */
  get progress(): ReplayProgress {
    return this.#progress
  }

  /**
   * Begins, without waiting for the first result: reads the checkpoint, brings the chain to it, and passes over the
   * blocks before. Returns the number of the first block that will be executed. Iterating does this by itself.
   */
  async start(): Promise<bigint> {
    this.#beginning ??= this.#begin()
    const { first } = await this.#beginning
    return first
  }

  /** The result of the next block; asking for it says that one is done with the one before. */
  next(): Promise<IteratorResult<BlockResult, void>> {
    return this.#results.next()
  }

  /** Ends the replay: the chain stays at the last block whose result was given. */
  async return(): Promise<IteratorResult<BlockResult, void>> {
    // A generator ends at its next yield, which may be as far away as a source that never answers.
    this.#aborter.abort()
    const end = await this.#results.return()
    // What was begun and never iterated over has nobody else to end it.
    await this.#beginning?.catch(() => undefined)
    this.#end()
    return end
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this
  }

  /** What `await using` calls at the end of a scope: {@link return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  async *#generate(): AsyncGenerator<BlockResult, void, undefined> {
    const { checkpoint, every = 1, timeout, ahead } = this.#options
    const { signal } = this.#aborter
    let done: BlockReference | undefined
    let sinceSaved = 0
    try {
      await this.start()
      const { blocks } = (await this.#beginning) as Beginning
      if (blocks === undefined) return
      const onProgress = (progress: ChainProgress): void => {
        this.#progress = progressOf(progress, this.#total)
      }
      for await (const result of this.#host.execute(blocks, {
        signal,
        timeout,
        ahead,
        onProgress,
      })) {
        yield result
        done = { number: result.number, hash: result.hash }
        if (++sinceSaved < every) continue
        await checkpoint?.save(done)
        sinceSaved = 0
      }
    } finally {
      try {
        if (sinceSaved > 0 && done !== undefined) await checkpoint?.save(done)
      } finally {
        this.#end()
      }
    }
  }

  async #begin(): Promise<Beginning> {
    const { signal, checkpoint, from, to } = this.#options
    if (signal !== undefined) {
      this.#forget = onAbort(signal, () => this.#aborter.abort(signal.reason))
    }
    try {
      if (signal?.aborted) this.#aborter.abort(signal.reason)
      this.#release = await this.#host.hold(this)
      this.#host.checkState()
      const noted = await checkpoint?.load()
      await this.#goBack(noted, from)
      const { lineage } = this.#host
      const first = lineage.head.number + 1n
      if (noted === undefined) {
        const expected = `at most ${first}, which follows the head`
        demand(from === undefined || from === first, 'from', expected, from)
        await checkpoint?.save(lineage.head)
      }
      const given = typeof this.#blocks === 'function' ? this.#blocks(first) : this.#blocks
      const { blocks, passed } = await this.#passOver(iteratorOf(given))
      this.#total =
        to !== undefined
          ? Math.max(Number(to - first) + 1, 0)
          : Array.isArray(given)
            ? given.length - passed
            : undefined
      this.#progress = progressOf(
        { ...this.#progress, blockNumber: lineage.head.number, blockHash: lineage.head.hash },
        this.#total,
      )
      return { first, blocks: to === undefined ? blocks : blocks && upTo(to, blocks) }
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** To the checkpoint, where the head is behind it; without one to the block before the first. */
  async #goBack(noted: BlockReference | undefined, from: bigint | undefined): Promise<void> {
    const { lineage } = this.#host
    const { head } = lineage
    if (noted !== undefined) {
      if (noted.number < head.number) await this.#host.goBack(noted)
      else if (noted.number === head.number && noted.hash !== head.hash) {
        const details = { field: 'checkpoint', expected: head.hash, actual: noted.hash }
        throw errorFor('STATE_UNAVAILABLE', details)
      }
    } else if (from !== undefined && from <= head.number) {
      const number = from - 1n
      const hash = lineage.hashes.get(number)
      if (hash === undefined) throw errorFor('STATE_UNAVAILABLE', { field: 'from' })
      await this.#host.goBack({ number, hash })
    }
  }

  /**
   * Passes over the blocks up to the head. Where the head's header is not known, they tell it, and those before it
   * what the next block may ask for.
   */
  async #passOver(source: BlockIterator): Promise<Passed> {
    const { lineage } = this.#host
    const { head } = lineage
    const isKnown = lineage.header !== undefined
    const oldest = head.number - BigInt(isKnown ? 0 : Math.max(blockHashWindow, ommerAncestors))
    let passed = 0
    for (;;) {
      const next = await untilAborted(Promise.resolve(source.next()), this.#aborter.signal)
      if (next.done === true) return { blocks: undefined, passed }
      const number = numberOf(next.value)
      if (number > head.number) return { blocks: resumed(next.value, source), passed }
      passed++
      if (number < oldest) continue
      const { header, ommers } = decodeBlock(next.value)
      if (number === head.number && header.hash !== head.hash) {
        throw errorFor('BLOCK_PARENT_MISMATCH', {
          blockNumber: number + 1n,
          field: 'parentHash',
          expected: head.hash,
          actual: header.hash,
        })
      }
      if (!isKnown) lineage.learn({ header, ommers, changes: undefined })
    }
  }

  #end(): void {
    this.#forget?.()
    this.#release?.()
    this.#release = undefined
  }
}

interface Beginning {
  readonly first: bigint
  /** Undefined where none is left. */
  readonly blocks: BlockSequence | undefined
}

interface Passed extends Pick<Beginning, 'blocks'> {
  /** How many blocks are not among them. */
  readonly passed: number
}

/** The blocks up to one of a number. */
async function* upTo(last: bigint, blocks: BlockSequence): AsyncGenerator<BlockSource> {
  for await (const block of blocks) {
    const number = numberOf(block)
    if (number > last) return
    yield block
    if (number === last) return
  }
}
