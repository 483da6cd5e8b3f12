/** What the commands print with, and how they end. */

import { isBraidError } from '../errors.js'

/** Exit codes of all commands. */
export const ExitCode = {
  /** Everything matched. */
  Success: 0,
  /** A difference or a failed test was found. */
  Difference: 1,
  /** The command could not do its work: wrong usage, unreadable input. */
  Trouble: 2,
} as const

/** One of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A wrong use of the command line. The message says what is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** An input that cannot be used. The message names it and says what is wrong. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

/** Prints a line on standard output. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/**
 * Writes on standard output, and waits until there is room for more.
 *
 * @returns false where nobody reads it any more
 */
export function written(chunk: string | Uint8Array): Promise<boolean> {
  return writtenOn(process.stdout, chunk)
}

/** As {@link written} does, on either output. */
export async function writtenOn(
  stream: NodeJS.WriteStream,
  chunk: string | Uint8Array,
): Promise<boolean> {
  if (stream.destroyed) return false
  if (!stream.write(chunk)) {
    await new Promise<void>((resolve) => {
      const done = () => {
        stream.off('drain', done).off('close', done)
        resolve()
      }
      stream.on('drain', done).on('close', done)
    })
  }
  return !stream.destroyed
}

/** Prints a line on standard error. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Lets a command end in peace, with its own exit code, where nobody reads its output to the end. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** Prints a value as JSON; bigint as decimal strings. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, jsonValue, 2))
}

/**
 * A `JSON.stringify` replacer that writes bigint as decimal strings, also of objects that would write
 * themselves as JSON-RPC does, in hex.
 */
export function jsonValue(this: unknown, key: string, value: unknown): unknown {
  const own = (this as Record<string, unknown>)[key]
  if (typeof own === 'bigint') return own.toString()
  const writesItself = typeof own === 'object' && own !== null && 'toJSON' in own
  return writesItself ? { ...own } : value
}

/** What went wrong, for people, in one line: the message, with the stable code where there is one. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const line = printable(message.replace(/\s*\n\s*/g, ' '))
  return isBraidError(error) ? `${error.code}: ${line}` : line
}

/** A text out of a file or a file's name, without what a terminal takes for a command. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
}
