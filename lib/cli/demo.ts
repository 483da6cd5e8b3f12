/** `braid demo`: makes a busy block, executes it in three ways and compares. */

import { availableParallelism, cpus } from 'node:os'
import { inspectionPage } from '../inspect/page.js'
import { makeWorkload } from '../workloads/index.js'
import { ExitCode, print, printJson } from './console.js'
import { type Contender, runContenders } from './demo/contenders.js'
import { writeText } from './files.js'
import { parseOptions, wholeNumber } from './options.js'
import { progressOn } from './progress.js'
import { printTable } from './table.js'
import { toned } from './terminal.js'

/** Runs the command; `args` are those after its name. */
export async function demo(args: string[]): Promise<ExitCode> {
  const { values } = parseOptions({
    args,
    options: {
      vm: { type: 'string', default: 'builtin' },
      transactions: { type: 'string' },
      repeat: { type: 'string', default: '15' },
      html: { type: 'string', default: 'braid-demo.html' },
      json: { type: 'boolean', default: false },
    },
  })
  const repeat = wholeNumber('repeat', values.repeat, 1)
  const transactions =
    values.transactions === undefined
      ? undefined
      : wholeNumber('transactions', values.transactions, 1)
  const workload = await makeWorkload('defi', { transactions })
  const { contenders, fastest, vm } = await runContenders(workload, {
    vm: values.vm,
    repeat,
    startProgress: progressOn(values),
  })
  writeText(values.html, inspectionPage({ result: fastest, vm }))
  const { transactionCount, gasUsed, logs } = fastest
  if (values.json) {
    printJson({ transactionCount, gasUsed, contenders, page: values.html })
  } else {
    const gas = `${(Number(gasUsed) / 1e6).toFixed(1)} Mgas`
    const processor = `${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} cores`
    print(`A block of ether, tokens and swaps: ${transactionCount} transactions, ${gas},`)
    print(`${logs.length} logs.`)
    print(toned('dim', `${processor}, ${vm}`))
    print()
    printTimes(contenders, Number(gasUsed))
    print()
    print('Gas, bloom, receipts root and state root are those of the header:')
    for (const contender of contenders) print(agreementLine(contender))
    print()
    print(`Who ran what, and when: open ${values.html} in a browser.`)
  }
  return contenders.some(({ agrees }) => agrees === false) ? ExitCode.Difference : ExitCode.Success
}

function printTimes(contenders: readonly Contender[], gasUsed: number): void {
  const slowest = contenders.at(-1)?.milliseconds
  printTable(
    ['from RLP to the checked state root', 'ms', 'Mgas/s', 'times as fast'].map((title) => ({
      title,
    })),
    contenders.map(({ name, milliseconds }) => [
      name,
      milliseconds?.toFixed(2) ?? '-',
      milliseconds === undefined ? '-' : (gasUsed / 1000 / milliseconds).toFixed(0),
      milliseconds === undefined || slowest === undefined
        ? '-'
        : (slowest / milliseconds).toFixed(milliseconds === slowest ? 0 : 1),
    ]),
  )
}

function agreementLine({ name, agrees, note }: Contender): string {
  if (agrees === undefined) return toned('dim', `  -    ${name}: ${note}`)
  return agrees
    ? `  ${toned('pass', 'yes')}  ${name}`
    : `  ${toned('fail', 'NO')}   ${name}: ${note}`
}
