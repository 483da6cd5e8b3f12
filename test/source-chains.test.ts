/** Random chains on sources that answer whenever they like: the results are those of a whole state. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BlockResult,
  Engine,
  type EngineOptions,
  type Hex,
  MemoryState,
  SourceState,
  type State,
  type StateSource,
} from '../lib/index.js'
import { Random } from './random.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { chainForks, commonOf } from './support/chain-generator/forks.js'
import { generateChain } from './support/chain-generator/generate.js'
import { rounds } from './support/rounds.js'

const chains = suite('random chains on sources')

/** Answers out of a state, now, in a moment or a few turns later. */
class WhimsicalSource implements StateSource {
  readonly asked: string[] = []

  constructor(
    readonly state: MemoryState,
    readonly random: Random,
  ) {}

  async #whim(key: string): Promise<void> {
    this.asked.push(key)
    for (let turns = this.random.below(4); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async getAccount(address: Hex) {
    await this.#whim(address)
    return this.state.getAccount(address)
  }

  async getStorage(address: Hex, slot: Hex) {
    await this.#whim(`${address} ${slot}`)
    return this.state.getStorage(address, slot)
  }

  async getCode(_hash: Hex, address: Hex) {
    await this.#whim(`code ${address}`)
    return this.state.getCode(address)
  }
}

/** Everything that a result says but for times. */
function said(result: BlockResult): unknown {
  return [
    result.gasUsed,
    result.logsBloom,
    result.receiptsRoot,
    result.receipts.map((receipt) => receipt.toJSON()),
    [...result.stateDiff].map((account) => account.toJSON()),
    result.requests,
  ].map((part) =>
    JSON.stringify(part, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  )
}

async function importChain(chain: BuiltChain, state: State, options: EngineOptions) {
  const engine = await Engine.create({ ...options, common: commonOf(chain.recipe) })
  const blockHashes = new Map([[0n, chain.genesis.hash]])
  const results: unknown[] = []
  const from = { state, parent: chain.genesis, blockHashes }
  for await (const result of engine.executeBlocks(chain.blocks, from)) results.push(said(result))
  engine.close()
  return results
}

const ways: readonly EngineOptions[] = [
  { policy: 'sequential', threads: 1 },
  { policy: 'sequential', threads: 3 },
  { policy: 'optimistic', threads: 3 },
  { policy: 'adaptive', threads: 2 },
]

chains('come out as on a whole state', async () => {
  for (let seed = 0; seed < rounds(chainForks.length, 3); seed++) {
    const firstFork = chainForks[seed % chainForks.length]
    const recipe = generateChain({ seed: 7000 + seed, firstFork, blocks: 4, blocksPerFork: 2 })
    const chain = await buildChain(recipe)
    const expected = await importChain(chain, new MemoryState(chain.alloc), ways[0])
    assert.is(expected.length, chain.blocks.length)
    for (const way of ways) {
      const source = new WhimsicalSource(new MemoryState(chain.alloc), new Random(seed))
      const actual = await importChain(chain, new SourceState(source), way)
      const place = `seed ${recipe.seed}, ${JSON.stringify(way)}`
      assert.equal(actual, expected, place)
      assert.is(new Set(source.asked).size, source.asked.length, place)
    }
  }
})

chains.run()
