/** States: snapshots that copy nothing, and a state on a disk against one in memory. */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExecutionResult, LmdbState, MemoryState, type State } from 'braid-evm'
import { Engine } from '../lib/engine/engine.js'
import { NativeStoreImport } from '../lib/native/load.js'
import { addressOf, partOf } from './support/large-state.js'
import { grouped, median, shown } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

const partSize = 100_000
const cacheBytes = 256e6
/** Transfers of a block of 30 Mgas: 1,428, each from one random account to another. */
const transfersOfBlock = 1428

const targets = {
  commitBesideSnapshots: 1,
  importRate: 150_000,
  openMilliseconds: 100,
  residentMegabytes: 1000,
  againstMemory: 1.5,
  commitMilliseconds: 25,
  threadMilliseconds: 2,
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const engine = await Engine.create()
  const snapshots = await besideSnapshots(engine, quick ? 100_000 : 1_000_000, quick ? 40 : 100)
  const lasting = await onDisk(engine, quick ? 500_000 : 10_000_000)
  engine.close()
  const rows: [string, number, string, number, boolean?][] = [
    [
      `commit beside 1000 snapshots of one block, ${grouped(snapshots.accounts)} accounts`,
      snapshots.ofOne,
      'ms',
      targets.commitBesideSnapshots,
    ],
    [
      'commit beside 1000 snapshots of as many blocks, median',
      snapshots.ofMany,
      'ms',
      targets.commitBesideSnapshots,
    ],
    ['the longest of those commits, where layers are merged', snapshots.longest, 'ms', Number.NaN],
    [
      `import of ${grouped(lasting.accounts)} accounts and as many slots`,
      lasting.importRate,
      'accounts/s',
      targets.importRate,
      true,
    ],
    ['open', lasting.openMilliseconds, 'ms', targets.openMilliseconds],
    [
      'resident memory without the mapped file, cache of 256 MB',
      lasting.residentMegabytes,
      'MB',
      targets.residentMegabytes,
    ],
    [
      'a block of 30 Mgas on random accounts, times MemoryState',
      lasting.againstMemory,
      '',
      targets.againstMemory,
    ],
    [
      'commit and root of a block that changes some 2800 accounts',
      lasting.commitMilliseconds,
      'ms',
      targets.commitMilliseconds,
    ],
    [
      'of that on the JavaScript thread',
      lasting.threadMilliseconds,
      'ms',
      targets.threadMilliseconds,
    ],
  ]
  return {
    title: 'States',
    text: [
      'What commits cost beside snapshots, and a state in LMDB on this disk, the pages of its file in memory.',
      'Blocks are 1 428 transfers between random accounts, run as transactions without signatures.',
      '',
      table(
        ['', '>measured', 'unit', '>target'],
        rows.map(([name, value, unit, target]) => [
          name,
          shown(value),
          unit,
          Number.isNaN(target) ? '' : String(target),
        ]),
      ),
      '',
      `The file has ${shown(lasting.fileBytes / 1e9)} GB.`,
    ].join('\n'),
    verdicts: rows
      .filter(([, , , target]) => !Number.isNaN(target))
      .map(([name, value, unit, target, isLeast]) => ({
        target: `${name}: ${isLeast ? 'at least' : 'at most'} ${target} ${unit}`.trim(),
        measured: `${shown(value)} ${unit}`.trim(),
        met: isLeast ? value >= target : value <= target,
      })),
    losses: [],
    data: { snapshots, lasting },
  }
}

const environment = {
  number: 1n,
  timestamp: 1_750_000_000n,
  gasLimit: 30_000_000n,
  coinbase: addressOf(0),
}

/** Coprime to the numbers of accounts: steps of it come by every account once. */
const stride = 7_654_321

/** The transfers of the block with this number, between accounts that no other block has. */
function block(
  engine: Engine,
  state: State,
  accounts: number,
  number: number,
  count: number,
): Promise<ExecutionResult> {
  const accountAt = (place: number) => addressOf((place * stride) % accounts)
  const transactions = Array.from({ length: count }, (_, i) => ({
    sender: accountAt(2 * (number * count + i) + 1),
    to: accountAt(2 * (number * count + i) + 2),
    nonce: 0n,
    value: 1n,
    gasLimit: 21_000n,
    gasPrice: 1n,
  }))
  return engine.executeTransactions(environment, transactions, { state, hardfork: 'shanghai' })
}

