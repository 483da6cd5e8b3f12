/** What the process does that is killed. */

import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AccountRecord,
  type Alloc,
  type Chain,
  type Engine,
  type Hex,
  isBraidError,
  LmdbState,
  readSnapshot,
} from '../../lib/index.js'
import { history, lateFork, sideFork, trunkLength, type World } from './world.js'

/** What can be done: blocks one by one or in batches, an import of accounts, one of a snapshot. */
export const courseNames = ['blocks', 'batches', 'accounts', 'snapshot'] as const
export type CourseName = (typeof courseNames)[number]

/** How many blocks are written at once. */
export const batchOf = (name: CourseName): number => (name === 'batches' ? 3 : 1)

/** The last block that an import is followed by. */
const afterImport = 4

/** Where the folder of a course's state, its copy and its log are. */
export const placesIn = (folder: string) => ({
  state: join(folder, 'state'),
  copy: join(folder, 'copy'),
  log: join(folder, 'log'),
})

/**
 * Runs a course from its start. The log gets a line when something has happened: `created`; `event HASH UNDOABLE`
 * for each move of the head; `flushed` when everything so far is on the disk; `copied`; `end`.
 */
export async function runCourse(world: World, name: CourseName, folder: string): Promise<void> {
  const places = placesIn(folder)
  const log = (line: string) => appendFileSync(places.log, `${line}\n`)
  await create(world, name, folder)
  log('created')
  const engine = await world.engine()
  const state = await LmdbState.open(places.state, { history, batch: batchOf(name) })
  const note = () => log(`event ${state.head?.hash} ${state.undoable}`)
  note()
  // In the moment in which it happens; `changes()` tells it later.
  Object.defineProperty(state, 'publish', { value: note })
  const flush = async () => {
    await state.flush()
    log('flushed')
  }
  const chain = await world.open(engine, state)
  if (name === 'accounts' || name === 'snapshot') {
    await replay(world, chain, 1, afterImport, flush)
  } else {
    await moveAbout(world, chain, flush)
  }
  await state.flush()
  mkdirSync(places.copy)
  await state.copyTo(places.copy)
  log('copied')
  if (name === 'blocks' || name === 'batches') {
    await replay(world, chain, lateFork + 1, trunkLength, flush)
  }
  await flush()
  await state[Symbol.asyncDispose]()
  engine.close()
  log('end')
}

/** Makes the state; first one that is refused. */
export async function create(world: World, name: CourseName, folder: string): Promise<void> {
  const { state } = placesIn(folder)
  const { number, hash, stateRoot } = world.genesis
  const head = { number, hash }
  if (name === 'blocks' || name === 'batches') {
    await LmdbState.create(state, world.alloc, { head, root: stateRoot, chain: hash })
    return
  }
  const options = { head, chain: hash, memory: 1 << 20 }
  const accounts = async () =>
    name === 'snapshot'
      ? asAlloc((await readSnapshot(world.snapshot)).accounts)
      : inParts(world.alloc)
  const wrong: Hex = `0x${'12'.repeat(32)}`
  try {
    await LmdbState.create(state, await accounts(), { ...options, root: wrong })
  } catch (error) {
    if (!isBraidError(error, 'STORE_WRONG_ROOT')) throw error
  }
  await LmdbState.create(state, await accounts(), { ...options, root: stateRoot })
}

/** Forward, onto another branch and back, back without a branch, onto a branch that is wrong. */
async function moveAbout(world: World, chain: Chain, flush: () => Promise<void>): Promise<void> {
  await replay(world, chain, 1, sideFork, flush)
  for (const block of world.side) await chain.import(block)
  await chain.reorganise(world.trunk(sideFork + 1, sideFork + 4))
  await chain.revert({ number: BigInt(sideFork + 2), hash: world.at(sideFork + 2).hash })
  for (const block of world.trunk(sideFork + 3, lateFork + 2)) await chain.import(block)
  try {
    await chain.reorganise(world.late)
    throw new Error('the branch is wrong')
  } catch (error) {
    if (!isBraidError(error, 'BLOCK_FIELD_MISMATCH')) throw error
  }
  await chain.revert({ number: BigInt(lateFork), hash: world.at(lateFork).hash })
}

/** Replays blocks of the trunk, with the state as its own checkpoint. */
async function replay(
  world: World,
  chain: Chain,
  from: number,
  to: number,
  flush: () => Promise<void>,
): Promise<void> {
  const checkpoint = { load: () => chain.state.head, save: flush }
  for await (const _ of chain.replay(world.trunk(from, to), { checkpoint, every: 4 }));
}

/** From wherever a process ended to the last block of the trunk. Makes the state where there is none. */
export async function goOn(
  world: World,
  name: CourseName,
  folder: string,
  engine: Engine,
): Promise<LmdbState> {
  const { state: path } = placesIn(folder)
  const options = { history, batch: batchOf(name) }
  const state = await LmdbState.open(path, options).catch(async (error: unknown) => {
    if (!isAbsent(error)) throw error
    await create(world, name, folder)
    return LmdbState.open(path, options)
  })
  await finish(world, state, engine)
  return state
}

/** To the last block of the trunk. */
export async function finish(world: World, state: LmdbState, engine: Engine): Promise<void> {
  const chain = await world.open(engine, state)
  let at = world.find(state.head?.hash)
  while (at !== undefined && world.at(at.number).hash !== at.hash) at = world.find(at.parent)
  if (at === undefined) throw new Error('the head is not a block of the chain')
  if (at.hash !== chain.head.hash) await chain.revert({ number: BigInt(at.number), hash: at.hash })
  // From the head on, whose header a chain that went back does not know.
  for await (const _ of chain.replay(world.trunk(Math.max(at.number, 1), trunkLength)));
  await state.flush()
}

/** Whether an error says that there is no state. */
export function isAbsent(error: unknown): boolean {
  return isBraidError(error, 'STORE_NOT_FOUND') || isBraidError(error, 'STORE_EMPTY')
}

async function* inParts(alloc: Alloc): AsyncIterable<Alloc> {
  const entries = Object.entries(alloc)
  for (let i = 0; i < entries.length; i += 500) yield Object.fromEntries(entries.slice(i, i + 500))
}

async function* asAlloc(accounts: AsyncIterable<AccountRecord>): AsyncIterable<Alloc> {
  for await (const { address, nonce, balance, code, storage } of accounts) {
    yield { [address]: { nonce, balance, code, storage: Object.fromEntries(storage) } }
  }
}
