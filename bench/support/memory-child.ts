/**
 * Runs one block in a process that has seen nothing else, and prints what it took as JSON:
 *
 *   node build/bench/support/memory-child.js RULES BLOCK.rlp STATE.packed
 *
 * RULES is `mainnet` or `osaka`.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { Engine, MemoryState } from 'braid-evm'
import { mainnetCommon } from '../../lib/chain/index.js'
import { osakaCommon } from './osaka.js'

/** Bytes. */
export interface MemoryUse {
  /** Resident before the block, the state included. */
  readonly before: number
  /** Most that was resident while it ran. */
  readonly peak: number
  /** Resident after it. */
  readonly after: number
  /** Growth of the JavaScript heap and its array buffers. */
  readonly heap: number
}

const [rules, blockPath, statePath] = process.argv.slice(2)
const rlp = readFileSync(blockPath!)
const state = new MemoryState()
state.native.load(readFileSync(statePath!))
const common = rules === 'osaka' ? osakaCommon() : mainnetCommon()
const engine = await Engine.create({ common })

/** Resident bytes now (VmRSS) and at most (VmHWM). */
function resident(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}

function heap(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

// 5 makes the highest mark the present one (proc_pid_clear_refs(5)).
writeFileSync('/proc/self/clear_refs', '5')
const before = resident('VmRSS')
const heapBefore = heap()
const result = await engine.executeBlock(rlp, {
  state,
  forgiveMissingSystemContracts: true,
  verify: false,
})
result.verify()
const use: MemoryUse = {
  before,
  peak: resident('VmHWM'),
  after: resident('VmRSS'),
  heap: heap() - heapBefore,
}
process.stdout.write(JSON.stringify(use))
engine.close()
