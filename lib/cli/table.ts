/** Tables as the commands print them. */

import { print } from './console.js'
import { type OutputStream, roomOf, type Tone, toned } from './terminal.js'

/** A column of a table. The first one is aligned to the left, all others to the right. */
export interface Column {
  readonly title: string
  /**
   * Columns with a rank may be left out where a terminal is too narrow, the lowest rank first; those
   * of the same rank go together.
   */
  readonly rank?: number
}

/** A cell: its text, with the tone of it where it has one. */
export type Cell = string | { readonly text: string; readonly tone: Tone }

/** A table in lines. */
export interface FormattedTable {
  readonly lines: readonly string[]
  /** The titles of the columns that there was no room for. */
  readonly leftOut: readonly string[]
}

const gap = '  '

/** The lines of a table, as wide as the stream has room for. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  stream: OutputStream = process.stdout,
): FormattedTable {
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => textOf(row[column]).length)),
  )
  const kept = columnsThatFit(columns, widths, roomOf(stream))
  const line = (row: readonly Cell[]): string =>
    kept.map((column) => padded(row[column], widths[column], column === 0, stream)).join(gap)
  return {
    lines: [columns.map(({ title }) => title), ...rows].map((row) => line(row).trimEnd()),
    leftOut: columns.filter((_, column) => !kept.includes(column)).map(({ title }) => title),
  }
}

/** Prints a table on standard output, and which columns a narrow terminal has no room for. */
export function printTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
  const { lines, leftOut } = formatTable(columns, rows)
  for (const line of lines) print(line)
  if (leftOut.length > 0) {
    print(toned('dim', 'Left out, as the terminal is too narrow:'))
    print(toned('dim', `  ${[...new Set(leftOut)].join(', ')}`))
  }
}

/** The positions of the columns to show. */
function columnsThatFit(
  columns: readonly Column[],
  widths: readonly number[],
  room: number,
): number[] {
  let kept = columns.map((_, column) => column)
  const total = () => kept.reduce((sum, column) => sum + widths[column] + gap.length, -gap.length)
  const ranks = columns.flatMap(({ rank }) => (rank === undefined ? [] : [rank]))
  for (const lowest of [...new Set(ranks)].sort((a, b) => a - b)) {
    if (total() <= room) break
    kept = kept.filter((column) => columns[column].rank !== lowest)
  }
  return kept
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

function padded(cell: Cell, width: number, left: boolean, stream: OutputStream): string {
  const text = textOf(cell)
  const shown = typeof cell === 'string' ? text : toned(cell.tone, text, stream)
  const space = ' '.repeat(width - text.length)
  return left ? shown + space : space + shown
}
