/** What the commands know of the terminal that they print on, if it is one. */

import { styleText } from 'node:util'

/** A stream that may be a terminal: `process.stdout`, `process.stderr`, or a stand-in. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  /** The width of the terminal; absent or 0 where it is not known. */
  readonly columns?: number
}

/** What a text says: that all is well, that something is wrong, or that it is a detail. */
export type Tone = 'pass' | 'fail' | 'dim'

const styles = { pass: 'green', fail: 'red', dim: 'dim' } as const satisfies Record<Tone, string>

/** The width of a terminal that does not tell its own. */
const usualColumns = 80

/** Whether what was written on a stream can be written over: on terminals, except dumb ones. */
export function canRedraw(stream: OutputStream): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb'
}

/** How many characters fit into a line; without end where nobody looks at a terminal. */
export function roomOf(stream: OutputStream): number {
  return stream.isTTY === true ? stream.columns || usualColumns : Number.POSITIVE_INFINITY
}

/** A text in the colour of its tone, where the stream has colours (NO_COLOR, FORCE_COLOR, TERM). */
export function toned(tone: Tone, text: string, stream: OutputStream = process.stdout): string {
  return styleText(styles[tone], text, { stream })
}
