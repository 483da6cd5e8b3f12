/** What tracing costs: real blocks, traced and not, natively and by the clock, and `@ethereumjs/vm`'s calls beside it. */

import { Engine, MemoryState, type TracerName } from 'braid-evm'
import { decodeBlock, packBlock } from '../lib/block/index.js'
import { mainnetCommon, rulesetAt } from '../lib/chain/index.js'
import { NativeEngine } from '../lib/native/load.js'
import { PackedReader } from '../lib/native/packed-reader.js'
import { BlockOutput } from '../lib/native/wire.js'
import { nativeTracer, tracedInput, tracesIn } from '../lib/trace/index.js'
import { runEthereumjs } from './support/ethereumjs.js'
import { type Frame, followCalls, jsonOf } from './support/ethereumjs-calls.js'
import { type MainnetBlock, mainnetBlock, mainnetBlocks } from './support/fixtures.js'
import { grouped, median, shown, sum } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** Tracers, their options, and how many times an untraced execution a traced one may take. */
const tracers: readonly (readonly [name: TracerName, config: object, most: number])[] = [
  ['callTracer', {}, 1.35],
  ['callTracer', { withLog: true }, 1.35],
  ['prestateTracer', {}, 1.35],
  ['prestateTracer', { diffMode: true }, 1.35],
  ['flatCallTracer', {}, 1.5],
  ['parity', { trace: true }, 1.5],
  ['parity', { trace: true, stateDiff: true }, Number.NaN],
  ['4byteTracer', {}, Number.NaN],
]

/** What geth 1.17.10 makes a second, of the same instructions (39.2 s for 11.3 million), on one core. */
const stepsOfGeth = 11.3e6 / 39.2

/** A block that is ready to be executed, and traced. */
interface Case {
  readonly block: MainnetBlock
  readonly state: MemoryState
  readonly plain: Uint8Array
  readonly traced: readonly Uint8Array[]
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const blocks = [...mainnetBlocks()].filter((_, i) => !quick || i % 5 === 0)
  const native = await nativeTimes(blocks, quick ? 3 : 9)
  const steps = await structLogs(blocks)
  const two = await onTwoThreads(quick ? 9 : 25)
  const calls = await besideEthereumjs(blocks)
  const ratioOf = (i: number) => native.traced[i].milliseconds / native.plain
  const nameOf = (i: number) => `${tracers[i][0]}${shownConfig(tracers[i][1])}`
  return {
    title: 'Traces',
    text: [
      `${blocks.length} real blocks, one thread. *Native* is the time in the addon, from the packed block to the packed`,
      'output with the JSON of every transaction, without the recovery of senders: the median of runs of the whole',
      'set, traced and not in turns.',
      '',
      table(
        ['tracer', '>native ms', '>times untraced', '>MB of JSON'],
        [
          ['none', shown(native.plain), '1', ''],
          ...native.traced.map(({ milliseconds, bytes }, i) => [
            nameOf(i),
            shown(milliseconds),
            shown(ratioOf(i)),
            shown(bytes / 1e6),
          ]),
        ],
      ),
      '',
      `\`structLogs\` of all transactions, by the clock around \`traceBlock\`: ${grouped(steps.count)} instructions in`,
      `${shown(steps.milliseconds)} ms, ${shown(steps.bytes / 1e6)} MB of JSON. geth 1.17.10 makes 288 000 a second on a`,
      'core of such a machine.',
      '',
      `\`traceBlock\` of block ${two.block} with \`callTracer\`, by the clock: ${shown(two.one)} ms on one thread, ${shown(two.two)} ms`,
      'on two.',
      '',
      'From RLP to the JSON of all calls, by the clock: `traceBlock` with `callTracer` on one thread',
      `${shown(calls.ours)} ms, \`@ethereumjs/vm\` with frames made of its events ${shown(calls.theirs)} ms (one run each; blocks that`,
      `it does not execute are left out: ${calls.failed.length === 0 ? 'none' : calls.failed.join(', ')}).`,
    ].join('\n'),
    verdicts: [
      ...tracers.flatMap(([, , most], i) =>
        Number.isNaN(most)
          ? []
          : [
              {
                target: `${nameOf(i)}: at most ${most} times an untraced execution, natively`,
                measured: `${shown(ratioOf(i))} times`,
                met: ratioOf(i) <= most,
              },
            ],
      ),
      {
        target: "struct logs at least 4 times geth's speed per core",
        measured: `${shown(steps.perSecond / stepsOfGeth)} times (${shown(steps.perSecond / 1e6)} million a second)`,
        met: steps.perSecond >= 4 * stepsOfGeth,
      },
      {
        target: `traceBlock of block ${two.block}: two threads at least 1.5 times as fast as one`,
        measured: `${shown(two.one / two.two)} times`,
        met: two.one >= 1.5 * two.two,
      },
    ],
    losses: [
      `The dearest trace that is told afterwards: ${shown(Math.max(...tracers.map((_, i) => ratioOf(i))))} times an untraced execution.`,
    ],
    data: {
      native: {
        plain: native.plain,
        traced: native.traced.map((traced, i) => ({ name: nameOf(i), ...traced })),
      },
      structLogs: { ...steps },
      threads: { ...two },
      ethereumjs: { ...calls, failed: [...calls.failed] },
    },
  }
}

