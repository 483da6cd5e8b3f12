/** `braid demo`: makes a busy block, executes it in three ways and compares. */

import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { inspectionPage } from '../inspect/page.js'
import { makeWorkload } from '../workloads/index.js'
import { ExitCode, formatTable, InputError, print, printJson, UsageError } from './console.js'
import { type Contender, runContenders } from './demo/contenders.js'

/** Runs the command; `args` are those after its name. */
export async function demo(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      vm: { type: 'string', default: 'builtin' },
      transactions: { type: 'string' },
      repeat: { type: 'string', default: '15' },
      html: { type: 'string', default: 'braid-demo.html' },
      json: { type: 'boolean', default: false },
    },
  })
  const repeat = numberOf('repeat', values.repeat)
  const transactions =
    values.transactions === undefined ? undefined : numberOf('transactions', values.transactions)
  const workload = await makeWorkload('defi', { transactions })
  const { contenders, fastest, vm } = await runContenders(workload, { vm: values.vm, repeat })
  const page = inspectionPage({ result: fastest, vm })
  try {
    writeFileSync(values.html, page)
  } catch (error) {
    throw new InputError(`cannot write ${values.html}: ${(error as Error).message}`)
  }
  const { transactionCount, gasUsed, logs } = fastest
  if (values.json) {
    printJson({ transactionCount, gasUsed, contenders, page: values.html })
  } else {
    const gas = `${(Number(gasUsed) / 1e6).toFixed(1)} Mgas`
    const processor = `${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} cores`
    print(`A block of ether, tokens and swaps: ${transactionCount} transactions, ${gas},`)
    print(`${logs.length} logs. ${processor}, ${vm}.`)
    print()
    for (const line of tableOf(contenders, Number(gasUsed))) print(line)
    print()
    for (const contender of contenders) print(agreementLine(contender))
    print()
    print(`Who ran what, and when: open ${values.html} in a browser.`)
  }
  return contenders.some(({ agrees }) => agrees === false) ? ExitCode.Difference : ExitCode.Success
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new UsageError(`--${name} needs a number of at least 1`)
}

function tableOf(contenders: readonly Contender[], gasUsed: number): string[] {
  const slowest = contenders.at(-1)?.milliseconds
  return formatTable(
    ['from RLP to the checked state root', 'ms', 'Mgas/s', 'times as fast'],
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
  if (agrees === undefined) return `-    ${name}: ${note}`
  return `${agrees ? 'yes' : 'NO '}  ${name}: ${note}`
}
