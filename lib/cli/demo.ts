/** `braid demo`: executes real blocks and a made one in three ways, and compares. */

import { availableParallelism, cpus } from 'node:os'
import { inspectionPage } from '../inspect/page.js'
import { ExitCode, InputError, print, printJson } from './console.js'
import { type Contender, type Contest, Contestants } from './demo/contenders.js'
import { madeBlock, realBlocks } from './demo/subjects.js'
import { writeText } from './files.js'
import { progressOn } from './progress.js'
import { type Cell, printTable } from './table.js'
import { toned } from './terminal.js'

/** The options of the command. */
interface DemoOptions {
  readonly vm: string
  readonly part: 'all' | 'real' | 'made'
  readonly transactions?: number
  readonly repeat: number
  readonly html: string
  readonly json?: boolean
}

/** Runs the command. */
export async function demo({
  vm,
  part,
  transactions,
  repeat,
  html,
  json,
}: DemoOptions): Promise<ExitCode> {
  const contestants = await Contestants.create(vm)
  const contests: Contest[] = []
  try {
    const made = part === 'real' ? undefined : await madeBlock(transactions)
    const options = { repeat, startProgress: progressOn({ json }) }
    for (const subject of part === 'made' ? [] : realBlocks()) {
      contests.push(await contestants.run(subject, options))
    }
    const real = [...contests]
    if (typeof made === 'object') contests.push(await contestants.run(made, options))
    if (contests.length === 0) throw new InputError(`there is nothing to run: ${made}`)
    const busiest = contests.reduce((a, b) => (a.fastest.gasUsed > b.fastest.gasUsed ? a : b))
    writeText(html, inspectionPage({ result: busiest.fastest, vm: contestants.vm }))
    if (json) {
      printJson({ blocks: contests.map(jsonOf), leftOut: leftOut(made), page: html })
    } else {
      const processor = `${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} cores`
      print(
        toned(
          'dim',
          `${processor}, ${contestants.vm}; milliseconds from RLP to the checked header`,
        ),
      )
      if (real.length > 0) {
        print()
        print('Blocks of Ethereum mainnet, on what they read of its state:')
        printTimes(real)
      }
      if (made !== undefined) {
        print()
        print('A made block of ether, tokens and swaps, on a whole state, with its state root:')
        if (typeof made === 'string') print(toned('dim', `  left out: ${made}`))
        else printTimes(contests.slice(real.length))
      }
      printNotes(contests)
      print()
      print(`Who ran what of ${busiest.name}, and when: open ${html} in a browser.`)
    }
  } finally {
    contestants.close()
  }
  return contests.some(({ contenders }) => contenders.some(({ agrees }) => agrees === false))
    ? ExitCode.Difference
    : ExitCode.Success
}

function leftOut(made: unknown): string[] {
  return typeof made === 'string' ? [made] : []
}

function jsonOf({ name, contenders, fastest }: Contest) {
  const { transactionCount, gasUsed } = fastest
  return { name, transactionCount, gasUsed, contenders }
}

function printTimes(contests: readonly Contest[]): void {
  const titles = ['', 'transactions', 'Mgas', 'parallel ms', 'one thread ms', '@ethereumjs/vm ms']
  printTable(
    [...titles, 'Mgas/s', 'times as fast', 'header'].map((title) => ({ title })),
    contests.map(({ name, contenders, fastest }) => {
      const [parallel, , other] = contenders
      const gas = Number(fastest.gasUsed)
      return [
        name,
        String(fastest.transactionCount),
        (gas / 1e6).toFixed(1),
        ...contenders.map(({ milliseconds }) => milliseconds?.toFixed(2) ?? '-'),
        ratio(gas / 1000, parallel.milliseconds),
        ratio(other.milliseconds, parallel.milliseconds),
        agreement(contenders),
      ]
    }),
  )
}

function ratio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined ? '-' : (a / b).toFixed(0)
}

function agreement(contenders: readonly Contender[]): Cell {
  return contenders.some(({ agrees }) => agrees === false)
    ? { text: 'DIFFERS', tone: 'fail' }
    : { text: 'matches', tone: 'pass' }
}

/** What there is to say about single contenders. */
function printNotes(contests: readonly Contest[]): void {
  const notes = contests.flatMap(({ name, contenders }) =>
    contenders.filter(({ note }) => note !== '').map((contender) => ({ block: name, contender })),
  )
  if (notes.length > 0) print()
  for (const { block, contender } of notes) {
    const tone = contender.agrees === false ? 'fail' : 'dim'
    print(toned(tone, `  ${block} ${contender.name}: ${contender.note}`))
  }
}
