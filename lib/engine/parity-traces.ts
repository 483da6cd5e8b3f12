/** What `trace_block`, `trace_transaction`, `trace_get` and `trace_filter` answer. */

import type { BlockSource, DecodedBlock } from '../block/index.js'
import type { Ruleset } from '../chain/index.js'
import { bufferOf } from '../hex/index.js'
import {
  blockUpTo,
  type NativeTracer,
  type ParityBlockItem,
  type ParityLocatedCall,
  type ParityReward,
  rewardsOf,
  Trace,
  type TransactionTrace,
  tracesIn,
} from '../trace/index.js'
import type { BlockResult } from './block-result.js'
import type { TracingSteps } from './block-tracing.js'
import type { BlockSequence, ExecuteBlocksOptions } from './chain-options.js'
import { disposable } from './disposable.js'
import {
  checkParityBlock,
  checkParityFilter,
  checkParityTransaction,
  checkTraceAddress,
  type ParityBlockOptions,
  type ParityFilterOptions,
  type ParitySearch,
  type ParityTransactionOptions,
} from './parity-options.js'
import { checkTraceable } from './trace-options.js'
import { executionOptions, placeOf, traceOf, tracesOf } from './traced-block.js'

/** What an engine does for who answers `trace_*`. */
export interface ParitySteps extends TracingSteps {
  /** Executes the blocks of a chain, each traced. */
  chain(
    blocks: BlockSequence,
    options: ExecuteBlocksOptions,
    tracer: NativeTracer,
  ): AsyncGenerator<BlockResult, void, undefined>
  /** The rules of a block. */
  rulesOf(block: DecodedBlock): Ruleset
}

/** What `parity.filter` yields, one item after another. */
export type ParityItems = AsyncGenerator<ParityBlockItem, void, undefined> & AsyncDisposable

/**
 * The methods of JSON-RPC by which OpenEthereum, Besu and Erigon tell the calls of blocks: see
 * `Engine.parity`.
 */
export class ParityTraces {
  readonly #open: () => ParitySteps

  /** @internal */
  constructor(open: () => ParitySteps) {
    this.#open = open
  }

  /**
   * The calls of all transactions of a block, then its rewards: the answer of `trace_block`. Of block 0
   * there are none.
   *
   * @throws as `Engine.traceBlock` does
   */
  async block(
    source: BlockSource,
    options: ParityBlockOptions,
  ): Promise<Trace<readonly ParityBlockItem[]>> {
    const steps = this.#open()
    const tracer = checkParityBlock(options)
    checkTraceable(steps.isTraceable)
    const execution = executionOptions(options, options.signal)
    const prepared = steps.prepare(source, execution)
    const { block, ruleset } = prepared
    if (block.number === 0n) return new Trace(Buffer.from('[]'))
    const trace = traceOf(prepared, tracer, 0)
    const { packed } = await steps.execute(prepared, execution, { trace })
    const { client = 'openethereum', includeWithdrawals = false } = options
    const withdrawals = includeWithdrawals ? [...(block.withdrawals ?? [])] : []
    const { header, ommers } = block
    const reward = ruleset.blockReward
    const rewards = rewardsOf({ header, ommers, reward, withdrawals }, client)
    return new Trace(joined(tracesIn(packed), rewards))
  }

  /**
   * The calls of one transaction of a block, by its place or its hash: the answer of `trace_transaction`.
   * Only the transactions up to it are executed.
   *
   * @throws as `Engine.traceTransaction` does
   */
  async transaction(
    source: BlockSource,
    transaction: number | string,
    options: ParityTransactionOptions,
  ): Promise<TransactionTrace<readonly ParityLocatedCall[]>> {
    const steps = this.#open()
    const tracer = checkParityTransaction(options)
    checkTraceable(steps.isTraceable)
    const { signal, timeout, state } = options
    const prepared = steps.prepare(source, executionOptions(options, signal))
    const start = placeOf(transaction, prepared)
    const part = { block: prepared.block, input: blockUpTo(prepared.input, start + 1) }
    const trace = traceOf(prepared, tracer, start)
    const output = await steps.run(part, state, { signal, timeout }, trace)
    const [only] = tracesOf(prepared, output, tracer, start)
    return only as TransactionTrace<readonly ParityLocatedCall[]>
  }

  /**
   * One call of a transaction, by its `traceAddress`: the answer of `trace_get`; undefined where there is
   * none. `[]` is the transaction's own.
   *
   * @throws as {@link transaction} does
   */
  async get(
    source: BlockSource,
    transaction: number | string,
    traceAddress: readonly number[],
    options: ParityTransactionOptions,
  ): Promise<ParityLocatedCall | undefined> {
    checkTraceAddress(traceAddress)
    const { value } = await this.transaction(source, transaction, options)
    return value.find(
      ({ traceAddress: place }) =>
        place.length === traceAddress.length && place.every((at, i) => at === traceAddress[i]),
    )
  }

  /**
   * The calls and rewards that a filter finds in blocks that follow one another: the answer of
   * `trace_filter`, item after item. The blocks are executed, checked and committed as `executeBlocks`
   * does it, so the state moves on; what one block tells is there at a time. Once `count` items are
   * found the iteration ends, and the state is that after the block of the last one.
   *
   * @throws OptionsError at once where an option is wrong; iterating rejects with what `executeBlocks` does
   */
  filter(blocks: BlockSequence, options: ParityFilterOptions): ParityItems {
    const steps = this.#open()
    const search = checkParityFilter(blocks, options)
    checkTraceable(steps.isTraceable)
    const results = steps.chain(blocks, search.chain, search.tracer)
    const found = find(results, search, steps)
    const finish = found.return.bind(found)
    // A generator ends at its next yield, which may be far away.
    found.return = async (value) => {
      await results.return()
      return finish(value)
    }
    return disposable(found)
  }
}

/** What is found in blocks, as long as more is wanted. */
async function* find(
  results: AsyncGenerator<BlockResult, void, undefined>,
  { client, matches, after, count }: ParitySearch,
  steps: ParitySteps,
): AsyncGenerator<ParityBlockItem, void, undefined> {
  if (count === 0) {
    await results.return()
    return
  }
  let found = 0
  for await (const { packed, block } of results) {
    const { header, ommers } = block
    const reward = steps.rulesOf(block).blockReward
    const rewards = rewardsOf({ header, ommers, reward, withdrawals: [] }, client)
    for (const item of itemsOf(packed, rewards)) {
      if (!matches(item) || found++ < after) continue
      yield item
      if (found - after >= count) return
    }
  }
}

function* itemsOf(
  packed: Uint8Array,
  rewards: readonly ParityReward[],
): Generator<ParityBlockItem> {
  for (const text of tracesIn(packed)) {
    yield* JSON.parse(bufferOf(text).toString('utf8')) as ParityLocatedCall[]
  }
  yield* rewards
}

/** Arrays in JSON, each with something in it, and rewards as one array. */
function joined(texts: readonly Uint8Array[], rewards: readonly ParityReward[]): Uint8Array {
  const parts = [...texts.map((text) => text.subarray(1, -1))]
  if (rewards.length > 0) parts.push(Buffer.from(JSON.stringify(rewards).slice(1, -1)))
  const pieces = parts.flatMap((part, i) => (i === 0 ? [part] : [comma, part]))
  return Buffer.concat([Buffer.from('['), ...pieces, Buffer.from(']')])
}

const comma = Buffer.from(',')
