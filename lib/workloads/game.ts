/** A block of a game that is played on the chain: mostly own moves, some on shared ground. */

import type { Hex } from '../hex/index.js'
import { MemoryState } from '../state/memory-state.js'
import { encodeArguments } from './abi.js'
import { assemble } from './assembler.js'
import { makeBlock } from './block.js'
import type { Call } from './calls.js'
import { addressOf, Chance, type Sender, sendersOf } from './cast.js'
import { richAlloc } from './stage.js'
import {
  resolveKnobs,
  type Workload,
  type WorkloadKnobs,
  type WorkloadOptions,
} from './workload.js'

/** The cells of the world that players share. */
const cellCount = 16
/** The share of calls that only send ether to another player. */
const transferRatio = 0.1
/** How far a move is computed. */
const usualSteps = 250

/** A move uses 60,000 to 90,000. */
const gasLimit = 150_000
/** About 30 million gas. */
const usualCount = 430

/**
 * A move: `steps` rounds of mixing the player's state with its wish, then the new state is kept and
 * told. A wish for a cell (its number + 1; 0: none) mixes the result into the cell as well.
 *
 * Call data: steps, wish, cell + 1. Slots: players at keccak256(address, 0), cells at their number + 1.
 */
const gameCode = assemble(`
    CALLER 0x00 MSTORE
    0x40 0x00 KECCAK256                             ; player
    DUP1 SLOAD                                      ; state, player
    0x00 CALLDATALOAD                               ; steps, state, player

  step:                                             ; left, state, player
    DUP1 ISZERO @done JUMPI
    SWAP1                                           ; state, left, player
    0x5851f42d4c957f2d MUL                          ; (state * a + wish) ^ (state >> 7)
    DUP1 0x07 SHR SWAP1
    0x20 CALLDATALOAD ADD XOR                       ; state, left, player
    SWAP1 0x01 SWAP1 SUB                            ; left - 1, state, player
    @step JUMP

  done:
    POP                                             ; state, player
    DUP1 SWAP2 SSTORE                               ; state
    0x40 CALLDATALOAD                               ; cell, state
    DUP1 ISZERO @tell JUMPI
    DUP1 SLOAD                                      ; content, cell, state
    DUP3 ADD SWAP1 SSTORE                           ; state
    0x00                                            ; in the place of the cell

  tell:                                             ; anything, state
    POP 0x00 MSTORE
    CALLER 0x20 0x00 LOG1
    STOP
`)

/** Most calls are moves of the player alone; `hotRatio` of the moves, 0.2 by default, meet in a cell. */
export function game(options: WorkloadOptions): Promise<Workload> {
  const knobs = resolveKnobs(options, { transactions: usualCount, hotRatio: 0.2 })
  const { accounts, seed } = knobs
  const world = addressOf('world', 0, seed)
  const players = sendersOf('player', accounts, seed)
  const cells = Object.fromEntries(Array.from({ length: cellCount }, (_, i) => [String(i + 1), 1]))
  const state = new MemoryState({
    ...richAlloc(players.map(({ address }) => address)),
    [world]: { nonce: 1, code: gameCode, storage: cells },
  })
  return makeBlock('game', state, callsOf(knobs, world, players))
}

function callsOf(knobs: WorkloadKnobs, world: Hex, players: readonly Sender[]): Call[] {
  const { transactions, accounts, hotRatio, seed } = knobs
  const chance = new Chance(seed)
  return Array.from({ length: transactions }, (_, index): Call => {
    const from = players[index % accounts]
    if (chance.next() < transferRatio) {
      const { address: to } = players[chance.below(accounts)]
      return { from, to, gasLimit: 21_000, value: 1n }
    }
    const cell = chance.next() < hotRatio ? chance.below(cellCount) + 1 : 0
    const steps = usualSteps + chance.below(usualSteps)
    const data = encodeArguments([steps, index + 1, cell])
    return { from, to: world, gasLimit, data }
  })
}
