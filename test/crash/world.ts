/**
 * A small chain with branches, as a file that the processes share: its blocks, and what the state is after each of
 * them.
 */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Common } from '@ethereumjs/common'
import { decodeBlock } from '../../lib/block/index.js'
import {
  type Alloc,
  accountRecords,
  BlockHeader,
  Chain,
  type DumpedAccount,
  Engine,
  type Hex,
  inHashOrder,
  MemoryState,
  type State,
  writeSnapshot,
} from '../../lib/index.js'
import { Random } from '../random.js'
import { type BuiltChain, buildChain } from '../support/chain-generator/build.js'
import { commonOf } from '../support/chain-generator/forks.js'
import { generateChain } from '../support/chain-generator/generate.js'
import type { AccountRecipe, ChainRecipe } from '../support/chain-generator/recipe.js'
import { damagedHeader } from '../support/damaged-header.js'

/** How many blocks the states keep what undoes them of. */
export const history = 6

/** The trunk's blocks. */
export const trunkLength = 24

/** Where the branches leave the trunk. */
export const sideFork = 10
export const lateFork = 16

/** A block, and the state after it. */
export interface WorldBlock {
  readonly number: number
  readonly hash: Hex
  readonly parent: Hex
  readonly stateRoot: Hex
  readonly rlp: Hex
  /** Of all accounts: {@link digestOf}. */
  readonly digest: string
}

interface WorldFile {
  readonly recipe: Pick<ChainRecipe, 'forks' | 'blocks' | 'alloc'>
  readonly genesis: Hex
  readonly blocks: readonly WorldBlock[]
  readonly trunk: readonly Hex[]
  readonly side: readonly Hex[]
  readonly late: readonly Hex[]
  readonly bad: Hex
}

/** The chain, for whoever moves a state along it. */
export class World {
  readonly common: Common
  readonly alloc: Alloc
  readonly genesis: BlockHeader
  /** The file of a snapshot of its genesis block's state. */
  readonly snapshot: string
  readonly #file: WorldFile
  readonly #byHash: ReadonlyMap<Hex, WorldBlock>

  private constructor(path: string, file: WorldFile) {
    this.snapshot = `${path}.snapshot`
    this.#file = file
    this.common = commonOf(file.recipe as ChainRecipe)
    this.alloc = file.recipe.alloc
    this.genesis = BlockHeader.decode(bytes(file.genesis))
    this.#byHash = new Map(file.blocks.map((block) => [block.hash, block]))
  }

  static read(path: string): World {
    return new World(path, JSON.parse(readFileSync(path, 'utf8')))
  }

  find(hash: Hex | undefined): WorldBlock | undefined {
    return hash === undefined ? undefined : this.#byHash.get(hash)
  }

  /** Blocks of the trunk by number, the first and the last included. */
  trunk(from: number, to: number): Uint8Array[] {
    return this.#file.trunk.slice(from, to + 1).map((hash) => this.rlp(hash))
  }

  /** The trunk's block of a number. */
  at(number: number): WorldBlock {
    return this.#byHash.get(this.#file.trunk[number]) as WorldBlock
  }

  /** A branch of right blocks that leaves the trunk behind block {@link sideFork}. */
  get side(): Uint8Array[] {
    return this.#file.side.map((hash) => this.rlp(hash))
  }

