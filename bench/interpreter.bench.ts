/** The interpreter alone, as a shared library behind the EVMC ABI. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './support/fixtures.js'
import type { JsonValue } from './support/json.js'
import { grouped, shown } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** The functions of bench/contracts/Compute.sol, and how many rounds one run asks for. */
const cases = [
  { name: 'shifts', selector: '89d920b1', rounds: 64 },
  { name: 'field', selector: 'b41c5dd4', rounds: 4096 },
  { name: 'fixedPoint', selector: '2007b285', rounds: 8192 },
  { name: 'sort', selector: 'fe913865', rounds: 16 },
  { name: 'hashes', selector: '501895ae', rounds: 8192 },
] as const

/** What a VM took for a case. */
interface Result {
  readonly gas: number
  readonly nanoseconds: number
  readonly megagasPerSecond: number
}

/** Runs the benchmark. */
export async function run(_options: BenchOptions): Promise<Section> {
  const program = build()
  const ours = measure(program, join(root, 'build/Release', library('braidvm')))
  const evmone = findEvmone()
  const theirs = evmone === undefined ? undefined : measure(program, evmone)
  const behind = cases.filter(({ name }) => {
    const other = theirs?.get(name)
    return other !== undefined && other.megagasPerSecond > ours.get(name)!.megagasPerSecond
  })
  return {
    title: 'The interpreter alone',
    text: [
      '`libbraidvm` as another EVMC host would use it: bench/native/interpreter.cpp loads it and calls its',
      '`execute` on functions of bench/contracts/Compute.sol (solc 0.8.28, optimised), with a host that has no',
      'state. One thread, CPU time, median of the runs of about a second. The code comes as bytes with every',
      'call; this VM recognises bytes it has seen by comparing them, evmone analyses them again. *shifts* is a',
      '32-bit compression function with shifts and rotations, *field* point doublings with MULMOD and ADDMOD,',
      '*fixedPoint* checked MUL and DIV, *sort* jumps, comparisons, MLOAD and MSTORE, *hashes* a chain of',
      'KECCAK256 over 64 bytes.',
      '',
      evmone === undefined
        ? '`libevmone.so` was not found (BRAID_EVMONE or the library path): not compared.'
        : `Compared with ${evmone}, in the same run.`,
      '',
      table(
        ['function', '>gas', '>ns', '>Mgas/s', '>evmone Mgas/s', '>ratio'],
        cases.map(({ name }) => {
          const our = ours.get(name)!
          const other = theirs?.get(name)
          return [
            name,
            grouped(our.gas),
            grouped(our.nanoseconds),
            shown(our.megagasPerSecond),
            other === undefined ? '' : shown(other.megagasPerSecond),
            other === undefined ? '' : shown(our.megagasPerSecond / other.megagasPerSecond),
          ]
        }),
      ),
    ].join('\n'),
    verdicts:
      theirs === undefined
        ? []
        : [
            {
              target: 'faster than evmone on every function',
              measured:
                behind.length === 0
                  ? 'faster on all'
                  : `slower on ${behind.map(({ name }) => name).join(', ')}`,
              met: behind.length === 0,
            },
          ],
    losses: behind.map(({ name }) => `The interpreter on ${name}: slower than evmone.`),
    data: { braid: numbers(ours), evmone: theirs && numbers(theirs) },
  }
}

function numbers(results: ReadonlyMap<string, Result>): JsonValue {
  return Object.fromEntries([...results].map(([name, result]) => [name, { ...result }]))
}

function library(name: string): string {
  return `lib${name}.${process.platform === 'darwin' ? 'dylib' : 'so'}`
}

/** Compiles the program that loads a VM and times it; returns its path. */
function build(): string {
  const folder = join(root, 'build/bench')
  mkdirSync(folder, { recursive: true })
  const output = join(folder, 'interpreter')
  const source = join(root, 'bench/native/interpreter.cpp')
  const flags = ['-std=c++20', '-O2', '-I', join(root, 'native'), source, '-o', output, '-ldl']
  const [compiler = 'c++', ...words] = (process.env.CXX ?? 'c++').split(' ')
  execFileSync(compiler, [...words, ...flags], { stdio: 'inherit' })
  return output
}

function measure(program: string, vm: string): ReadonlyMap<string, Result> {
  const code = join(root, 'bench/contracts/compute.hex')
  const calls = cases.map(
    ({ name, selector, rounds }) => `${name}:${selector}${rounds.toString(16).padStart(64, '0')}`,
  )
  const printed = execFileSync(program, [vm, code, ...calls], { encoding: 'utf8' })
  const results = new Map<string, Result>()
  for (const line of printed.trim().split('\n').slice(1)) {
    const [name = '', gas, nanoseconds, megagasPerSecond] = line.trim().split(/\s+/)
    results.set(name, {
      gas: Number(gas),
      nanoseconds: Number(nanoseconds),
      megagasPerSecond: Number(megagasPerSecond),
    })
  }
  return results
}

/** evmone's library: named by BRAID_EVMONE, on LD_LIBRARY_PATH, or where the loader's cache says. */
function findEvmone(): string | undefined {
  const name = library('evmone')
  const named = process.env.BRAID_EVMONE
  if (named !== undefined && existsSync(named)) return named
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((path) => path !== '')
  const found = [...folders, '/usr/local/lib'].map((folder) => join(folder, name)).find(existsSync)
  if (found !== undefined || process.platform !== 'linux') return found
  try {
    const cache = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' })
    return cache.match(/libevmone\.so\S* .*=> (\S+)/)?.[1]
  } catch {
    return undefined
  }
}
