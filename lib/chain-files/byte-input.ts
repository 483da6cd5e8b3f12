/** Bytes out of files and streams, unpacked, a window at a time. */

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { demand } from '../arguments.js'
import type { ErrorCode } from '../error-codes.js'
import type { ErrorDetails } from '../error-details.js'
import { type BraidError, errorFor, isBraidError } from '../errors.js'

/** Where bytes come from: the path of a file, or pieces of bytes as a stream has them. */
export type ByteSource = string | AsyncIterable<Uint8Array>

/** How far reading is. */
export interface ReadProgress {
  /** Bytes taken from the sources, as they lie there: packed ones where they are packed. */
  readonly bytes: number
  /** Bytes of all sources together; undefined where one is a stream. */
  readonly total: number | undefined
  /** The file that is read now; undefined for streams. */
  readonly file: string | undefined
}

/** How a file or a stream is read. */
export interface ReadOptions {
  /** Ends the reading with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
  /** Told after every piece, of 256 KiB mostly, and at the end. What it throws ends the reading. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined
}

/** The codes of what can be wrong with the bytes themselves. */
export interface InputCodes {
  /** They cannot be read. */
  readonly unreadable: ErrorCode
  /** They cannot be unpacked. */
  readonly damaged: ErrorCode
}

const pieceSize = 1 << 18

/** Counts what is read of one source or several. */
export class ProgressCounter {
  #bytes = 0
  #total: number | undefined
  readonly #listener: ReadOptions['onProgress']

  constructor(total: number | undefined, listener: ReadOptions['onProgress']) {
    this.#total = total
    this.#listener = listener
  }

  /** A counter that knows how many bytes there are in all. */
  static async of(
    sources: readonly ByteSource[],
    { onProgress }: ReadOptions,
    codes: InputCodes,
  ): Promise<ProgressCounter> {
    if (onProgress === undefined) return new ProgressCounter(undefined, undefined)
    let total: number | undefined = 0
    for (const source of sources) {
      if (typeof source !== 'string') return new ProgressCounter(undefined, onProgress)
      try {
        total += (await stat(source)).size
      } catch (cause) {
        throw errorFor(codes.unreadable, { file: source }, { cause })
      }
    }
    return new ProgressCounter(total, onProgress)
  }

  add(bytes: number, file: string | undefined): void {
    this.#bytes += bytes
    this.#listener?.({ bytes: this.#bytes, total: this.#total, file })
  }
}

/** Throws where a value is no source of bytes. */
export function checkByteSource(source: unknown, field: string): asserts source is ByteSource {
  const isStream = typeof source === 'object' && source !== null && Symbol.asyncIterator in source
  demand(typeof source === 'string' || isStream, field, 'a path or a stream of bytes', source)
}

/**
 * A cursor over the bytes of one source. What is packed by gzip (RFC 1952), as its first two bytes say, is
 * unpacked on the way. In memory are the window that was asked for and one piece.
 */
export class ByteInput {
  /** The file's path; undefined for streams. */
  readonly file: string | undefined
  readonly #pieces: AsyncIterator<Uint8Array>
  readonly #codes: InputCodes
  #window = Buffer.alloc(0)
  #start = 0
  #end = 0
  #offset = 0
  #ended = false

  constructor(
    source: ByteSource,
    { signal }: ReadOptions,
    codes: InputCodes,
    progress = new ProgressCounter(undefined, undefined),
  ) {
    this.file = typeof source === 'string' ? source : undefined
    this.#codes = codes
    const raw = rawPieces(source, signal, (bytes) => progress.add(bytes, this.file))
    this.#pieces = unpacked(raw)
  }

  /** How many bytes, after unpacking, lie before the window. */
  get offset(): number {
    return this.#offset
  }

  /** How many bytes the window holds. */
  get available(): number {
    return this.#end - this.#start
  }

  /** The bytes of the window, in place: valid until more are asked for. */
  get window(): Buffer {
    return this.#window.subarray(this.#start, this.#end)
  }

  /** Makes the window hold so many bytes at the least; false where the source ends before. */
  async fill(count: number): Promise<boolean> {
    while (this.available < count) if (!(await this.more())) return false
    return true
  }

