/** Local transactions on disk, so that they outlast the process. */

import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { crc32c } from '../chain-files/crc32c.js'
import { refusal } from './refusal.js'

/** What a record holds. */
export interface JournalRecord {
  /** The transaction as it travels. */
  readonly travelling: Uint8Array
  readonly isPrivate: boolean
}

/** Size and checksum of what follows, 32 bits each, little-endian. */
const headerSize = 8
/** A journal that has grown to so many times what is left of it is written anew. */
const mostGrowth = 4
const leastRewritten = 1 << 20

/**
 * A file of records, each with its size and checksum. What was written before a process died is there; a
 * record that was not written to its end is not. One at a time writes.
 */
export class Journal {
  readonly #path: string
  #file: FileHandle
  #size: number
  #turn: Promise<void> = Promise.resolve()

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path
    this.#file = file
    this.#size = size
  }

  /**
   * Opens a journal, which need not exist, and gives what is in it.
   *
   * @throws PoolError `POOL_JOURNAL_FAILED`
   */
  static async open(path: string): Promise<{ journal: Journal; records: JournalRecord[] }> {
    return failing(async () => {
      const { records, size } = parse(await contentOf(path))
      const file = await open(path, 'a')
      // What follows a torn record would never be read.
      await file.truncate(size)
      return { journal: new Journal(path, file, size), records }
    })
  }

  /** Appends records; they are with the system when this resolves. */
  append(records: readonly JournalRecord[]): Promise<void> {
    const bytes = Buffer.concat(records.map(packed))
    return this.#inTurn(async () => {
      await this.#file.appendFile(bytes)
      this.#size += bytes.length
    })
  }

  /** Writes the journal anew where it has grown far beyond what is left; `live` gives that. */
  shrink(live: () => readonly JournalRecord[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#size < leastRewritten) return
      const bytes = Buffer.concat(live().map(packed))
      if (this.#size < mostGrowth * bytes.length) return
      const besides = `${this.#path}.new`
      const file = await open(besides, 'w')
      try {
        await file.writeFile(bytes)
        await file.sync()
        await rename(besides, this.#path)
      } catch (error) {
        await file.close()
        await rm(besides, { force: true })
        throw error
      }
      await this.#file.close()
      this.#file = file
      this.#size = bytes.length
    })
  }

  /** Waits for what is under way, and closes the file. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#file.close())
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => failing(act))
    // Whoever comes next is not to blame for it.
    this.#turn = done.catch(() => {})
    return done
  }
}

async function failing<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act()
  } catch (cause) {
    throw refusal('POOL_JOURNAL_FAILED', {}, cause)
  }
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

function packed({ travelling, isPrivate }: JournalRecord): Buffer {
  const record = Buffer.alloc(headerSize + 1 + travelling.length)
  record[headerSize] = isPrivate ? 1 : 0
  record.set(travelling, headerSize + 1)
  record.writeUInt32LE(1 + travelling.length, 0)
  record.writeUInt32LE(crc32c(record.subarray(headerSize)), 4)
  return record
}

/** The records of a journal up to the first that is torn or damaged, and where that is. */
function parse(bytes: Buffer): { records: JournalRecord[]; size: number } {
  const records: JournalRecord[] = []
  let at = 0
  while (at + headerSize < bytes.length) {
    const end = at + headerSize + bytes.readUInt32LE(at)
    const body = bytes.subarray(at + headerSize, end)
    if (end > bytes.length || body.length === 0) break
    if (crc32c(body) !== bytes.readUInt32LE(at + 4)) break
    records.push({ travelling: new Uint8Array(body.subarray(1)), isPrivate: body[0] === 1 })
    at = end
  }
  return { records, size: at }
}
