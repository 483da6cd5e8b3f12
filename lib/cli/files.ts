/** Reading of input files, and writing of what is made. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { InputError } from './console.js'

/** The bytes of a file; those of a `.gz` file unpacked. */
export function readBytes(path: string): Buffer {
  try {
    const bytes = readFileSync(path)
    return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${reasonOf(error)}`)
  }
}

/** Writes a text to a file. */
export function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${reasonOf(error)}`)
  }
}

/** Why a file cannot be read or written, in the words of people where they are common. */
function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return commonReasons[code] ?? message
}

const commonReasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
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
    throw new InputError(`${path} is not JSON: ${(error as Error).message}`)
  }
}

/** A file to be run. */
export interface InputFile {
  readonly path: string
  /** In bytes, packed. */
  readonly size: number
  /** Whether it lies in a folder named `slow`. */
  readonly slow: boolean
}

/** All `.json` and `.json.gz` files among the given files and inside the given folders, by name. */
export function findJsonFiles(paths: readonly string[]): InputFile[] {
  const files: InputFile[] = []
  const visit = (path: string, named: boolean): void => {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) throw new InputError(`no such file or folder: ${path}`)
    if (stats.isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        // Test suites keep indexes of themselves in hidden folders.
        if (!name.startsWith('.')) visit(join(path, name), false)
      }
    } else if (/\.json(\.gz)?$/.test(path)) {
      files.push({ path, size: stats.size, slow: path.split(sep).includes('slow') })
    } else if (named) {
      throw new InputError(`not a .json or .json.gz file: ${path}`)
    }
  }
  for (const path of paths) visit(path, true)
  return files
}
