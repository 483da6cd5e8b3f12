/** States on a disk that is full, for real: a file system in a file. */

import { spawnSync } from 'node:child_process'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Engine, isBraidError, LmdbState } from '../../lib/index.js'
import { finish, isAbsent } from './course.js'
import { whole } from './examine.js'
import { history, trunkLength, type World } from './world.js'

const diskSize = 24 << 20
const kilobyte = 1024

/** A file system of its own. */
interface Disk {
  readonly path: string
  readonly kind: string
  /** Whether it may be written. */
  setWritable(isWritable: boolean): void
  remove(): void
}

/** An ext4 in a file; where that can't be had a tmpfs; or why neither can. */
export function makeDisk(folder: string): Disk | { reason: string } {
  const path = join(folder, 'disk')
  const image = join(folder, 'image')
  mkdirSync(path)
  writeFileSync(image, '')
  truncateSync(image, diskSize)
  const run = (program: string, ...args: string[]): string | undefined => {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
    return status === 0 ? undefined : (error?.message ?? stderr.trim())
  }
  const made = (kind: string): Disk => ({
    path,
    kind,
    setWritable: (isWritable) => {
      const failure = run('mount', '-o', `remount,${isWritable ? 'rw' : 'ro'}`, path)
      if (failure !== undefined) throw new Error(failure)
    },
    remove: () => {
      // At once, whoever has files open there.
      run('umount', '-l', path)
      rmSync(image, { force: true })
    },
  })
  const withoutExt4 =
    run('mkfs.ext4', '-q', '-m', '0', image) ?? run('mount', '-o', 'loop', image, path)
  if (withoutExt4 === undefined) return made('an ext4 in a file')
  const reason = run('mount', '-t', 'tmpfs', '-o', `size=${diskSize}`, 'tmpfs', path)
  if (reason === undefined) return made(`a tmpfs (no ext4: ${withoutExt4})`)
  return { reason: `${withoutExt4}; ${reason}` }
}

/** What takes all the room of a disk but some. */
class Ballast {
  readonly #path: string

  constructor(disk: Disk) {
    this.#path = join(disk.path, 'ballast')
  }

  fill(room: number): void {
    const file = openSync(this.#path, 'w')
    for (let size = 1 << 20; size >= kilobyte; ) {
      try {
        writeSync(file, Buffer.alloc(size, 1))
      } catch {
        size /= 2
      }
    }
    ftruncateSync(file, Math.max(fstatSync(file).size - room, 0))
    fsyncSync(file)
    closeSync(file)
  }

  remove(): void {
    rmSync(this.#path, { force: true })
  }
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

async function codeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
    return 'ok'
  } catch (error) {
    if (isBraidError(error)) return error.code
    throw error
  }
}

/**
 * Fills a disk up under states that are written: an error with a code, everything that was committed is there, and
 * with more room it goes on. Gives how many times that was seen.
 */
export async function fillUp(world: World, disk: Disk): Promise<number> {
  const engine = await world.engine()
  const ballast = new Ballast(disk)
  let times = 0
  for (let room = 0; room <= 640; room += room < 128 ? 8 : 64) {
    for (const batch of [1, 3]) {
      times += await fillUpBlocks(world, engine, disk, ballast, { room: room * kilobyte, batch })
    }
  }
  for (let room = 0; room <= 2048; room += room < 128 ? 16 : 128) {
    times += await fillUpImport(world, disk, ballast, room * kilobyte)
  }
  await readOnly(world, disk)
  engine.close()
  return times
}

interface Filling {
  readonly room: number
  readonly batch: number
}

async function fillUpBlocks(
  world: World,
  engine: Engine,
  disk: Disk,
  ballast: Ballast,
  { room, batch }: Filling,
): Promise<number> {
  const path = join(disk.path, 'state')
  const { number, hash } = world.genesis
  await LmdbState.create(path, world.alloc, { head: { number, hash } })
  let state = await LmdbState.open(path, { history, batch })
  const chain = await world.open(engine, state)
  for (const block of world.trunk(1, 6)) await chain.import(block)
  await state.flush()
  const copy = join(disk.path, 'copy')
  mkdirSync(copy)
  ballast.fill(room)
  let code = 'ok'
  let lasting = 6
  let last = 6
  while (code === 'ok' && last < trunkLength) {
    code = await codeOf(() => chain.import(world.trunk(last + 1, last + 1)[0]))
    if (code !== 'ok') break
    last++
    if (last % batch === 0) lasting = last
  }
  const isFull = code !== 'ok'
  if (isFull) {
    demand(code === 'STORE_DISK_FULL', `${code} of a block where ${room} bytes were free`)
    demand(state.head?.number === BigInt(last), 'the head is not that of before')
    await whole(world, state)
    const again = await codeOf(() => chain.import(world.trunk(last + 1, last + 1)[0]))
    demand(again === code, `${again} at the second time`)
    const copied = await codeOf(() => state.copyTo(copy))
    demand(copied === code, `${copied} of a copy`)
    // Who opens it next finds what was written. What a batch holds back may be less than a batch, and fit.
    const closed = await codeOf(() => state[Symbol.asyncDispose]())
    demand(closed === 'ok' || (closed === code && last > lasting), `${closed} of closing`)
    if (closed === 'ok') lasting = last
    state = await LmdbState.open(path, { history, batch })
    demand(state.head?.number === BigInt(lasting), `at block ${state.head?.number}`)
    await whole(world, state)
    ballast.remove()
    await state.copyTo(copy)
  }
  ballast.remove()
  await finish(world, state, engine)
  const { number: end } = await whole(world, state)
  demand(end === trunkLength, `it ended at block ${end}`)
  await state[Symbol.asyncDispose]()
  for (const made of [path, copy]) rmSync(made, { recursive: true })
  return isFull ? 1 : 0
}

async function fillUpImport(
  world: World,
  disk: Disk,
  ballast: Ballast,
  room: number,
): Promise<number> {
  const path = join(disk.path, 'state')
  const { number, hash, stateRoot: root } = world.genesis
  const create = () =>
    LmdbState.create(path, world.alloc, { head: { number, hash }, root, memory: 1 << 20 })
  ballast.fill(room)
  const code = await codeOf(create)
  if (code !== 'ok') {
    demand(code === 'STORE_DISK_FULL', `${code} of an import where ${room} bytes were free`)
    const opened = await LmdbState.open(path).catch((error: unknown) => isAbsent(error))
    demand(opened === true, 'there is a state')
    ballast.remove()
    await create()
  }
  ballast.remove()
  await using state = await LmdbState.open(path, { check: true })
  await whole(world, state)
  await state[Symbol.asyncDispose]()
  rmSync(path, { recursive: true })
  return code === 'ok' ? 0 : 1
}

/** A disk that may only be read. */
async function readOnly(world: World, disk: Disk): Promise<void> {
  const path = join(disk.path, 'state')
  const { number, hash } = world.genesis
  await LmdbState.create(path, world.alloc, { head: { number, hash } })
  disk.setWritable(false)
  try {
    const code = await codeOf(() => LmdbState.open(path))
    demand(code === 'STORE_READ_ONLY', `${code} of a disk that can't be written`)
    const made = await codeOf(() => LmdbState.create(join(disk.path, 'other'), world.alloc))
    demand(made === 'STORE_READ_ONLY', `${made} of an import there`)
    const state = await LmdbState.open(path, { readOnly: true, check: true })
    await whole(world, state)
    await state[Symbol.asyncDispose]()
  } finally {
    disk.setWritable(true)
  }
}
