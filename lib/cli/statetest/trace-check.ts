/** What `--trace-check` compares: a case that is traced, its lines thrown away, with the same case as it is. */

import type { PackedReader } from '../../native/packed-reader.js'
import { BlockOutput, Receipt } from '../../native/wire.js'
import { nativeTracer } from '../../trace/index.js'
import type { Case, CaseExecutor } from './execution.js'

/** All that lines can tell. Some cases have millions of them: the first ones are written. */
const everything = nativeTracer('eip3155', {
  enableMemory: true,
  enableReturnData: true,
  callFrames: true,
  limit: 1 << 20,
})

/** Why a case that was executed differs from the same case traced; undefined where it does not. */
export function tracedDifference(
  executor: CaseExecutor,
  what: Case,
  output: PackedReader,
  root: string,
): string | undefined {
  const { outcome } = executor.trace(what, everything)
  if (outcome instanceof Error) return `traced: ${outcome.message}`
  for (const [name, of] of [
    ['gas used', gasUsedOf],
    ['output', returnedBy],
  ] as const) {
    const [expected, actual] = [of(output), of(outcome)]
    if (actual !== expected) return `traced: ${name}: expected ${expected}, got ${actual}`
  }
  const actual = what.preState.trie.rootAfter({ packed: outcome.bytes })
  return actual === root ? undefined : `traced: state root: expected ${root}, got ${actual}`
}

function gasUsedOf(output: PackedReader): bigint {
  return output.u64(output.sectionOffset(BlockOutput.receipts) + Receipt.gasUsed)
}

/** What the transaction returned, or its revert. */
export function returnedBy(output: PackedReader): string {
  const at = output.sectionOffset(BlockOutput.receipts)
  const start = output.sectionOffset(BlockOutput.pool) + output.u32(at + Receipt.outputOffset)
  return output.hex(start, output.u32(at + Receipt.outputSize))
}
