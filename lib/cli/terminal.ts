/** What the commands know of the terminal that they print on, if it is one. */

/** A stream that may be a terminal: `process.stdout`, `process.stderr`, or a stand-in. */
export interface OutputStream {
  readonly isTTY?: boolean
  /** The width of the terminal; absent or 0 where it is not known. */
  readonly columns?: number
  write(text: string): unknown
}

/** The environment variables that are looked at. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a text says: that all is well, that something is wrong, or that it is a detail. */
export type Tone = 'pass' | 'fail' | 'dim'

/** The escape sequences (ECMA-48, SGR) that begin and end a tone. */
const sequences: Readonly<Record<Tone, readonly [string, string]>> = {
  pass: ['\x1b[32m', '\x1b[39m'],
  fail: ['\x1b[31m', '\x1b[39m'],
  dim: ['\x1b[2m', '\x1b[22m'],
}

/** The width of a terminal that does not tell its own. */
const usualColumns = 80

/**
 * Whether to print colours on a stream: on terminals that know them, unless NO_COLOR is set and not
 * empty (no-color.org). FORCE_COLOR wins over both, as in Node.js; `0` and `false` mean no.
 */
export function usesColor(stream: OutputStream, env: Environment = process.env): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = env
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return stream.isTTY === true && !NO_COLOR && TERM !== 'dumb'
}

/** Whether what was written on a stream can be written over: on terminals, except dumb ones. */
export function canRedraw(stream: OutputStream, env: Environment = process.env): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb'
}

/** How many characters fit into a line; without end where nobody looks at a terminal. */
export function roomOf(stream: OutputStream): number {
  return stream.isTTY === true ? stream.columns || usualColumns : Number.POSITIVE_INFINITY
}

/** A text in the colour of its tone, where the stream has colours. */
export function toned(
  tone: Tone,
  text: string,
  stream: OutputStream = process.stdout,
  env: Environment = process.env,
): string {
  if (text === '' || !usesColor(stream, env)) return text
  const [begin, end] = sequences[tone]
  return `${begin}${text}${end}`
}
