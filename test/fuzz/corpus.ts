/**
 * Makes the inputs that the native fuzz targets start from:
 *
 *   node build/test/fuzz/corpus.js FOLDER
 *
 * FOLDER/boundary: packed blocks on their packed states; those that tests here make, a generated
 * chain through all forks, small workloads, small blocks of mainnet where the fixtures are there.
 * FOLDER/interpreter: bytecode; the programs in native/fuzz/seeds, contracts of the fixtures.
 * FOLDER/parallel: decisions; random bytes. What is there already stays.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeBlock, packBlock } from '../../lib/block/index.js'
import { mainnetCommon, rulesetAt } from '../../lib/chain/index.js'
import { Engine, MemoryState } from '../../lib/index.js'
import { makeWorkload, workloadNames } from '../../lib/workloads/index.js'
import { fixtureNames, hasFixtures, readFixture, root } from '../fixtures.js'
import { Random } from '../random.js'
import { buildChain } from '../support/chain-generator/build.js'
import { chainForks, commonOf } from '../support/chain-generator/forks.js'
import { generateChain } from '../support/chain-generator/generate.js'
import { fixtureBlocks, ownBlocks } from './blocks.js'

const folder = process.argv[2]
if (folder === undefined) {
  console.error('usage: node build/test/fuzz/corpus.js FOLDER')
  process.exit(2)
}

/** Bytes of a packed block with its state; larger ones are seldom changed where it matters. */
const maxBoundaryInput = 96 * 1024

/** Bytes of a contract. */
const maxCode = 3_000
const maxContracts = 400

/** What precedes bytecode: see native/fuzz/interpreter_fuzzer.cpp. */
function bytecodeInput(code: Uint8Array, called: Uint8Array, data: Uint8Array): Uint8Array {
  const osaka = 14
  const isBytecode = 1
  const gas = [0x03, 0x0d, 0x40]
  return Uint8Array.of(
    isBytecode,
    osaka,
    0,
    0,
    ...gas,
    code.length >> 8,
    code.length & 0xff,
    called.length >> 8,
    called.length & 0xff,
    ...code,
    ...called,
    ...data,
  )
}

/** See native/fuzz/boundary_fuzzer.cpp. */
function boundaryInput(state: MemoryState, block: Uint8Array): Uint8Array {
  const dump = state.native.dump()
  const head = Buffer.alloc(8)
  head.writeUInt32LE(dump.length, 0)
  return Buffer.concat([head, dump, block])
}

function write(target: string, name: string, bytes: Uint8Array): void {
  mkdirSync(join(folder as string, target), { recursive: true })
  writeFileSync(join(folder as string, target, name), bytes)
}

function writeBoundary(name: string, state: MemoryState, packed: Uint8Array): void {
  const input = boundaryInput(state, packed)
  if (input.length <= maxBoundaryInput) write('boundary', name, input)
}

function boundaryOfBlocks(): void {
  const blocks = hasFixtures ? [...ownBlocks(), ...fixtureBlocks(30_000)] : ownBlocks()
  const common = mainnetCommon()
  for (const { name, rlp, preState, blockHashes } of blocks) {
    const block = decodeBlock(rlp)
    const ruleset = rulesetAt(common, block.number, block.timestamp)
    const options = { blockHashes, forgiveMissingSystemContracts: true }
    writeBoundary(name, new MemoryState(preState), packBlock(block, ruleset, options))
  }
}

/** Two blocks of each fork. */
async function boundaryOfChain(): Promise<void> {
  const blocks = 2 * chainForks.length
  const chain = await buildChain(
    generateChain({ seed: 1, blocks, firstFork: chainForks[0] as string, blocksPerFork: 2 }),
  )
  const common = commonOf(chain.recipe)
  const engine = await Engine.create({ common, policy: 'sequential' })
  const state = new MemoryState(chain.alloc)
  const blockHashes = new Map(chain.headers.map(({ number, hash }) => [number, hash]))
  for (const [i, rlp] of chain.blocks.entries()) {
    const block = decodeBlock(rlp)
    const ruleset = rulesetAt(common, block.number, block.timestamp)
    writeBoundary(`chain-${i}`, state, packBlock(block, ruleset, { blockHashes }))
    state.commit(engine.executeBlockSync(rlp, { state, blockHashes }))
  }
  engine.close()
}

async function boundaryOfWorkloads(): Promise<void> {
  const common = mainnetCommon()
  for (const name of workloadNames) {
    const { block: rlp, state } = await makeWorkload(name, { transactions: 4, accounts: 3 })
    const block = decodeBlock(rlp)
    const ruleset = rulesetAt(common, block.number, block.timestamp)
    writeBoundary(`workload-${name}`, state, packBlock(block, ruleset, {}))
  }
}

/** The bytes that a file of seeds says in hex; the rest of a line from # on is for the reader. */
function seedBytes(path: string): Uint8Array {
  const hex = readFileSync(path, 'utf8').replace(/#.*$/gm, '').replace(/\s+/g, '')
  return Buffer.from(hex, 'hex')
}

function interpreterOfSeeds(): void {
  const seeds = join(root, 'native/fuzz/seeds/interpreter')
  // Whoever calls it gets the call data back.
  const echo = Buffer.from('366000600037366000f3', 'hex')
  for (const name of readdirSync(seeds)) {
    const data = Buffer.alloc(68, 0x5a)
    write('interpreter', name, bytecodeInput(seedBytes(join(seeds, name)), echo, data))
  }
}

interface StateTest {
  readonly pre: Readonly<Record<string, { readonly code?: string }>>
}

/** Contracts of state tests and of mainnet, each once. */
function* fixtureContracts(): Generator<Uint8Array> {
  const seen = new Set<string>()
  function* fresh(accounts: Readonly<Record<string, { readonly code?: unknown }>>) {
    for (const { code } of Object.values(accounts)) {
      if (typeof code !== 'string' || code.length <= 4 || code.length > 2 * maxCode) continue
      if (seen.has(code)) continue
      seen.add(code)
      yield Buffer.from(code.slice(2), 'hex')
    }
  }
  for (const { preState } of fixtureBlocks(30_000)) {
    yield* fresh(preState as Record<string, { code?: unknown }>)
  }
  for (const group of ['vmArithmeticTest', 'vmIOandFlowOperations', 'vmBitwiseLogicOperation']) {
    for (const file of fixtureNames('state_tests', 'VMTests', group)) {
      const tests = readFixture<Record<string, StateTest>>('state_tests', 'VMTests', group, file)
      for (const { pre } of Object.values(tests)) yield* fresh(pre)
    }
  }
}

function interpreterOfFixtures(): void {
  let count = 0
  let called: Uint8Array = new Uint8Array(0)
  for (const code of fixtureContracts()) {
    write('interpreter', `contract-${count}`, bytecodeInput(code, called, Buffer.alloc(36, 1)))
    called = code
    if (++count === maxContracts) break
  }
}

function decisions(): void {
  const random = new Random(0xf022)
  for (const target of ['parallel', 'interpreter']) {
    for (let i = 0; i < 40; i++) {
      const bytes = random.bytes(20 + random.below(300))
      if (target === 'interpreter') bytes[0] = (bytes[0] as number) & 0xfe
      write(target, `decisions-${i}`, bytes)
    }
  }
}

boundaryOfBlocks()
await boundaryOfChain()
await boundaryOfWorkloads()
interpreterOfSeeds()
if (hasFixtures) interpreterOfFixtures()
decisions()
for (const target of readdirSync(folder)) {
  console.log(`${target}: ${readdirSync(join(folder, target)).length} inputs`)
}
