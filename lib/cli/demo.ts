/** `braid demo`: makes a block, executes it and verifies what came out. */

import { parseArgs } from 'node:util'
import type { Hex } from '../block/types.js'
import type { BlockResult } from '../engine/block-result.js'
import { Engine } from '../engine/engine.js'
import { MemoryState } from '../state/memory-state.js'
import { type BlockReport, printReports, reportOf } from './block-report.js'
import { ExitCode, print, printJson } from './console.js'
import { baseFee, makeBlock, tokenAddress, withdrawnGwei } from './demo/block.js'

/** Runs the command; `args` are those after its name. */
export async function demo(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      vm: { type: 'string', default: 'builtin' },
      json: { type: 'boolean', default: false },
    },
  })
  const engine = await Engine.create({ vm: values.vm })
  try {
    return await runDemo(engine, values.json)
  } finally {
    engine.close()
  }
}

async function runDemo(engine: Engine, json: boolean): Promise<ExitCode> {
  const block = makeBlock()
  const state = new MemoryState(block.alloc)

  // A proposer executes the block to learn its outcome and writes that into the header…
  const built = await engine.executeBlock(block.encode(unknownOutcome), { state, verify: false })
  const proposed = state.clone()
  proposed.commit(built)
  const encoded = block.encode({
    stateRoot: proposed.stateRoot(),
    receiptsRoot: built.receiptsRoot as Hex,
    logsBloom: built.logsBloom,
    gasUsed: built.gasUsed,
  })

  // …and everybody else executes the finished block and compares.
  const before = totals(state)
  const result = await engine.executeBlock(encoded, { state, verify: false })
  state.commit(result)
  const report = reportOf('demo', result)
  const checks = verify(result, state, before)
  show(report, result, checks, json)
  const good = report.differences.length === 0 && checks.every((check) => check.holds)
  return good ? ExitCode.Success : ExitCode.Difference
}

const unknownOutcome = {
  stateRoot: `0x${'00'.repeat(32)}`,
  receiptsRoot: `0x${'00'.repeat(32)}`,
  logsBloom: `0x${'00'.repeat(256)}`,
  gasUsed: 0n,
} as const

/** Something that must hold after the block, and whether it does. */
interface Check {
  readonly name: string
  readonly holds: boolean
}

/** Ether and tokens in existence. */
interface Totals {
  readonly ether: bigint
  readonly tokens: bigint
}

function totals(state: MemoryState): Totals {
  let ether = 0n
  let tokens = 0n
  for (const { address, balance, storage } of state.dump()) {
    ether += balance
    if (address === tokenAddress) for (const value of storage.values()) tokens += BigInt(value)
  }
  return { ether, tokens }
}

function verify(result: BlockResult, state: MemoryState, before: Totals): Check[] {
  const after = totals(state)
  const burned = result.gasUsed * baseFee
  const withdrawn = withdrawnGwei * 10n ** 9n
  const reverted = result.receipts.filter((receipt) => receipt.status === 'reverted')
  const created = result.receipts.find((receipt) => receipt.contractAddress !== null)
  return [
    { name: 'the state root matches', holds: state.stateRoot() === result.header.stateRoot },
    {
      name: 'ether is conserved: withdrawals come in, base fees are burned',
      holds: before.ether + withdrawn === after.ether + burned,
    },
    { name: 'tokens are conserved', holds: before.tokens === after.tokens },
    { name: 'the one transfer beyond its balance reverted', holds: reverted.length === 1 },
    {
      name: 'the created contract has the code of the first',
      holds:
        created?.contractAddress != null &&
        state.getCode(created.contractAddress) === state.getCode(tokenAddress),
    },
  ]
}

function show(
  report: BlockReport,
  result: BlockResult,
  checks: readonly Check[],
  json: boolean,
): void {
  if (json) {
    printJson({ ...report, logs: result.logs.length, stateRoot: result.header.stateRoot, checks })
    return
  }
  print(
    `Executed a block of ${result.transactionCount} transactions with ${result.logs.length} logs:`,
  )
  print()
  printReports([report], false)
  print()
  for (const { name, holds } of checks) print(`${holds ? 'yes' : 'NO '}  ${name}`)
}
