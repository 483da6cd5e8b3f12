/** Traces of transactions as geth's tools write them: a file each. */

import type { TracerName } from '../../trace/index.js'
import { tracerNames } from '../../trace/index.js'
import { ToolError, ToolExitCode } from './tool-error.js'

/** A tracer by its name. Throws where there is none: those in JavaScript are not. */
export function toolTracer(name: string): TracerName {
  const found = tracerNames.find((candidate) => candidate === name && candidate !== 'muxTracer')
  if (found !== undefined) return found
  const known = tracerNames.join(', ')
  throw new ToolError(ToolExitCode.Config, `failed instantiating tracer: there are ${known}`)
}

/** The options of a tracer in JSON. */
export function toolTracerConfig(text: string | undefined): object {
  if (text === undefined || text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below.
  }
  throw new ToolError(ToolExitCode.Config, 'failed instantiating tracer: its options are no JSON')
}

/** How often each instruction is in the lines of traces, by its name. */
export function countInstructions(traces: readonly Uint8Array[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const trace of traces) {
    const text = Buffer.from(trace).toString('latin1')
    for (const [, name, rest] of text.matchAll(/"opName":"([^"]*)"(,"error")?/g)) {
      // What fails in its execution has a second line, with the error.
      if (rest === undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
