/** Code that is met for the first time and made to take long: jumped over, or jumped through. */

import { Engine, MemoryState } from 'braid-evm'
import { grouped, megagasPerSecond, shown } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

const sender = `0x${'a1'.repeat(20)}`
const caller = `0x${'c0'.repeat(20)}`
const initcodeSize = 48 * 1024
const contractSize = 24 * 1024

/** A pattern of bytes that fills code, and whether it is run or only jumped over. */
interface Filler {
  readonly name: string
  readonly bytes: readonly number[]
  readonly runs?: true
}

const repeated = (byte: number, count: number) => new Array<number>(count).fill(byte)

/** Each would be the worst for some way to look at code. */
const fillers: readonly Filler[] = [
  { name: 'STOP', bytes: [0x00] },
  { name: 'JUMPDEST', bytes: [0x5b] },
  { name: 'PUSH1 255 PUSH1 255 EXP POP', bytes: [0x60, 255, 0x60, 255, 0x0a, 0x50] },
  { name: 'SWAP1', bytes: [0x90] },
  { name: 'PUSH1 0 POP', bytes: [0x60, 0, 0x50] },
  { name: 'PUSH1 0x60', bytes: [0x60] },
  { name: 'PUSH32', bytes: [0x7f, ...repeated(0x7f, 32)] },
  { name: 'PUSH32 of JUMPDESTs', bytes: [0x7f, ...repeated(0x5b, 32)] },
  { name: 'ISZERO', bytes: [0x15] },
  { name: 'DUP1', bytes: [0x80] },
  { name: 'SLOAD', bytes: [0x54] },
  { name: 'JUMPDEST PUSH0 DUP1 JUMPI', bytes: [0x5b, 0x5f, 0x80, 0x57] },
  { name: 'PUSH0 NOT', bytes: [0x5f, 0x19] },
  { name: 'JUMPDEST, run', bytes: [0x5b], runs: true },
  { name: 'PUSH1 0 POP, run', bytes: [0x60, 0, 0x50], runs: true },
  { name: 'CALLER POP, run', bytes: [0x33, 0x50], runs: true },
  { name: 'PUSH32 POP, run', bytes: [0x7f, ...repeated(0x5b, 32), 0x50], runs: true },
  { name: 'GAS POP, run', bytes: [0x5a, 0x50], runs: true },
]

/** Code of a size that ends at once, with the filler in between; `tail` makes it different. */
function fill({ bytes, runs }: Filler, size: number, tail = 0): Uint8Array {
  const code = new Uint8Array(size)
  const end = size - 48
  if (!runs) code.set([0x60, 1, 0x61, end >> 8, end & 255, 0x57])
  for (let at = runs ? 0 : 6; at + bytes.length <= end; at += bytes.length) code.set(bytes, at)
  code[end] = 0x5b
  new DataView(code.buffer).setUint32(size - 4, tail)
  return code
}

const hex = (bytes: Uint8Array | readonly number[]): `0x${string}` =>
  `0x${Buffer.from(bytes).toString('hex')}`

/** Creates with initcode that is different each time, until the gas is used. */
function creations(filler: Filler): MemoryState {
  const initcode = fill(filler, initcodeSize)
  // CODECOPY the initcode, then again and again: MSTORE a counter at its end, CREATE.
  const head = [0x61, initcodeSize >> 8, initcodeSize & 255, 0x60, 0, 0x60, 0, 0x39, 0x5f, 0x5b]
  const last = initcodeSize - 32
  const body = [0x60, 1, 0x01, 0x80, 0x61, last >> 8, last & 255, 0x52]
  const create = [0x61, initcodeSize >> 8, initcodeSize & 255, 0x5f, 0x5f, 0xf0, 0x50]
  const enough = [0x62, 2, 0, 0, 0x5a, 0x11, 0x60, head.length - 1, 0x57, 0x00]
  const program = [...head, ...body, ...create, ...enough]
  program[4] = program.length
  return stateOf({ [caller]: { code: hex(new Uint8Array([...program, ...initcode])) } })
}

const contract = (index: number) => `0x${(0x10000 + index).toString(16).padStart(40, '0')}`

