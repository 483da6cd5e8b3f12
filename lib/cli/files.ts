/** Reading of input files, and writing of what is made. */

import { constants as limits } from 'node:buffer'
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, sep } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { InputError, UsageError } from './console.js'

/** The path that stands for standard input. */
export const standardInput = '-'

/**
 * The most bytes of an input, packed and unpacked: what one string can hold, so that nothing that can
 * be read is refused, and neither an endless device nor a small file that unpacks to terabytes takes
 * all memory.
 */
const largestInput = limits.MAX_STRING_LENGTH

/** The bytes of a file, or of standard input; unpacked where they are packed by gzip (RFC 1952). */
export function readBytes(path: string): Buffer {
  const bytes = attempt('read', path, () => readWhole(path))
  const isPacked = path.endsWith('.gz') || (bytes[0] === 0x1f && bytes[1] === 0x8b)
  if (!isPacked) return bytes
  return attempt('unpack', path, () => gunzipSync(bytes, { maxOutputLength: largestInput }))
}

/** Throws where a file cannot be read; standard input can. */
export function checkReadable(path: string): void {
  if (path === standardInput) return
  attempt('read', path, () => {
    // Opening a folder succeeds.
    if (statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
    accessSync(path, constants.R_OK)
  })
}

/** Makes a folder, and those above it, where there is none. */
export function makeFolder(path: string): void {
  attempt('make', path, () => mkdirSync(path, { recursive: true }))
}

/** Writes a text to a file. */
export function writeText(path: string, text: string): void {
  writeBytes(path, text)
}

/** Writes a text or bytes to a file. */
export function writeBytes(path: string, content: string | Uint8Array): void {
  attempt('write', path, () => writeFileSync(path, content))
}

/** Does something with a file; what the system throws becomes an InputError that names the file. */
function attempt<Value>(verb: string, path: string, act: () => Value): Value {
  try {
    return act()
  } catch (error) {
    throw new InputError(`cannot ${verb} ${nameOf(path)}: ${reasonOf(error)}`)
  }
}

/** Throws where standard input is named twice: the second time there would be nothing. */
export function checkStandardInput(inputs: readonly string[]): void {
  if (inputs.filter((path) => path === standardInput).length > 1) {
    throw new UsageError('standard input can be read only once')
  }
}

/** What an input is called in messages. */
export function nameOf(path: string): string {
  return path === standardInput ? 'standard input' : path
}

/** Why a file cannot be read or written, in the words of people where they are common. */
function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return commonReasons[code] ?? message
}

const tooLarge = 'it is larger than 512 MiB'

const commonReasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it is a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space left',
  EROFS: 'the file system is read-only',
  ERR_BUFFER_TOO_LARGE: tooLarge,
  Z_BUF_ERROR: 'it ends too early',
  Z_DATA_ERROR: 'it is damaged, or not packed by gzip',
}

/** All bytes of a file, which may be a pipe or a device. */
function readWhole(path: string): Buffer {
  if (path === standardInput) return readToEnd(0)
  const file = openSync(path, 'r')
  try {
    return readToEnd(file)
  } finally {
    closeSync(file)
  }
}

function readToEnd(file: number): Buffer {
  const { size } = fstatSync(file)
  if (size > largestInput) throw new Error(tooLarge)
  const pieces: Buffer[] = []
  let total = 0
  for (;;) {
    // Pipes and devices have no size, and files may grow.
    const piece = Buffer.allocUnsafe(Math.max(size - total, pieceSize))
    const count = readSome(file, piece)
    if (count === 0) return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, total)
    total += count
    if (total > largestInput) throw new Error(tooLarge)
    pieces.push(piece.subarray(0, count))
  }
}

const pieceSize = 65_536

/** Reads into a buffer; waits where standard input does not block and has nothing yet. */
function readSome(file: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(file, buffer)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

/** A JSON file, packed or not. */
export function readJson(path: string): unknown {
  return parseJson(readBytes(path).toString('utf8'), path)
}

/** The value of a JSON text; `path` is for the error. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError(`${nameOf(path)} is not JSON: ${(error as Error).message}`)
  }
}

/** A file to be run. */
export interface InputFile {
  readonly path: string
  /** In bytes, packed. */
  readonly size: number
  /** Whether it lies in a folder named `slow`. */
  readonly slow: boolean
  /** Whether it was given itself, not a folder that it is in. */
  readonly named: boolean
}

/** All `.json` and `.json.gz` files among the given files and inside the given folders, by name. */
export function findJsonFiles(paths: readonly string[]): InputFile[] {
  const files: InputFile[] = []
  const visit = (path: string, around: readonly string[]): void => {
    const named = around.length === 0
    if (named && path === standardInput) {
      files.push({ path, size: 0, slow: false, named })
      return
    }
    const stats = attempt('read', path, () => statSync(path))
    if (stats.isDirectory()) {
      const folder = attempt('read', path, () => realpathSync(path))
      // A link to a folder that it is in: all of it is found already.
      if (around.includes(folder)) return
      for (const name of attempt('read', path, () => readdirSync(path).sort())) {
        // Test suites keep indexes of themselves in hidden folders.
        if (!name.startsWith('.')) visit(join(path, name), [...around, folder])
      }
    } else if (/\.json(\.gz)?$/.test(path)) {
      files.push({ path, size: stats.size, slow: path.split(sep).includes('slow'), named })
    } else if (named) {
      throw new InputError(`not a .json or .json.gz file: ${path}`)
    }
  }
  checkStandardInput(paths)
  for (const path of paths) visit(path, [])
  return files
}