  /** Adds a piece to the window; false at the end of the source. */
  async more(): Promise<boolean> {
    if (this.#ended) return false
    let next: IteratorResult<Uint8Array>
    try {
      next = await this.#pieces.next()
    } catch (cause) {
      this.#ended = true
      throw this.#failure(cause)
    }
    if (next.done === true) {
      this.#ended = true
      return false
    }
    this.#append(next.value)
    return true
  }

  /** Moves over bytes of the window. */
  skip(count: number): void {
    this.#start += count
    this.#offset += count
  }

  /** Moves over bytes that need not be in the window; false where the source ends before. */
  async skipFar(count: number): Promise<boolean> {
    let rest = count
    while (rest > this.available) {
      rest -= this.available
      this.skip(this.available)
      if (!(await this.more())) return false
    }
    this.skip(rest)
    return true
  }

  /** A copy of the next bytes, which the window must hold; moves over them. */
  take(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    bytes.set(this.#window.subarray(this.#start, this.#start + count))
    this.skip(count)
    return bytes
  }

  /** Gives the source back, wherever the reading is. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#pieces.return?.()
  }

  /** Makes the error of `code` at this place. */
  fail(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown): BraidError {
    const place = this.file === undefined ? {} : { file: this.file }
    return errorFor(code, { ...place, offset: this.#offset, ...details }, { cause })
  }

  #append(piece: Uint8Array): void {
    const { available } = this
    if (this.#end + piece.length > this.#window.length) {
      const room = Math.max(available + piece.length, 2 * pieceSize)
      const isTight = room > this.#window.length
      const target = isTight ? Buffer.allocUnsafe(room + (available >> 1)) : this.#window
      this.#window.copy(target, 0, this.#start, this.#end)
      this.#window = target
      this.#start = 0
      this.#end = available
    }
    this.#window.set(piece, this.#end)
    this.#end += piece.length
  }

  #failure(cause: unknown): unknown {
    if (isBraidError(cause)) return cause
    if (cause instanceof CallerError) return cause.cause
    const { code = '' } = cause as NodeJS.ErrnoException
    return this.fail(
      /^Z_/.test(code) ? this.#codes.damaged : this.#codes.unreadable,
      { offset: this.#offset + this.available },
      cause,
    )
  }
}

/** Carries what a caller's function threw past the translation of errors. */
class CallerError extends Error {}

async function* rawPieces(
  source: ByteSource,
  signal: AbortSignal | undefined,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const stream =
    typeof source === 'string' ? createReadStream(source, { highWaterMark: pieceSize }) : source
  const pieces = stream[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await abortable(() => pieces.next(), signal)
      if (done === true) break
      demand(value instanceof Uint8Array, 'source', 'pieces of bytes', typeof value)
      try {
        count(value.length)
      } catch (cause) {
        throw new CallerError('', { cause })
      }
      if (value.length > 0) yield value
    }
    ended = true
  } finally {
    if (!ended) {
      // A source that never answers must not keep its reader from ending.
      const closing = Promise.resolve(pieces.return?.()).catch(() => {})
      if (signal?.aborted !== true) await closing
      if (stream instanceof Readable) stream.destroy()
    }
  }
}

/** What a promise comes to, or `CANCELLED` when the signal says so first. */
function abortable<Value>(
  run: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return run()
  const cancelled = () => errorFor('CANCELLED', {}, { cause: signal.reason })
  if (signal.aborted) return Promise.reject(cancelled())
  return new Promise((resolve, reject) => {
    const abort = () => reject(cancelled())
    signal.addEventListener('abort', abort, { once: true })
    run()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}

async function* unpacked(
  raw: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  // The two bytes that tell may come one by one.
  const first: Uint8Array[] = []
  let size = 0
  try {
    while (size < 2) {
      const next = await raw.next()
      if (next.done === true) break
      first.push(next.value)
      size += next.value.length
    }
    const start = Buffer.concat(first)
    if (start[0] !== 0x1f || start[1] !== 0x8b) {
      if (start.length > 0) yield start
      yield* raw
      return
    }
    const gunzip = createGunzip({ chunkSize: pieceSize })
    pipeline(Readable.from(joined(start, raw), { objectMode: false }), gunzip, () => {})
    yield* gunzip as AsyncIterable<Uint8Array>
  } finally {
    await raw.return()
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>) {
  yield first
  yield* rest
}
