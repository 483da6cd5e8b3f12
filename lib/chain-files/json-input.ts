/** JSON that is larger than memory: objects are walked through member by member. */

import type { ErrorDetails } from '../error-details.js'
import type { BraidError } from '../errors.js'
import type { ByteInput } from './byte-input.js'

const Char = {
  Tab: 0x09,
  Newline: 0x0a,
  Return: 0x0d,
  Space: 0x20,
  Quote: 0x22,
  Comma: 0x2c,
  Colon: 0x3a,
  OpenList: 0x5b,
  Backslash: 0x5c,
  CloseList: 0x5d,
  Open: 0x7b,
  Close: 0x7d,
} as const

/** Where the scan for the end of a value is. */
interface Scan {
  at: number
  depth: number
  inString: boolean
  escaped: boolean
  started: boolean
}

/** The most bytes of one value that is taken whole. */
export const maxValueSize = 1 << 26

/** Walks through a JSON text. Errors are `STATE_MALFORMED` with file, line and byte. */
export class JsonInput {
  readonly #input: ByteInput
  #line = 1
  /** Whether the object that was entered last has had no member yet. */
  #first = false

  constructor(input: ByteInput) {
    this.#input = input
  }

  /** The line that is read, from 1. */
  get line(): number {
    return this.#line
  }

  /** Goes into the object that comes next. */
  async enter(): Promise<void> {
    await this.#expect(Char.Open, 'an object')
    this.#first = true
  }

