/** What is looked at when a process was killed. */

import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { type Engine, LmdbState } from '../../lib/index.js'
import { batchOf, type CourseName, finish, goOn, isAbsent, placesIn } from './course.js'
import { digestOf, history, trunkLength, type World, type WorldBlock } from './world.js'

/** A move of the head: the head behind it, and how many blocks could be undone then. */
export interface Event {
  readonly hash: string
  readonly undoable: number
}

/** What a log says. */
export interface Log {
  readonly isCreated: boolean
  readonly isCopied: boolean
  readonly isEnded: boolean
  readonly events: readonly Event[]
  /** How many events are on the disk for sure. */
  readonly lasting: number
}

/** Reads the log of a course, whose last line may be cut off. */
export function readLog(folder: string, name: CourseName): Log {
  const { log } = placesIn(folder)
  const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
  const lines = text.split('\n').slice(0, -1)
  const events: Event[] = []
  let flushed = 0
  for (const line of lines) {
    const [kind, hash, undoable] = line.split(' ')
    if (kind === 'event') events.push({ hash, undoable: Number(undoable) })
    if (kind === 'flushed') flushed = events.length
  }
  return {
    isCreated: lines.includes('created'),
    isCopied: lines.includes('copied'),
    isEnded: lines.includes('end'),
    events,
    lasting: batchOf(name) === 1 ? events.length : flushed,
  }
}

/** What is demanded, and failed. */
class Problem extends Error {}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Problem(what)
}

/** What is to be examined. */
export interface Examination {
  readonly world: World
  readonly name: CourseName
  readonly folder: string
  /** The events of the whole course. */
  readonly expected: readonly Event[]
  /** Whether it was told of an error: then it may have gone back from a branch. */
  readonly isFailed: boolean
  readonly engine: Engine
}

/**
 * Looks at what a process has left that was killed, or failed: it opens, everything in it is right, it is what the
 * log says that must be there, what is claimed can be undone, and it goes on to the end of the chain, both as it
 * is and undone.
 */
export async function examine(examination: Examination): Promise<void> {
  const { world, name, folder, expected, isFailed, engine } = examination
  const places = placesIn(folder)
  const log = readLog(folder, name)
  const isAsExpected = log.events.every(({ hash }, i) => hash === expected[i]?.hash)
  demand(isAsExpected || isFailed, 'what happened is something else')
  const state = await LmdbState.open(places.state, { history, batch: batchOf(name) }).catch(
    (error: unknown) => {
      if (!isAbsent(error)) throw error
      return undefined
    },
  )
  if (state === undefined) {
    demand(!log.isCreated, 'the state is gone')
  } else {
    const { head, undoable } = state
    const from = Math.max(log.lasting - 1, 0)
    const possible = log.events.slice(from)
    // What was being done when the process died may have happened.
    if (isAsExpected) possible.push(...expected.slice(log.events.length, log.events.length + 1))
    demand(
      possible.some((event) => event.hash === head?.hash && event.undoable === undoable),
      `the head is ${head?.number} with ${undoable} to be undone, which is none of the last`,
    )
    await whole(world, state)
    await state[Symbol.asyncDispose]()
    demand(leftovers(places.state).length === 0, `left over: ${leftovers(places.state)}`)
    // A copy of it goes all the way back, then on.
    const undone = `${folder}/undone`
    cpSync(places.state, undone, { recursive: true })
    await using other = await LmdbState.open(undone, { history, batch: batchOf(name) })
    for (let i = undoable; i > 0; i--) {
      demand(other.undoable === i, 'undone by another number')
      await other.revert()
    }
    demand(
      other.undoable === 0 && other.head?.number === (head?.number ?? 0n) - BigInt(undoable),
      'undone wrongly',
    )
    await whole(world, other)
    await finish(world, other, engine)
    await atEnd(world, other)
  }
  const ended = await goOn(world, name, folder, engine)
  await atEnd(world, ended)
  const { copy } = places
  if (!existsSync(copy)) {
    demand(!log.isCopied, 'the copy is gone')
  } else {
    const copied = await LmdbState.open(copy).catch((error: unknown) => {
      if (!isAbsent(error)) throw error
      return undefined
    })
    demand(copied !== undefined || !log.isCopied, 'the copy is gone')
    if (copied !== undefined) {
      await whole(world, copied)
      await finish(world, copied, engine)
      await atEnd(world, copied)
      await copied[Symbol.asyncDispose]()
    } else await ended.copyTo(copy)
  }
  await ended[Symbol.asyncDispose]()
}

/** The state is that of a block of the chain, by every account, and its own check finds nothing. */
export async function whole(world: World, state: LmdbState): Promise<WorldBlock> {
  const block = world.find(state.head?.hash)
  demand(block !== undefined, `the head ${state.head?.hash} is no block of the chain`)
  demand(state.head?.number === BigInt(block.number), 'the number of the head is wrong')
  demand(state.root === block.stateRoot, 'the root is not that of the header')
  const { problem, root } = await state.check()
  demand(problem === undefined, `check: ${problem}`)
  demand(root === block.stateRoot, 'the root of the leaves is not that of the header')
  demand((await digestOf(state)) === block.digest, 'accounts are not those of the block')
  return block
}

async function atEnd(world: World, state: LmdbState): Promise<void> {
  const { number } = await whole(world, state)
  demand(number === trunkLength, `it ended at block ${number}`)
}

/** Files of the folder that nobody needs. */
function leftovers(folder: string): string[] {
  const known = ['data.mdb', 'lock.mdb', 'braid.lock']
  return readdirSync(folder).filter((file) => !known.includes(file))
}
