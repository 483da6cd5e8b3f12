/** What executing a block adds to the process's memory. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Alloc } from 'braid-evm'
import { packAlloc } from '../lib/state/alloc.js'
import { fillCases, mainnetBlocks } from './support/fixtures.js'
import { grouped, shown } from './support/measure.js'
import type { MemoryUse } from './support/memory-child.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** Bytes that a block of 30 Mgas may add to the state's. */
const most = 150e6

/** The blocks that are looked at: full ones of the 30 Mgas years. */
const leastGas = 29e6
const budget = 30

interface Subject {
  readonly name: string
  readonly rules: 'mainnet' | 'osaka'
  readonly gas: number
  readonly rlp: Uint8Array
  readonly state: Alloc
}

type Row = Subject & MemoryUse

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  if (process.platform !== 'linux') throw new Error('the memory benchmark reads /proc: Linux only')
  const folder = mkdtempSync(join(tmpdir(), 'braid-memory-'))
  const rows: Row[] = []
  try {
    for (const subject of quick ? mainnetSubjects() : [...mainnetSubjects(), ...fillSubjects()]) {
      rows.push({ ...subject, ...measure(subject, folder) })
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  rows.sort((a, b) => growth(b) - growth(a))
  const largest = rows[0]!
  return {
    title: 'Memory',
    text: [
      'What executing one full block of about 30 Mgas adds to a process that holds the state, in MB (10⁶',
      'bytes): every block runs in a new process with a new engine, so this is code analysis, frames, the',
      "thread pool, the packed input and output, JavaScript's heap and its compiled code together. *Peak* is",
      'the most resident memory while it ran, *after* what is still resident, both less the resident memory',
      `before; *heap* is the growth of JavaScript's heap and buffers. The ${rows.length} blocks are the mainnet`,
      'ones and those of eest/benchmark; the twelve that add most:',
      '',
      table(
        ['block', '>gas', '>before', '>peak', '>after', '>heap'],
        rows
          .slice(0, 12)
          .map((row) => [
            row.name,
            grouped(row.gas),
            megabytes(row.before),
            megabytes(growth(row)),
            megabytes(row.after - row.before),
            megabytes(row.heap),
          ]),
      ),
    ].join('\n'),
    verdicts: [
      {
        target: `executing a block of 30 Mgas adds less than ${most / 1e6} MB`,
        measured: `at most ${megabytes(growth(largest))} MB (${largest.name})`,
        met: growth(largest) < most,
      },
    ],
    losses: [],
    data: rows.map(({ name, gas, before, peak, after, heap }) => ({
      name,
      gas,
      before,
      peak,
      after,
      heap,
    })),
  }
}

function* mainnetSubjects(): Generator<Subject> {
  for (const { name, gasUsed, rlp, preState } of mainnetBlocks()) {
    if (gasUsed < leastGas) continue
    yield { name: `mainnet ${name}`, rules: 'mainnet', gas: gasUsed, rlp, state: preState }
  }
}

/** Those of one block: the child imports no block before the one it measures. */
function* fillSubjects(): Generator<Subject> {
  for (const fillCase of fillCases()) {
    const [rlp, ...more] = fillCase.blocks
    if (fillCase.budget !== budget || rlp === undefined || more.length > 0) continue
    yield { name: fillCase.name, rules: 'osaka', gas: budget * 1e6, rlp, state: fillCase.pre }
  }
}

function measure({ rules, rlp, state }: Subject, folder: string): MemoryUse {
  const block = join(folder, 'block.rlp')
  const dump = join(folder, 'state.packed')
  writeFileSync(block, rlp)
  writeFileSync(dump, packAlloc(state))
  const child = fileURLToPath(new URL('support/memory-child.js', import.meta.url))
  const printed = execFileSync(process.execPath, [child, rules, block, dump], { encoding: 'utf8' })
  return JSON.parse(printed) as MemoryUse
}

function growth({ peak, before }: Row): number {
  return peak - before
}

function megabytes(bytes: number): string {
  return shown(bytes / 1e6)
}