function memoryOf(accounts: number): MemoryState {
  const state = new MemoryState()
  for (let from = 0; from < accounts; from += partSize) {
    state.native.load(partOf(from, Math.min(accounts, from + partSize)))
  }
  return state
}

async function besideSnapshots(engine: Engine, accounts: number, transfers: number) {
  const state = memoryOf(accounts)
  const timed = (result: ExecutionResult) => {
    const start = performance.now()
    state.commit(result)
    return performance.now() - start
  }
  const ofOne = Array.from({ length: 1000 }, () => state.snapshot())
  const first: number[] = []
  for (let i = 0; i < 100; i++)
    first.push(timed(await block(engine, state, accounts, i, transfers)))
  const ofMany: unknown[] = [ofOne]
  const times: number[] = []
  for (let i = 0; i < 1000; i++) {
    times.push(timed(await block(engine, state, accounts, 100 + i, transfers)))
    ofMany.push(state.snapshot())
  }
  return {
    accounts,
    ofOne: median(first),
    ofMany: median(times),
    longest: Math.max(...times),
    open: ofMany.length,
  }
}

async function onDisk(engine: Engine, accounts: number) {
  const folder = await mkdtemp(join(tmpdir(), 'braid-states-bench-'))
  try {
    const importer = new NativeStoreImport()
    await importer.begin(folder, {
      preimages: true,
      sizeLimit: undefined,
      memory: undefined,
      chain: Buffer.alloc(32),
    })
    // What makes the accounts up is not what is measured.
    let making = 0
    const start = performance.now()
    for (let from = 0; from < accounts; from += partSize) {
      const made = performance.now()
      const part = partOf(from, Math.min(accounts, from + partSize))
      making += performance.now() - made
      await importer.add(part)
    }
    await importer.finish(0n, Buffer.alloc(32, 1))
    const importSeconds = (performance.now() - start - making) / 1000
    const opening = performance.now()
    const state = await LmdbState.open(folder, { cache: cacheBytes })
    const openMilliseconds = performance.now() - opening
    const measured = await blocksOn(engine, state, accounts)
    const { fileBytes } = state.size
    await state[Symbol.asyncDispose]()
    return {
      accounts,
      importRate: accounts / importSeconds,
      openMilliseconds,
      fileBytes,
      ...measured,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Blocks on the disk, then in memory, on accounts that none before has touched. */
async function blocksOn(engine: Engine, state: LmdbState, accounts: number) {
  await warmUp(engine)
  const ratios: number[] = []
  const commits: number[] = []
  const threads: number[] = []
  const numbers = Array.from({ length: 9 }, (_, i) => 2 * i)
  const disk: number[] = []
  for (const [i, number] of numbers.entries()) {
    await block(engine, state, accounts, number + 1, transfersOfBlock) // warms up what is the same
    const start = performance.now()
    const { packed } = await block(engine, state, accounts, number, transfersOfBlock)
    const executed = performance.now()
    disk.push(executed - start)
    const utilization = performance.eventLoopUtilization()
    await state.commit({ packed, number: BigInt(i + 1), hash: hashOf(i) })
    commits.push(performance.now() - executed)
    threads.push(performance.eventLoopUtilization(utilization).active)
  }
  const residentMegabytes = anonymousBytes() / 1e6
  const memory = memoryOf(accounts)
  for (const [i, number] of numbers.entries()) {
    await block(engine, memory, accounts, number + 1, transfersOfBlock)
    const start = performance.now()
    await block(engine, memory, accounts, number, transfersOfBlock)
    ratios.push((disk[i] ?? Number.NaN) / (performance.now() - start))
  }
  return {
    againstMemory: median(ratios),
    commitMilliseconds: median(commits),
    threadMilliseconds: median(threads),
    residentMegabytes,
  }
}

/** Blocks before the clock starts: compiled JavaScript is not to be what the later ones gain by. */
async function warmUp(engine: Engine): Promise<void> {
  const accounts = 100_000
  const state = memoryOf(accounts)
  for (let i = 0; i < 30; i++) await block(engine, state, accounts, i % 30, transfersOfBlock)
}

function hashOf(i: number): `0x${string}` {
  return `0x${(i + 1).toString(16).padStart(64, '0')}`
}

/** Resident memory that is the process's own: pages of mapped files are the system's. */
function anonymousBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN)
}
