/** Accounts and slots as states give them. */

import { hexToBytes, slotBytes } from '../arguments.js'
import type { Hex } from '../hex/index.js'
import { withJson } from '../json.js'
import type { PackedReader } from '../native/packed-reader.js'
import { StateAccount } from '../native/wire.js'

/** An account of a state. */
export interface Account {
  /** Where the account is. */
  readonly address: Hex
  /** How many transactions it sent, or contracts it created. */
  readonly nonce: bigint
  /** In wei. */
  readonly balance: bigint
  /** keccak256 of the code. */
  readonly codeHash: Hex
}

/** Reads a StateAccount record. */
export function readAccount(reader: PackedReader, at: number): Account {
  return withJson({
    address: reader.hex(at + StateAccount.address, 20),
    nonce: reader.u64(at + StateAccount.nonce),
    balance: reader.u256(at + StateAccount.balance),
    codeHash: reader.hex(at + StateAccount.codeHash, 32),
  })
}

/** The 20 bytes of an address. */
export function addressBytes(address: string): Uint8Array {
  return hexToBytes(address, 20, 'address')
}

/** The 32 bytes of a slot as callers name it. */
export function slotKey(slot: string | bigint | number): Uint8Array {
  return slotBytes(Number.isSafeInteger(slot) ? BigInt(slot) : slot)
}
