/** The block in which nothing can run ahead: every transaction rests on the one before. */

import { MemoryState } from '../state/memory-state.js'
import { encodeArguments } from './abi.js'
import { assemble } from './assembler.js'
import { makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressOf, sendersOf } from './cast.js'
import { richAlloc } from './stage.js'
import { resolveKnobs, type Workload, type WorkloadOptions } from './workload.js'

/** How often a transaction mixes the value: about 70,000 gas. */
const rounds = 1000
const gasLimit = 200_000
/** About 30 million gas. */
const usualCount = 335

/** Reads slot 0, mixes what it holds with the call's number, round after round, and writes it back. */
const code = assemble(`
    0x00 SLOAD                                      ; value
    0x00 CALLDATALOAD                               ; rounds, value

  round:                                            ; left, value
    DUP1 ISZERO @done JUMPI
    SWAP1                                           ; value, left
    0x5851f42d4c957f2d MUL
    0x20 CALLDATALOAD ADD                           ; value * a + number, left
    SWAP1 0x01 SWAP1 SUB                            ; left - 1, value
    @round JUMP

  done:
    POP 0x00 SSTORE
    STOP
`)

/** Every transaction reads one slot at its start, works on the value, and writes it at its end. */
export function worstCase(options: WorkloadOptions): Promise<Workload> {
  const { transactions, accounts, seed } = resolveKnobs(options, { transactions: usualCount })
  const contract = addressOf('contract', 0, seed)
  const senders = sendersOf('sender', accounts, seed)
  const state = new MemoryState({
    ...richAlloc(senders.map(({ address }) => address)),
    [contract]: { nonce: 1, code, storage: { '0x0': 1 } },
  })
  const calls = Array.from({ length: transactions }, (_, index): Call => {
    const data = encodeArguments([rounds, index + 1])
    return { from: senders[index % accounts], to: contract, gasLimit, data }
  })
  return makeBlock('worst-case', state, calls)
}
