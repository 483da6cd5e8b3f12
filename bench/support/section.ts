/** What a benchmark says: a section of the report. */

import type { JsonValue } from './json.js'

/** How long a benchmark may take. */
export interface BenchOptions {
  /** A shorter run with rougher numbers, for trying a change. */
  readonly quick: boolean
}

/** A target and what was reached. */
export interface Verdict {
  /** What is asked for, as a sentence without a full stop. */
  readonly target: string
  /** What was measured. */
  readonly measured: string
  readonly met: boolean
}

/** A section of the report. */
export interface Section {
  readonly title: string
  /** What is measured, on what, against what; then the tables: Markdown. */
  readonly text: string
  readonly verdicts: readonly Verdict[]
  /** Where it is weakest, whatever the targets say: a sentence each. */
  readonly losses: readonly string[]
  /** The same as numbers, for report.json. */
  readonly data: JsonValue
}

/** A benchmark: a module of this shape named `<name>.bench.ts`. */
export interface BenchModule {
  readonly run: (options: BenchOptions) => Promise<Section>
}

/** A Markdown table. Columns whose head starts with `>` are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head.map((cell) => cell.replace(/^>/, ''))),
    line(head.map((cell) => (cell.startsWith('>') ? '---:' : '---'))),
    ...rows.map(line),
  ].join('\n')
}
