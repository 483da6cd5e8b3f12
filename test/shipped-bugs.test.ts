/**
 * Consensus bugs that other engines shipped, parallel ones above all: each block must come out as
 * `@ethereumjs/vm` says, under every policy, with any number of threads, and on a state that is asked
 * for piece by piece. native/tests/shipped_bugs_test.cpp has the same cases in every order.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Engine,
  type EngineOptions,
  MemoryState,
  type PolicyName,
  SourceState,
  StateTrie,
} from '../lib/index.js'
import { type BuiltChain, buildChain } from './support/chain-generator/build.js'
import { commonOf } from './support/chain-generator/forks.js'
import { judge } from './support/chain-generator/judge.js'
import { signers } from './support/chain-generator/keys.js'
import { systemContracts } from './support/chain-generator/system-contracts.js'
import { type ShippedBug, shippedBugs } from './support/shipped-bugs/cases.js'
import { addressOf, contracts, data } from './support/shipped-bugs/contracts.js'

const bugs = suite('bugs that other engines shipped')

const policies: readonly PolicyName[] = ['sequential', 'optimistic', 'adaptive', 'ahead']
const threadCounts = [1, 2, 3, 8, 16]
/** How often what races is run. */
const repetitions = process.env.BRAID_LONG === undefined ? 2 : 20

const zero = addressOf(0xdd)

function chainOf({ alloc = {}, blocks }: ShippedBug, fork: string): Promise<BuiltChain> {
  const rich = Object.fromEntries(
    signers.map((signer) => [signer, { balance: '0xde0b6b3a7640000' }]),
  )
  return buildChain({
    forks: [{ name: fork, from: 0 }],
    alloc: { ...systemContracts, ...rich, ...contracts, ...alloc } as never,
    blocks: blocks.map((block) => ({
      delay: 12,
      coinbase: zero,
      transactions: [],
      ...('length' in block ? { transactions: block } : block),
    })),
  })
}

/**
 * Imports a chain with all checks; fails where a transaction ran more often than three times. All
 * receipts, with what no root tells of them: erigontech/erigon #22106 had wrong log indexes.
 */
async function importOn(
  state: MemoryState | SourceState,
  chain: BuiltChain,
  options: EngineOptions,
): Promise<string> {
  const engine = await Engine.create({ ...options, common: commonOf(chain.recipe) })
  try {
    const trie = new StateTrie(new MemoryState(chain.alloc))
    const parent = chain.genesis
    const blockHashes = new Map([[0n, parent.hash]])
    // Roots between transactions need the whole state.
    const transactionRoots = state instanceof MemoryState
    const ways = { parent, blockHashes, validate: true, transactionRoots }
    let blocks = 0
    const receipts: unknown[] = []
    for await (const result of engine.executeBlocks(chain.blocks, {
      state,
      ...ways,
    })) {
      trie.update(result)
      assert.is(trie.root, result.header.stateRoot)
      const { report, transactionCount } = result
      blocks++
      receipts.push(result.toRpcReceipts())
      assert.ok(report.executions <= 3 * transactionCount, `${report.executions} runs`)
      for (const { incarnations } of report.transactions) assert.ok(incarnations <= 3)
    }
    assert.is(blocks, chain.blocks.length)
    assert.is(trie.root, chain.headers[blocks].stateRoot)
    // Roots between transactions are in them where those were asked for.
    return JSON.stringify(receipts, (name, value) => (name === 'root' ? undefined : value))
  } finally {
    engine.close()
  }
}

/** A state that is asked for every account and slot, and answers later. */
function sourceOf(chain: BuiltChain): SourceState {
  const known = new MemoryState(chain.alloc)
  const later = async <Value>(value: Value): Promise<Value> => {
    await new Promise((resolve) => setImmediate(resolve))
    return value
  }
  return new SourceState({
    getAccount: (address) => later(known.getAccount(address)),
    getStorage: (address, slot) => later(known.getStorage(address, slot)),
    getCode: (_, address) => later(known.getCode(address)),
  })
}

/** A policy with a number of threads. */
type Way = readonly [policy: PolicyName, threads: number]

for (const bug of shippedBugs) {
  for (const fork of bug.forks) {
    bugs(`${bug.title}: ${fork}`, async () => {
      const chain = await chainOf(bug, fork)
      assert.is(chain.dropped, 0)
      assert.is(chain.blocks.length, bug.blocks.length)
      const disagreement = await judge(chain)
      assert.is(disagreement && `block ${disagreement.block}: ${disagreement.text}`, undefined)
      let expected: string | undefined
      const importAs = async (how: string, state: MemoryState | SourceState, ...options: Way) => {
        try {
          const receipts = await importOn(state, chain, { policy: options[0], threads: options[1] })
          expected ??= receipts
          assert.ok(receipts === expected, 'other receipts')
        } catch (error) {
          // Its details are not for uvu.
          throw new Error(`${how}, ${options.join(', ')} threads: ${String(error)}`)
        }
      }
      for (const policy of policies) {
        for (const threads of threadCounts) {
          for (let i = 0; i < (policy === 'sequential' ? 1 : repetitions); i++) {
            const state = new MemoryState(chain.alloc)
            await importAs('in memory', state, policy, threads)
            for (const [address, slot, value] of bug.slots) {
              assert.is(
                BigInt(state.getStorage(address, data(slot))),
                BigInt(value),
                `slot ${slot}`,
              )
            }
          }
        }
        await importAs('from a source', sourceOf(chain), policy, 2)
      }
    })
  }
}

bugs.run()
