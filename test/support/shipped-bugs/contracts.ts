/** Contracts and calls for the blocks in which bugs that other engines shipped would show. */

import { createAddressFromString, generateAddress2, type PrefixedHexString } from '@ethereumjs/util'
import { bytesToHex } from '../../../lib/hex/index.js'
import type { Hex } from '../../../lib/index.js'
import { Assembler, initCodeFor, Op } from '../chain-generator/assembler.js'
import type { AccountRecipe, TransactionRecipe } from '../chain-generator/recipe.js'
import { blockHashHistory } from '../chain-generator/system-contracts.js'

export const addressOf = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`
const word = (value: bigint | number | Hex): string => BigInt(value).toString(16).padStart(64, '0')
export const data = (...words: readonly (bigint | number | Hex)[]): Hex =>
  `0x${words.map(word).join('')}`

export const counter = addressOf(0xc001)
export const maker = addressOf(0xfac)
export const look = addressOf(0x100c)
export const touch = addressOf(0x70c)
export const empty = addressOf(0xe0)
export const nobody = addressOf(0xabc)

/** Adds one to slot 0. */
const counting = () => new Assembler().push(0).op(Op.SLOAD).push(1).op(Op.ADD).push(0).op(Op.SSTORE)

/** Destroys itself for the caller where it is called without data, else counts. */
export function mortal(): Uint8Array {
  const program = new Assembler().op(Op.CALLDATASIZE)
  const count = program.pushLater()
  program.op(Op.JUMPI, Op.CALLER, Op.SELFDESTRUCT)
  program.fill(count, program.label())
  return program.op(...counting().bytes()).bytes()
}

export const initCode = initCodeFor(mortal())
/** What the maker makes of the init code. */
export const child = generateAddress2Of(initCode)

export function generateAddress2Of(code: Uint8Array): Hex {
  const from = createAddressFromString(maker as PrefixedHexString).bytes
  return bytesToHex(generateAddress2(from, new Uint8Array(32), code))
}

/** CALL with the value on top of the stack and `size` bytes of memory; leaves whether it succeeded. */
export function call(program: Assembler, target: Hex, { value = 0, size = 0, gas = 100_000 } = {}) {
  program.push(0).push(0).push(size).push(0).push(value).pushHex(target).push(gas).op(Op.CALL)
  return program
}

/** Keeps the top of the stack in a slot. */
export const keep = (program: Assembler, slot: number) => program.push(slot).op(Op.SSTORE)

/** What the blocks call. */
export const contracts: Readonly<Record<Hex, AccountRecipe>> = {
  [counter]: contract(counting()),
  // CREATE2 of the data with the value, salt 0; the address goes into slot 9.
  [maker]: contract(
    keep(
      new Assembler()
        .op(Op.CALLDATASIZE)
        .push(0)
        .push(0)
        .op(Op.CALLDATACOPY)
        .push(0)
        .op(Op.CALLDATASIZE)
        .push(0)
        .op(Op.CALLVALUE, Op.CREATE2),
      9,
    ),
  ),
  // BALANCE and EXTCODESIZE of the account in the data go to the slots that follow the second word.
  [look]: contract(
    new Assembler()
      .push(0)
      .op(Op.CALLDATALOAD, Op.BALANCE)
      .push(32)
      .op(Op.CALLDATALOAD, Op.SSTORE)
      .push(0)
      .op(Op.CALLDATALOAD, Op.EXTCODESIZE)
      .push(32)
      .op(Op.CALLDATALOAD)
      .push(1)
      .op(Op.ADD, Op.SSTORE),
  ),
  // Calls the account in the data with nothing.
  [touch]: contract(
    new Assembler()
      .push(0)
      .push(0)
      .push(0)
      .push(0)
      .push(0)
      .push(0)
      .op(Op.CALLDATALOAD)
      .push(50_000)
      .op(Op.CALL, Op.POP),
  ),
}

export function contract(
  program: Assembler,
  more: Omit<AccountRecipe, 'code'> = {},
): AccountRecipe {
  return { nonce: '0x1', balance: '0x64', ...more, code: bytesToHex(program.bytes()) }
}

/** A call; its sender is a signer by its position. */
export function send(
  from: number,
  to: Hex,
  more: Partial<TransactionRecipe> = {},
): TransactionRecipe {
  return { type: 0, from, to, gas: 400_000, tip: 3_000_000_000, ...more }
}

export const make = (from: number, value = 0): TransactionRecipe =>
  send(from, maker, { data: bytesToHex(initCode), value: `0x${value.toString(16)}` })
export const looking = (from: number, at: Hex, slot: number) =>
  send(from, look, { data: data(at, slot) })
export const count = (from: number, at: Hex, more: Partial<TransactionRecipe> = {}) =>
  send(from, at, { data: data(1), ...more })

/** With data: sets slot 0. Else, where that is not set: logs, makes the child, warms, writes. */
export function guessing(): Assembler {
  const program = new Assembler().op(Op.CALLDATASIZE)
  const set = program.pushLater()
  program.op(Op.JUMPI).push(0).op(Op.SLOAD)
  const right = program.pushLater()
  program.op(Op.JUMPI).push(32).push(0).op(Op.LOG0)
  keep(call(program, counter), 5)
  program.pushHex(look).op(Op.BALANCE)
  keep(program, 6).op(Op.STOP)
  program.fill(right, program.label())
  keep(program.pushHex(look).op(Op.BALANCE), 7).op(Op.STOP)
  program.fill(set, program.label())
  return keep(program.push(1), 0)
}

/** Asks a system contract about the word on the stack (or about the block before); leaves the answer. */
export function asking(program: Assembler, system: Hex): Assembler {
  if (system === blockHashHistory) program.push(1).op(Op.NUMBER, Op.SUB)
  program.push(0).op(Op.MSTORE).push(32).push(32).push(32).push(0).pushHex(system).push(50_000)
  return program.op(Op.STATICCALL, Op.POP).push(32).op(Op.MLOAD)
}
