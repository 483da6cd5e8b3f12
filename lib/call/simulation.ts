/** What a simulation of blocks is asked, and what it is bound to. */

import { checkFlags, checkMembers, checkObject, demand, type MembersOf } from '../arguments.js'
import type { RpcWithdrawal } from '../block/index.js'
import type { ErrorDetails } from '../error-details.js'
import { type BraidError, errorFor } from '../errors.js'
import type { StateOverrides } from '../state/overrides.js'
import { type BlockOverrides, overrideMembers } from './environment.js'
import { checkCalls } from './pack-calls.js'
import { type CallRequest, numberOf } from './request.js'

/** Values of a simulated block that do not follow from the block before it. */
export interface SimulatedBlockOverrides extends BlockOverrides {
  /** The root of the beacon chain (EIP-4788). Default: zeros. */
  readonly beaconRoot?: string | undefined
  /** Default: none. */
  readonly withdrawals?: readonly RpcWithdrawal[] | undefined
}

/** A block of a simulation. */
export interface SimulationBlock {
  /** Without a number it follows the block before; blocks in between are simulated empty. */
  readonly blockOverrides?: SimulatedBlockOverrides | undefined
  /** Values of the state that are replaced before the block. */
  readonly stateOverrides?: StateOverrides | undefined
  /** The transactions, which nobody signs. Default: none. */
  readonly calls?: readonly CallRequest[] | undefined
}

/** A simulation of blocks, as `eth_simulateV1` takes it. */
export interface Simulation {
  /** The blocks, in the order of their numbers. */
  readonly blocks: readonly SimulationBlock[]
  /** Whether nonces must be right and fees at least the base fee. Default false. */
  readonly validation?: boolean | undefined
  /** Whether what value is moved comes among the logs, as transfers of a token. Default false. */
  readonly traceTransfers?: boolean | undefined
  /** Whether blocks in JSON have their transactions whole, not only their hashes. Default false. */
  readonly returnFullTransactions?: boolean | undefined
}

/** A block as it is to be simulated. */
export interface PlannedBlock {
  readonly number: bigint
  readonly time: bigint
  readonly overrides: SimulatedBlockOverrides
  readonly stateOverrides: StateOverrides | undefined
  readonly calls: readonly CallRequest[]
  /** Where it is asked for, for errors; undefined: nowhere. */
  readonly place: string | undefined
}

/** Bounds that geth has. */
const mostBlocks = 256
const mostCallsInBlock = 5_000
const mostCalls = 10_000
/** Seconds between blocks for which nothing else is said. */
const blockTime = 12n

const simulationMembers: MembersOf<Simulation> = {
  blocks: true,
  validation: true,
  traceTransfers: true,
  returnFullTransactions: true,
}

const blockMembers: MembersOf<SimulationBlock> = {
  blockOverrides: true,
  stateOverrides: true,
  calls: true,
}

const simulatedMembers: MembersOf<SimulatedBlockOverrides> = {
  ...overrideMembers,
  beaconRoot: true,
  withdrawals: true,
}

/** The codes that nodes answer with. */
export const SimulationCode = {
  invalidParams: -32602,
  general: -32000,
  vmError: -32015,
  blockFull: -38015,
  blockNumber: -38020,
  blockTime: -38021,
  tooMuch: -38026,
} as const

type SimulationErrorCode =
  | 'SIMULATION_TOO_LARGE'
  | 'SIMULATION_ORDER_INVALID'
  | 'SIMULATION_OVERRIDE_INVALID'
  | 'SIMULATION_CALL_INVALID'
  | 'SIMULATION_BLOCK_FULL'

/** An error that ends a whole simulation, in geth's words and with its code. */
export function simulationError(
  code: SimulationErrorCode,
  rpcCode: number,
  message: string,
  details: ErrorDetails = {},
): BraidError {
  return errorFor(code, { ...details, rpcCode }, { message })
}

/**
 * Throws for what is no simulation: `OPTION_INVALID`, or `SIMULATION_TOO_LARGE`.
 */
export function checkSimulation(simulation: Simulation): void {
  checkObject(simulation, 'simulation')
  checkMembers(simulation, simulationMembers, {
    synonyms: new Map([['blockStateCalls', 'blocks']]),
  })
  checkFlags(simulation, 'validation', 'traceTransfers', 'returnFullTransactions')
  const { blocks } = simulation
  demand(Array.isArray(blocks) && blocks.length > 0, 'blocks', 'at least one block', blocks)
  if (blocks.length > mostBlocks) throw tooMuch('too many blocks')
  let calls = 0
  blocks.forEach((block, i) => {
    checkBlock(block, `blocks[${i}]`)
    const count = block.calls?.length ?? 0
    if (count > mostCallsInBlock)
      throw tooMuch(`too many calls in block: ${count} > ${mostCallsInBlock}`)
    calls += count
  })
  if (calls > mostCalls) throw tooMuch(`too many calls: ${calls} > ${mostCalls}`)
}

function checkBlock(block: SimulationBlock, place: string): void {
  checkObject(block, place)
  checkMembers(block, blockMembers, { prefix: `${place}.` })
  const { calls = [], blockOverrides = {} } = block
  checkObject(blockOverrides, `${place}.blockOverrides`)
  checkMembers(blockOverrides, simulatedMembers, {
    prefix: `${place}.blockOverrides.`,
    synonyms: new Map([['timestamp', 'time']]),
  })
  demand(Array.isArray(calls), `${place}.calls`, 'an array', calls)
  checkCalls(calls.map((request, i) => ({ request, place: `${place}.calls[${i}].` })))
}

function tooMuch(message: string): BraidError {
  return simulationError('SIMULATION_TOO_LARGE', SimulationCode.tooMuch, message)
}

/** The blocks of a simulation with those that lie between them, each with its number and time. */
export function planBlocks(
  { blocks }: Simulation,
  base: { readonly number: bigint; readonly timestamp: bigint },
): PlannedBlock[] {
  const planned: PlannedBlock[] = []
  let [lastNumber, lastTime] = [base.number, base.timestamp]
  blocks.forEach(({ blockOverrides: overrides = {}, stateOverrides, calls = [] }, i) => {
    const place = `blocks[${i}]`
    const said = (name: 'number' | 'time'): bigint | undefined => {
      const value = overrides[name]
      return value === undefined
        ? undefined
        : numberOf(value, 64, `${place}.blockOverrides.${name}`)
    }
    const number = said('number') ?? lastNumber + 1n
    if (number <= lastNumber) {
      const text = `block numbers must be in order: ${number} <= ${lastNumber}`
      throw outOfOrder(SimulationCode.blockNumber, text, place)
    }
    if (number - base.number > BigInt(mostBlocks)) throw tooMuch('too many blocks')
    while (lastNumber + 1n < number) {
      lastNumber += 1n
      lastTime += blockTime
      planned.push({
        number: lastNumber,
        time: lastTime,
        overrides: {},
        stateOverrides: undefined,
        calls: [],
        place: undefined,
      })
    }
    const time = said('time') ?? lastTime + blockTime
    if (time <= lastTime) {
      const text = `block timestamps must be in order: ${time} <= ${lastTime}`
      throw outOfOrder(SimulationCode.blockTime, text, place)
    }
    planned.push({ number, time, overrides, stateOverrides, calls, place })
    lastNumber = number
    lastTime = time
  })
  return planned
}

function outOfOrder(rpcCode: number, text: string, field: string): BraidError {
  return simulationError('SIMULATION_ORDER_INVALID', rpcCode, text, { field })
}
