/** Runs block tests: chains of blocks, valid and invalid ones, from a genesis block on. */

import { isRecord } from '../../arguments.js'
import type { EngineOptions } from '../../engine/options.js'
import { BraidError } from '../../errors.js'
import { MemoryState } from '../../state/memory-state.js'
import { describeError } from '../console.js'
import { readJson } from '../files.js'
import { isStateTest } from '../statetest/format.js'
import { addCases, emptyOutcome, skipFork, type TestOutcome } from '../test-outcome.js'
import { type BlockTest, type BlockTestBlock, expectedRejection, isBlockTest } from './format.js'
import { makeGenesis } from './genesis.js'
import { makeNetwork, type Network } from './network.js'
import { isExpected } from './rejection.js'
import { type StateName, stateMaker } from './state-maker.js'
import { BlockTree } from './tree.js'

/** How block tests are run. */
export interface BlockTestRunnerOptions extends Omit<EngineOptions, 'common'> {
  /** Only this network, as the tests spell it. Default: all. */
  readonly fork?: string | undefined
  /** Which kind of state they are run on. Default `memory`. */
  readonly state?: StateName | undefined
}

/** Runs block tests; its engines are kept from file to file. */
export class BlockTestRunner {
  readonly #fork: string | undefined
  readonly #state: StateName
  readonly #engineOptions: Omit<EngineOptions, 'common'>
  readonly #networks = new Map<string, Promise<Network | undefined>>()

  constructor({ fork, state = 'memory', ...engineOptions }: BlockTestRunnerOptions) {
    this.#fork = fork
    this.#state = state
    this.#engineOptions = engineOptions
  }

  /** Runs all tests of a file. */
  async runFile(path: string): Promise<TestOutcome> {
    const outcome = emptyOutcome()
    const value = readJson(path)
    const entries = isRecord(value) ? Object.entries(value) : []
    if (!entries.some(([, test]) => isBlockTest(test))) outcome.withoutTests.push(path)
    for (const [name, test] of entries) {
      if (!isBlockTest(test)) {
        outcome.skipped++
        if (isStateTest(test)) outcome.otherKind++
        continue
      }
      const fork = test.network
      if (this.#fork !== undefined && fork !== this.#fork) {
        addCases(outcome.otherForks, fork, 1)
        continue
      }
      const failure = await this.#run(test)
      if (failure === unsupported) {
        skipFork(outcome, fork, 1)
      } else if (failure === undefined) {
        outcome.passed++
      } else {
        outcome.failed++
        outcome.failures.push({ file: path, test: name, fork, ...failure })
      }
    }
    return outcome
  }

  /** Why a test fails; undefined where it passes. */
  async #run(test: BlockTest): Promise<Failure | typeof unsupported | undefined> {
    let network: Network | undefined
    try {
      network = await this.#networkOf(test)
    } catch (error) {
      // What it says of its chain is malformed.
      return { index: -1, reason: describeError(error) }
    }
    return network === undefined ? unsupported : runTest(test, network, this.#state)
  }

  #networkOf({ network: name, config, sealEngine }: BlockTest): Promise<Network | undefined> {
    const key = `${name} ${sealEngine} ${JSON.stringify(config)}`
    let network = this.#networks.get(key)
    if (network === undefined) {
      network = makeNetwork(name, config, sealEngine === 'Ethash', this.#engineOptions)
      this.#networks.set(key, network)
    }
    return network
  }
}

/** In the place of a failure: the fork is not supported. */
const unsupported = 'unsupported'

/** Where and why a test fails. */
interface Failure {
  /** The position of the block; -1 for the genesis block, that behind the last for the end. */
  readonly index: number
  readonly reason: string
}

/** Why a test fails, or undefined where it passes. */
async function runTest(
  test: BlockTest,
  network: Network,
  stateName: StateName,
): Promise<Failure | undefined> {
  const states = stateMaker(stateName)
  let index = -1
  try {
    const { header, state } = await makeGenesis(test, states.make)
    try {
      const tree = new BlockTree(network, header, state)
      for (const block of test.blocks) {
        index++
        const reason = await importBlock(tree, block, test.network)
        if (reason !== undefined) return { index, reason }
      }
      const reason = await compareEnd(tree, test)
      return reason === undefined ? undefined : { index: index + 1, reason }
    } finally {
      await state[Symbol.asyncDispose]()
    }
  } catch (error) {
    return { index, reason: describeError(error) }
  } finally {
    await states.end()
  }
}

/** Why a block does not end as its test says, or undefined. */
async function importBlock(
  tree: BlockTree,
  block: BlockTestBlock,
  network: string,
): Promise<string | undefined> {
  const expected = expectedRejection(block, network)
  try {
    await tree.import(Buffer.from(block.rlp.slice(2), 'hex'))
  } catch (error) {
    if (!(error instanceof BraidError)) throw error
    if (expected === undefined) return `rejected: ${describeError(error)}`
    if (isExpected(error, expected)) return undefined
    return `expected ${expected}, rejected for another reason: ${describeError(error)}`
  }
  return expected === undefined ? undefined : `accepted, expected ${expected || 'a rejection'}`
}

/** Why the chain does not end as its test says, or undefined. */
async function compareEnd(tree: BlockTree, test: BlockTest): Promise<string | undefined> {
  const { header } = tree.head
  const hash = `0x${test.lastblockhash.replace(/^0x/, '')}`
  if (header.hash !== hash) return `last block: expected ${hash}, got ${header.hash}`
  const { postState, postStateHash } = test
  const { root } = await tree.headState()
  const expected = postState ? new MemoryState(postState).stateRoot() : postStateHash
  return root === expected ? undefined : `post state: expected ${expected}, got ${root}`
}