function shownConfig(config: object): string {
  const names = Object.keys(config)
  return names.length === 0 ? '' : ` (${names.join(', ')})`
}

/** Milliseconds in the addon for the whole set, once for each tracer and without one. */
async function nativeTimes(blocks: readonly MainnetBlock[], rounds: number) {
  const common = mainnetCommon()
  const native = new NativeEngine({ threads: 1 })
  const cases = blocks.map((block): Case => {
    const { rlp, blockHashes } = block
    const decoded = decodeBlock(rlp)
    const ruleset = rulesetAt(common, decoded.number, decoded.timestamp)
    const plain = packBlock(decoded, ruleset, { blockHashes, forgiveMissingSystemContracts: true })
    const hashes = [decoded.hash, ...decoded.transactions.hashes]
    const traced = tracers.map(([name, config]) =>
      tracedInput(plain, nativeTracer(name, config), hashes, 0),
    )
    return { block, state: new MemoryState(block.preState), plain, traced }
  })
  const plain: number[] = []
  const traced = tracers.map((): number[] => [])
  const bytes = tracers.map(() => 0)
  for (let round = 0; round <= rounds; round++) {
    let untraced = 0
    const times = tracers.map(() => 0)
    for (const each of cases) {
      untraced += (await nativeRun(native, each, each.plain)).milliseconds
      for (const [i, input] of each.traced.entries()) {
        const { milliseconds, output } = await nativeRun(native, each, input)
        times[i] += milliseconds
        if (round === 0) bytes[i] += sum(tracesIn(output), ({ length }) => length)
      }
    }
    if (round === 0) continue // code is analysed, memory is mapped
    plain.push(untraced)
    for (const [i, time] of times.entries()) traced[i].push(time)
  }
  return {
    plain: median(plain),
    traced: traced.map((times, i) => ({ milliseconds: median(times), bytes: bytes[i] })),
  }
}

async function nativeRun(native: NativeEngine, { block, state }: Case, input: Uint8Array) {
  // Outputs that are not in use any more are given back between two turns of the event loop.
  await new Promise(setImmediate)
  const output = native.executeSync(state.native, input)
  const packed = new PackedReader(output)
  if (packed.u32(BlockOutput.error) !== 0) throw new Error(`block ${block.name} fails`)
  const nanoseconds =
    packed.u64AsNumber(BlockOutput.totalNanoseconds) -
    packed.u64AsNumber(BlockOutput.sendersNanoseconds)
  return { milliseconds: nanoseconds / 1e6, output }
}

function tracing({ preState, blockHashes }: MainnetBlock) {
  return {
    state: new MemoryState(preState),
    blockHashes,
    forgiveMissingSystemContracts: true,
    verify: false,
  }
}

/** Every instruction of every transaction. */
async function structLogs(blocks: readonly MainnetBlock[]) {
  const engine = await Engine.create({ threads: 1 })
  let milliseconds = 0
  let bytes = 0
  let count = 0
  for (const block of blocks) {
    const traces = engine.traceBlock(block.rlp, { ...tracing(block), tracer: 'structLogs' })
    for (;;) {
      const start = performance.now()
      const { value: trace } = await traces.next()
      milliseconds += performance.now() - start
      if (trace === undefined) break
      bytes += trace.bytes.length
      count += stepsIn(trace.bytes)
    }
  }
  engine.close()
  return { milliseconds, bytes, count, perSecond: (count / milliseconds) * 1000 }
}

/** Every instruction has its depth. */
const mark = Buffer.from('"depth":')

function stepsIn(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let count = 0
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) count++
  return count
}

async function onTwoThreads(rounds: number) {
  const name = '19932148'
  const block = mainnetBlock(name)
  const options = { ...tracing(block), tracer: 'callTracer' } as const
  const engines = [await Engine.create({ threads: 1 }), await Engine.create({ threads: 2 })]
  const times: number[][] = [[], []]
  for (let round = 0; round < rounds; round++) {
    for (const [i, engine] of engines.entries()) {
      const start = performance.now()
      for await (const { bytes } of engine.traceBlock(block.rlp, options)) {
        if (bytes.length === 0) throw new Error('an empty trace')
      }
      if (round > 2) times[i].push(performance.now() - start)
    }
  }
  for (const engine of engines) engine.close()
  return { block: name, one: median(times[0]), two: median(times[1]) }
}

/** The calls of all blocks, ours and those of `@ethereumjs/vm`. */
async function besideEthereumjs(blocks: readonly MainnetBlock[]) {
  const common = mainnetCommon()
  const engine = await Engine.create({ threads: 1 })
  const failed: string[] = []
  let ours = 0
  let theirs = 0
  for (const block of blocks) {
    const { header } = decodeBlock(block.rlp)
    const calls: Frame[] = []
    let start = 0
    try {
      const { milliseconds } = await runEthereumjs(block, common, header, (vm) =>
        followCalls(vm, calls),
      )
      start = performance.now()
      jsonOf(calls)
      theirs += milliseconds + performance.now() - start
    } catch {
      failed.push(block.name)
      continue
    }
    const options = { ...tracing(block), tracer: 'callTracer' } as const
    start = performance.now()
    for await (const { bytes } of engine.traceBlock(block.rlp, options)) {
      if (bytes.length === 0) throw new Error('an empty trace')
    }
    ours += performance.now() - start
  }
  engine.close()
  return { ours, theirs, failed }
}