  /** The next member's name; undefined at the end of the object, which is left then. */
  async key(): Promise<string | undefined> {
    const next = await this.#peek()
    if (next === Char.Close) {
      this.#input.skip(1)
      this.#first = false
      return undefined
    }
    if (!this.#first) await this.#expect(Char.Comma, 'a comma or the end of the object')
    this.#first = false
    if ((await this.#peek()) !== Char.Quote) throw this.malformed('the name of a member')
    const name = (await this.value(maxNameSize)) as string
    await this.#expect(Char.Colon, 'a colon')
    return name
  }

  /** The value that comes next. */
  async value(limit: number = maxValueSize): Promise<unknown> {
    const size = await this.#sizeOf(limit)
    if (size === undefined) throw this.malformed(`a value of at most ${limit} bytes`)
    return this.#parse(size)
  }

  /**
   * The value in the line that comes next, where the window holds it whole and nothing else is in the line;
   * else undefined, and nothing is read: then {@link value} knows what is there.
   */
  lineNow(): unknown {
    const { window } = this.#input
    const start = this.#pastSpace(window, 0)
    const end = window.indexOf(Char.Newline, start.at)
    if (end < 0 || end - start.at > maxValueSize) return undefined
    return this.#parseNow(window, start.at, end, start.lines)
  }

  /**
   * The next member of an object, where the window holds it whole, its name is a right one and its value
   * an object of at most so many bytes; else undefined, and nothing is read.
   */
  memberNow(
    limit: number,
    isName: (name: string) => boolean,
  ): { readonly name: string; readonly value: unknown } | undefined {
    const { window } = this.#input
    let { at, lines } = this.#pastSpace(window, 0)
    const past = (char: number): boolean => {
      if (window[at] !== char) return false
      const next = this.#pastSpace(window, at + 1)
      at = next.at
      lines += next.lines
      return true
    }
    if (!this.#first && !past(Char.Comma)) return undefined
    const nameEnd = window[at] === Char.Quote ? window.indexOf(Char.Quote, at + 1) : -1
    if (nameEnd < 0) return undefined
    const name = window.toString('utf8', at + 1, nameEnd)
    at = nameEnd
    if (!isName(name) || !past(Char.Quote) || !past(Char.Colon)) return undefined
    const end = window[at] === Char.Open ? endOfObject(window, at) : -1
    if (end < 0 || end - at > limit) return undefined
    const value = this.#parseNow(window, at, end, lines)
    if (value === undefined) return undefined
    this.#first = false
    return { name, value }
  }

  /** The value that comes next; undefined where it takes more bytes: then nothing is read. */
  async smallValue(limit: number): Promise<{ readonly value: unknown } | undefined> {
    const size = await this.#sizeOf(limit)
    return size === undefined ? undefined : { value: this.#parse(size) }
  }

  /** Moves over the value that comes next, of any size. */
  async skip(): Promise<void> {
    await this.#peek()
    const scan: Scan = { at: 0, depth: 0, inString: false, escaped: false, started: false }
    for (;;) {
      const { window } = this.#input
      const isWhole = scanValue(window, scan)
      this.#countLines(window.subarray(0, scan.at))
      this.#input.skip(scan.at)
      scan.at = 0
      if (isWhole) return
      if (!(await this.#input.more())) {
        if (scan.started && scan.depth === 0 && !scan.inString) return
        throw this.#truncated()
      }
    }
  }

  /** Whether nothing follows but white space. */
  async atEnd(): Promise<boolean> {
    return !(await this.#skipSpace())
  }

  /** Fails where anything follows. */
  async end(): Promise<void> {
    if (!(await this.atEnd())) throw this.malformed('the end of the file')
  }

  /** What comes next begins an object. */
  async isObject(): Promise<boolean> {
    return (await this.#peek()) === Char.Open
  }

  /** The error for what is not as it must be here. */
  malformed(expected: string, details: ErrorDetails = {}, cause?: unknown): BraidError {
    return this.#input.fail('STATE_MALFORMED', { line: this.#line, expected, ...details }, cause)
  }

  async #sizeOf(limit: number): Promise<number | undefined> {
    await this.#peek()
    const scan: Scan = { at: 0, depth: 0, inString: false, escaped: false, started: false }
    while (!scanValue(this.#input.window, scan)) {
      if (scan.at > limit) return undefined
      if (!(await this.#input.more())) {
        if (scan.started && scan.depth === 0 && !scan.inString) break
        throw this.#truncated()
      }
    }
    return scan.at > limit ? undefined : scan.at
  }

  /** Parses a part of the window and moves behind it; undefined where it is no JSON. */
  #parseNow(window: Buffer, from: number, to: number, linesBefore: number): unknown {
    try {
      const value: unknown = JSON.parse(window.toString('utf8', from, to))
      this.#line += linesBefore
      this.#countLines(window.subarray(from, to))
      this.#input.skip(to)
      return value
    } catch {
      return undefined
    }
  }

  /** Where the white space from a place on ends, and how many lines it ends. */
  #pastSpace(window: Buffer, from: number): { readonly at: number; readonly lines: number } {
    let at = from
    let lines = 0
    for (; at < window.length && isSpace(window[at]); at++) {
      if (window[at] === Char.Newline) lines++
    }
    return { at, lines }
  }

  #parse(size: number): unknown {
    const bytes = this.#input.window.subarray(0, size)
    try {
      const value: unknown = JSON.parse(bytes.toString('utf8'))
      this.#countLines(bytes)
      this.#input.skip(size)
      return value
    } catch (cause) {
      throw this.malformed('JSON', { actual: (cause as Error).message }, cause)
    }
  }

  async #expect(char: number, expected: string): Promise<void> {
    if ((await this.#peek()) !== char) throw this.malformed(expected)
    this.#input.skip(1)
  }

  /** The next byte that is not white space, which stays. */
  async #peek(): Promise<number> {
    if (!(await this.#skipSpace())) throw this.#truncated()
    return this.#input.window[0]
  }

  async #skipSpace(): Promise<boolean> {
    for (;;) {
      const { window } = this.#input
      let at = 0
      while (at < window.length && isSpace(window[at])) {
        if (window[at] === Char.Newline) this.#line++
        at++
      }
      this.#input.skip(at)
      if (at < window.length) return true
      if (!(await this.#input.more())) return false
    }
  }

  #countLines(bytes: Buffer): void {
    for (let at = bytes.indexOf(Char.Newline); at >= 0; at = bytes.indexOf(Char.Newline, at + 1)) {
      this.#line++
    }
  }

  #truncated(): BraidError {
    return this.#input.fail('STATE_FILE_TRUNCATED', { line: this.#line })
  }
}

const maxNameSize = 1 << 16

function isSpace(char: number): boolean {
  return char === Char.Space || char === Char.Newline || char === Char.Return || char === Char.Tab
}

/** Where the object that begins at a place ends; -1 where the bytes end before. */
function endOfObject(bytes: Buffer, from: number): number {
  const { length } = bytes
  let depth = 0
  for (let at = from; at < length; at++) {
    const char = bytes[at]
    if (char === Char.Quote) {
      for (at++; at < length && bytes[at] !== Char.Quote; at++) {
        if (bytes[at] === Char.Backslash) at++
      }
    } else if (char === Char.Open || char === Char.OpenList) {
      depth++
    } else if ((char === Char.Close || char === Char.CloseList) && --depth === 0) {
      return at + 1
    }
  }
  return -1
}

/**
 * Goes on looking for the end of a value; true where `at` is behind it. Numbers and words end where
 * something else begins, so that at the end of the bytes they may be whole or not.
 */
function scanValue(bytes: Buffer, scan: Scan): boolean {
  let { at, depth, inString, escaped } = scan
  let done = false
  const { length } = bytes
  for (; at < length && !done; at++) {
    const char = bytes[at]
    if (inString) {
      if (escaped) escaped = false
      else if (char === Char.Backslash) escaped = true
      else if (char === Char.Quote) {
        inString = false
        done = depth === 0
      }
    } else if (char === Char.Quote) {
      inString = true
    } else if (char === Char.Open || char === Char.OpenList) {
      depth++
    } else if (char === Char.Close || char === Char.CloseList) {
      if (depth === 0) break
      depth--
      done = depth === 0
    } else if (depth === 0 && (char === Char.Comma || isSpace(char))) {
      break
    }
  }
  const isStopped = !done && at < length
  scan.started ||= at > scan.at
  scan.at = at
  scan.depth = depth
  scan.inString = inString
  scan.escaped = escaped
  return done || isStopped
}
