/** Comparisons of blocks under two sets of rules, for people. */

import type {
  BlockComparison,
  ComparedRules,
  Divergence,
  RunUnderRules,
  TransactionComparison,
  Verdict,
} from '../what-if/index.js'
import { print } from './console.js'
import { printTable } from './table.js'
import { type Tone, toned } from './terminal.js'

/** How verdicts are said, and how loud. */
const words: Readonly<Record<Verdict, { readonly text: string; readonly tone?: Tone }>> = {
  same: { text: 'same' },
  otherGas: { text: 'other gas' },
  otherOutcome: { text: 'other outcome', tone: 'fail' },
  nowFails: { text: 'now fails', tone: 'fail' },
  nowSucceeds: { text: 'now succeeds', tone: 'pass' },
  nowInvalid: { text: 'now invalid', tone: 'fail' },
  nowValid: { text: 'now valid', tone: 'pass' },
  stillInvalid: { text: 'still invalid' },
}

/** How many contracts are listed. */
const mostContracts = 10

/** Prints what there is to say of a block. */
export function printComparison(comparison: BlockComparison): void {
  const { number, hash, rules, transactions, verdicts, gasUsed } = comparison
  print(`block ${number}, ${hash}`)
  print(`${rulesText(rules[0])}, compared with ${rulesText(rules[1])}`)
  const counts = Object.entries(verdicts).filter(([, count]) => count > 0)
  const list = counts.map(([verdict, count]) => `${count} ${words[verdict as Verdict].text}`)
  print(`${transactions.length} transactions: ${list.join(', ') || 'none'}`)
  print(`${gasText(gasUsed)} gas${shareText(gasUsed)}`)
  const loud = transactions.filter(({ verdict }) => verdict !== 'same' && verdict !== 'otherGas')
  for (const transaction of loud) printTransaction(transaction)
  printContracts(comparison)
}

function rulesText({ hardfork, gasCosts }: ComparedRules): string {
  const costs = Object.entries(gasCosts).map(([name, gas]) => `${name} ${gas}`)
  return costs.length === 0 ? hardfork : `${hardfork} with ${costs.join(', ')}`
}

function gasText([before, after]: readonly [bigint, bigint]): string {
  return before === after ? `${before}` : `${before} -> ${after}`
}

/** By how much gas has changed, in percent. */
function shareText([before, after]: readonly [bigint, bigint]): string {
  if (before === after || before === 0n) return ''
  const change = Number(((after - before) * 10_000n) / before) / 100
  return `, ${change > 0 ? '+' : ''}${change} %`
}

function printTransaction(transaction: TransactionComparison): void {
  const { txIndex, txHash, verdict, runs, divergence, gasLimit } = transaction
  const { neededGas, gasLimitMultiple } = transaction
  const { text, tone } = words[verdict]
  print()
  print(`transaction ${txIndex}, ${txHash}: ${tone === undefined ? text : toned(tone, text)}`)
  print(`  ${runText(runs[0])} -> ${runText(runs[1])}, gas limit ${gasLimit}`)
  if (divergence !== undefined) print(`  ${divergenceText(divergence)}`)
  if (neededGas !== undefined) {
    print(`  succeeds with a gas limit of ${neededGas}, ${gasLimitMultiple} times its own`)
  }
}

function runText({ status, failure, rule, gasUsed }: RunUnderRules): string {
  const why = rule ?? (failure === 'reverted' ? undefined : failure)
  const gas = gasUsed === undefined ? '' : `, ${gasUsed} gas`
  return `${status}${why === undefined ? '' : ` (${why})`}${gas}`
}

function divergenceText({ path, from, to, selector, kind, failures }: Divergence): string {
  const place = path.length === 0 ? 'its own call' : `call ${path.join('.')}`
  const called = `${to}${selector === undefined ? '' : ` ${selector}`}`
  const why = kind === 'failure' ? failures.map((failure) => failure ?? 'none').join(' -> ') : ''
  return `first in ${place}, ${from} -> ${called}: ${kind}${why === '' ? '' : ` ${why}`}`
}

function printContracts({ contracts }: BlockComparison): void {
  const changed = contracts.filter(
    ({ gasUsed: [before, after], divergences }) => before !== after || divergences > 0,
  )
  if (changed.length === 0) return
  print()
  const columns = ['contract', 'transactions', 'parts', 'gas', 'other gas', 'change']
  const rows = changed
    .slice(0, mostContracts)
    .map(({ address, transactions, divergences, gasUsed: [before, after] }) => [
      address,
      `${transactions}`,
      `${divergences}`,
      `${before}`,
      `${after}`,
      `${after - before}`,
    ])
  printTable(
    columns.map((title) => ({ title })),
    rows,
  )
  if (changed.length > mostContracts) print(`and ${changed.length - mostContracts} more contracts`)
}