/** Calls contracts one after another, each for the first time. */
function firstCalls(filler: Filler, count: number): MemoryState {
  // CALL contract i with all gas, i counting down.
  const call = [0x5f, 0x5f, 0x5f, 0x5f, 0x5f, 0x85, 0x62, 1, 0, 0, 0x01, 0x5a, 0xf1, 0x50]
  const down = [0x60, 1, 0x90, 0x03, 0x80, 0x60, 3, 0x57, 0x00]
  const program = [0x61, count >> 8, count & 255, 0x5b, ...call, ...down]
  const accounts: Record<string, { code: string }> = { [caller]: { code: hex(program) } }
  for (let i = 0; i <= count; i++) {
    accounts[contract(i)] = { code: hex(fill(filler, contractSize, i)) }
  }
  return stateOf(accounts)
}

function stateOf(accounts: Record<string, { code: string }>): MemoryState {
  return new MemoryState({ ...accounts, [sender]: { balance: 10n ** 24n } })
}

/** Mgas/s of one transaction to the caller, the best of some runs, and the gas it used. */
async function measure(vm: string | undefined, make: () => MemoryState, runs: number) {
  let best = Infinity
  let gasUsed = 0
  for (let i = 0; i < runs; i++) {
    const engine = await Engine.create({ threads: 1, policy: 'sequential', ...(vm && { vm }) })
    const state = make()
    const before = process.cpuUsage().user
    const result = await engine.executeTransactions(
      { number: 1n, timestamp: 1n, gasLimit: 60_000_000n, coinbase: contract(0), baseFee: 1n },
      [{ sender, nonce: 0n, gasLimit: 30_000_000n, maxFeePerGas: 1n, to: caller }],
      { state, hardfork: 'prague' },
    )
    const milliseconds = (process.cpuUsage().user - before) / 1000
    if (result.receipts[0]?.status !== 'success') throw new Error('the transaction failed')
    best = Math.min(best, milliseconds)
    gasUsed = Number(result.gasUsed)
    engine.close()
  }
  return { gas: gasUsed, speed: megagasPerSecond(gasUsed, best) }
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const evmone = process.env.BRAID_EVMONE
  const runs = quick ? 2 : 7
  const contracts = 500
  const rows = []
  for (const filler of fillers) {
    for (const [kind, make] of [
      ['CREATE', () => creations(filler)],
      ['first calls', () => firstCalls(filler, contracts)],
    ] as const) {
      const ours = await measure(undefined, make, runs)
      const theirs = evmone === undefined ? undefined : await measure(evmone, make, runs)
      rows.push({ filler: filler.name, kind, ...ours, evmone: theirs?.speed ?? null })
    }
  }
  const behind = rows.filter(({ speed, evmone }) => evmone !== null && speed < evmone)
  const slowest = rows.reduce((a, b) => (b.speed < a.speed ? b : a))
  return {
    title: 'Code seen for the first time',
    text: [
      `One transaction on one thread: a loop of CREATEs with ${initcodeSize / 1024} KB of initcode, different each time, and the`,
      `first calls of ${contracts} contracts of ${contractSize / 1024} KB. The code jumps over its filler, or runs through it once; fillers are`,
      'what is worst for one or another way to look at code. Mgas/s of CPU time, best run.',
      '',
      evmone === undefined
        ? 'BRAID_EVMONE names no evmone: not compared.'
        : 'Compared with evmone in the same run.',
      '',
      table(
        ['filler', 'what', '>gas', '>Mgas/s', '>evmone', '>ratio'],
        rows.map(({ filler, kind, gas, speed, evmone }) => [
          filler,
          kind,
          grouped(gas),
          shown(speed),
          evmone === null ? '' : shown(evmone),
          evmone === null ? '' : shown(speed / evmone),
        ]),
      ),
    ].join('\n'),
    verdicts: [
      {
        target: 'no filler slower than on evmone',
        measured:
          evmone === undefined
            ? 'not compared'
            : `${behind.length} of ${rows.length} slower${behind.map(({ filler, kind }) => `; ${kind}, ${filler}`).join('')}`,
        met: evmone !== undefined && behind.length === 0,
      },
    ],
    losses: [
      `The slowest filler: ${slowest.filler} (${slowest.kind}), ${shown(slowest.speed)} Mgas/s.`,
    ],
    data: rows,
  }
}