  /** A right block behind block {@link lateFork}, and one behind it whose state root is wrong. */
  get late(): Uint8Array[] {
    return [...this.#file.late.map((hash) => this.rlp(hash)), bytes(this.#file.bad)]
  }

  rlp(hash: Hex): Uint8Array {
    return bytes((this.#byHash.get(hash) as WorldBlock).rlp)
  }

  /** A chain at the head of a state. */
  async open(engine: Engine, state: State): Promise<Chain> {
    const blockHashes = new Map<bigint, Hex>()
    let at = this.find(state.head?.hash)
    const isLater = at !== undefined && at.number > 0
    const head = isLater ? decodeBlock(this.rlp((at as WorldBlock).hash)).header : this.genesis
    for (; at !== undefined; at = this.find(at.parent)) blockHashes.set(BigInt(at.number), at.hash)
    return Chain.open({ engine, state, head, blockHashes, validate: false })
  }

  engine(): Promise<Engine> {
    return Engine.create({ common: this.common, threads: 2 })
  }
}

const bytes = (hex: Hex): Uint8Array => Buffer.from(hex.slice(2), 'hex')
const hexOf = (data: Uint8Array): Hex => `0x${Buffer.from(data).toString('hex')}`

/** Everything in a state, in one hash. */
export async function digestOf(state: {
  dump(): Iterable<DumpedAccount> | AsyncIterable<DumpedAccount>
}): Promise<string> {
  const lines: string[] = []
  for await (const { address, nonce, balance, code, storage } of state.dump()) {
    lines.push([address, nonce, balance, code, ...[...storage].sort()].join(' '))
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex')
}

/** Makes a chain with so many accounts beside those that its blocks use, and writes it to a file. */
export async function makeWorld(path: string, seed: number, fillers: number): Promise<World> {
  const shape = { blocks: trunkLength, blocksPerFork: 12, firstFork: 'shanghai' }
  const made = generateChain({ ...shape, seed })
  const recipe = { ...made, alloc: { ...made.alloc, ...fillerAccounts(seed, fillers) } }
  // Other transactions at the same times: forks come by time.
  const branch = (from: number, length: number, other: number): ChainRecipe => {
    const { blocks } = generateChain({ ...shape, seed: other })
    const changed = recipe.blocks.map((block, i) =>
      i < from ? block : { ...blocks[i], delay: block.delay },
    )
    return { ...recipe, blocks: changed.slice(0, from + length) }
  }
  const trunk = await buildChain(recipe)
  const side = await buildChain(branch(sideFork, 3, seed + 1))
  const late = await buildChain(branch(lateFork, 2, seed + 2))
  const blocks = new Map<Hex, WorldBlock>()
  for (const chain of [trunk, side, late]) {
    for (const block of await describe(chain)) blocks.set(block.hash, block)
  }
  const hashes = ({ headers }: BuiltChain, from: number, to: number): Hex[] =>
    headers.slice(from, to).map(({ hash }) => hash)
  const file: WorldFile = {
    recipe: { forks: recipe.forks, blocks: recipe.blocks, alloc: recipe.alloc },
    genesis: hexOf(trunk.genesis.encoded),
    blocks: [...blocks.values()],
    trunk: hashes(trunk, 0, trunkLength + 1),
    side: hashes(side, sideFork + 1, sideFork + 4),
    late: hashes(late, lateFork + 1, lateFork + 2),
    bad: hexOf(damagedHeader(late.blocks[lateFork + 1], 'stateRoot')),
  }
  writeFileSync(path, JSON.stringify(file))
  const { hash: blockHash, stateRoot } = trunk.genesis
  const head = { chainId: 1n, blockNumber: 0n, blockHash, stateRoot }
  const accounts = await inHashOrder(accountRecords(new MemoryState(recipe.alloc).dump()))
  await writeFile(`${path}.snapshot`, writeSnapshot(head, accounts))
  return World.read(path)
}

/** The blocks of a chain, its genesis block included, each with the state after it. */
async function describe({ recipe, genesis, headers, blocks }: BuiltChain): Promise<WorldBlock[]> {
  const state = new MemoryState(recipe.alloc, { trie: true })
  const described: WorldBlock[] = []
  const add = async (header: BlockHeader, rlp: Uint8Array) => {
    const { number, hash, parentHash: parent, stateRoot } = header
    const digest = await digestOf(state)
    described.push({ number: Number(number), hash, parent, stateRoot, rlp: hexOf(rlp), digest })
  }
  await add(genesis, genesis.encoded)
  const engine = await Engine.create({ common: commonOf(recipe) })
  const blockHashes = new Map(headers.map(({ number, hash }) => [number, hash]))
  const options = { state, parent: genesis, blockHashes }
  for await (const { header } of engine.executeBlocks(blocks, options)) {
    await add(header, blocks[described.length - 1])
  }
  engine.close()
  return described
}

/** Accounts with code and storage, so that trees are of several levels and some values of several pages. */
function fillerAccounts(seed: number, count: number): Record<Hex, AccountRecipe> {
  const random = new Random(seed)
  const alloc: Record<Hex, AccountRecipe> = {}
  for (let i = 0; i < count; i++) {
    const storage: Record<Hex, Hex> = {}
    for (let slot = i % 4 === 0 ? 1 + random.below(6) : 0; slot > 0; slot--) {
      storage[`0x${slot.toString(16)}`] = `0x${(1 + random.below(2 ** 31)).toString(16)}`
    }
    const code = Buffer.alloc(i % 100 === 0 ? 9_000 : 40, i.toString())
    alloc[`0xf1${i.toString(16).padStart(38, '0')}`] = {
      balance: `0x${random.below(2 ** 31).toString(16)}`,
      nonce: '0x1',
      ...(i % 10 === 0 ? { code: hexOf(code) } : {}),
      ...(i % 4 === 0 ? { storage } : {}),
    }
  }
  return alloc
}
