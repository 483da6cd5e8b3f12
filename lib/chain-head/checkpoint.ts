/** Where replays note how far they have come. */

import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { demand, isRecord } from '../arguments.js'
import { errorFor } from '../errors.js'
import type { Hex } from '../hex/index.js'
import { type BlockReference, checkReference } from '../state/block-reference.js'
import { State } from '../state/state.js'
import type { Awaitable } from '../state/state-source.js'

/** Keeps the last block that a replay's consumer was done with. */
export interface CheckpointStore {
  /** The block that was noted last; undefined where none was. */
  load(): Awaitable<BlockReference | undefined>
  /** Notes a block. When this returns the note survives whatever happens to the process. */
  save(checkpoint: BlockReference): Awaitable<void>
}

/** A checkpoint in a file of one line of JSON: `{"number","hash"}`. */
export class FileCheckpointStore implements CheckpointStore {
  readonly #path: string

  /** @param path the file; it need not be there yet, its folder must */
  constructor(path: string) {
    demand(typeof path === 'string' && path !== '', 'path', 'the path of a file', path)
    this.#path = path
  }

  /** @throws BraidError `CHECKPOINT_MALFORMED`, `CHECKPOINT_UNAVAILABLE` */
  async load(): Promise<BlockReference | undefined> {
    const file = this.#path
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw errorFor('CHECKPOINT_UNAVAILABLE', { file }, { cause })
    }
    const checkpoint = parse(text)
    if (checkpoint === undefined) throw errorFor('CHECKPOINT_MALFORMED', { file })
    return checkpoint
  }

  /** @throws BraidError `CHECKPOINT_UNAVAILABLE`: the file is as it was */
  async save(checkpoint: BlockReference): Promise<void> {
    checkReference(checkpoint, 'checkpoint')
    const { number, hash } = checkpoint
    const line = JSON.stringify({ number: number.toString(), hash })
    try {
      await replaceFile(this.#path, [Buffer.from(`${line}\n`)])
    } catch (cause) {
      throw errorFor('CHECKPOINT_UNAVAILABLE', { file: this.#path }, { cause })
    }
  }
}

/**
 * The head of a state that lasts, as a checkpoint: nothing else is kept. A replay then goes on behind the last
 * block that was committed, whether its consumer was done with it or not: for replays that are there for
 * the state.
 */
export function stateCheckpoint(state: State): CheckpointStore {
  demand(state instanceof State, 'state', 'a state that moves on', state)
  return { load: () => state.head, save: () => {} }
}

/**
 * Gives a file another content: written beside it, brought to the disk, and put in its place in one step. Where
 * that fails the file is as it was.
 */
export async function replaceFile(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(beside, 'wx')
    try {
      for await (const piece of pieces) await file.writeFile(piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  // The new name lies in the folder.
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function parse(text: string): BlockReference | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isRecord(value)) return undefined
    const { number, hash } = value
    const isHash = typeof hash === 'string' && /^0x[0-9a-f]{64}$/.test(hash)
    if (typeof number !== 'string' || !/^\d{1,20}$/.test(number) || !isHash) return undefined
    return { number: BigInt(number), hash: hash as Hex }
  } catch {
    return undefined
  }
}
