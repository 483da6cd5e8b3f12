/** How `braid bench` shows what was measured. */

import { availableParallelism, cpus } from 'node:os'
import { print, printJson } from '../console.js'
import { type Column, printTable } from '../table.js'
import { toned } from '../terminal.js'
import { type BlockMeasurements, type Measurement, totalOf } from './measure.js'

/** What is said about the conditions. */
export interface Conditions {
  readonly vm: string
  readonly repeat: number
  /** How long a read of the state takes, in microseconds; 0: as long as it does. */
  readonly latency: number
}

/** A measurement with what follows from it. */
interface Row extends Measurement {
  readonly nativeMegagasPerSecond: number
  readonly nativeSpeedUp: number
  readonly wholeMegagasPerSecond: number
  readonly wholeSpeedUp: number
}

function rowsOf({ gasUsed, measurements }: BlockMeasurements): Row[] {
  const [first] = measurements
  return measurements.map((measurement) => ({
    ...measurement,
    nativeMegagasPerSecond: Number(gasUsed) / 1000 / measurement.native,
    nativeSpeedUp: first.native / measurement.native,
    wholeMegagasPerSecond: Number(gasUsed) / 1000 / measurement.whole,
    wholeSpeedUp: first.whole / measurement.whole,
  }))
}

/** Prints all measurements as one JSON document. */
export function printMeasurementsJson(
  blocks: readonly BlockMeasurements[],
  conditions: Conditions,
): void {
  const shown = (block: BlockMeasurements) => ({ ...block, measurements: rowsOf(block) })
  printJson({
    ...conditions,
    machine: machine(),
    blocks: blocks.map(shown),
    total: shown(totalOf(blocks)),
  })
}

/** Prints all measurements as a table, with the sums where there are several blocks. */
export function printMeasurements(
  blocks: readonly BlockMeasurements[],
  conditions: Conditions,
): void {
  const { vm, repeat, latency } = conditions
  const { processor, cores, node } = machine()
  print(toned('dim', `${processor}, ${cores} cores`))
  print(toned('dim', `Node ${node}, EVM ${vm}, medians of ${repeat}`))
  if (latency > 0) {
    print(toned('dim', `every read of an account or a slot takes ${latency} µs`))
  }
  const shown = blocks.length > 1 ? [...blocks, totalOf(blocks)] : blocks
  print()
  printTable(columns, shown.flatMap(tableRows))
}

const columns: readonly Column[] = [
  { title: 'block' },
  { title: 'transactions', rank: 1 },
  { title: 'Mgas', rank: 1 },
  { title: 'policy' },
  { title: 'threads' },
  { title: 'native ms' },
  { title: 'Mgas/s', rank: 2 },
  { title: 'speed-up' },
  { title: 'whole ms' },
  { title: 'Mgas/s', rank: 2 },
  { title: 'speed-up', rank: 4 },
  { title: 're-executions', rank: 3 },
]

function tableRows(block: BlockMeasurements): string[][] {
  return rowsOf(block).map((row, index) => [
    ...(index === 0
      ? [block.block, String(block.transactions), (Number(block.gasUsed) / 1e6).toFixed(1)]
      : ['', '', '']),
    row.policy,
    String(row.threads),
    row.native.toFixed(2),
    row.nativeMegagasPerSecond.toFixed(0),
    row.nativeSpeedUp.toFixed(2),
    row.whole.toFixed(2),
    row.wholeMegagasPerSecond.toFixed(0),
    row.wholeSpeedUp.toFixed(2),
    String(row.reExecutions),
  ])
}

function machine() {
  return {
    processor: cpus()[0]?.model ?? process.arch,
    cores: availableParallelism(),
    node: process.versions.node,
  }
}
