/** A token contract in the manner of ERC-20, written in EVM opcodes. */

import { bytesToHex, type Hex } from '../../../lib/hex/index.js'
import { keccak256 } from '../../../lib/native/load.js'
import { assemble } from '../../../lib/workloads/assembler.js'

/** Topic of `Transfer(address,address,uint256)` (ERC-20). */
const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** Balances lie at keccak256(holder, 0), as a Solidity mapping in slot 0 keeps them. */
const runtime = assemble(`
    0x00 CALLDATALOAD 0xe0 SHR
    DUP1 0xa9059cbb EQ @transfer JUMPI              ; transfer(address,uint256)
    DUP1 0x70a08231 EQ @balanceOf JUMPI             ; balanceOf(address)
    0x00 0x00 REVERT

  transfer:
    POP
    0x00 0x20 MSTORE                                ; memory: holder, 0
    CALLER 0x00 MSTORE
    0x40 0x00 KECCAK256                             ; sender's slot
    0x24 CALLDATALOAD                               ; amount, slot
    DUP2 SLOAD                                      ; balance, amount, slot
    DUP2 DUP2 LT @insufficient JUMPI                ; balance < amount
    DUP2 SWAP1 SUB                                  ; balance - amount, amount, slot
    DUP3 SSTORE                                     ; amount, slot
    0x04 CALLDATALOAD 0x00 MSTORE
    0x40 0x00 KECCAK256                             ; recipient's slot, amount, slot
    DUP1 SLOAD DUP3 ADD SWAP1 SSTORE                ; amount, slot
    0x00 MSTORE                                     ; memory: amount
    0x04 CALLDATALOAD CALLER ${transferTopic} 0x20 0x00 LOG3
    0x01 0x00 MSTORE 0x20 0x00 RETURN

  insufficient:
    0x00 0x00 REVERT

  balanceOf:
    POP
    0x00 0x20 MSTORE
    0x04 CALLDATALOAD 0x00 MSTORE
    0x40 0x00 KECCAK256 SLOAD
    0x00 MSTORE 0x20 0x00 RETURN
`)

/** The code of a deployed token. */
export const tokenCode: Uint8Array = runtime

/** Init code that gives the whole supply to the creator and returns {@link tokenCode}. */
export function tokenInitCode(supply: bigint): Hex {
  const hexSupply = `0x${supply.toString(16).padStart(64, '0')}`
  const size = `0x${runtime.length.toString(16).padStart(4, '0')}`
  const build = (start: number): Uint8Array =>
    assemble(`
      0x00 0x20 MSTORE CALLER 0x00 MSTORE
      ${hexSupply} 0x40 0x00 KECCAK256 SSTORE
      ${size} 0x${start.toString(16).padStart(4, '0')} 0x00 CODECOPY
      ${size} 0x00 RETURN
    `)
  const init = build(build(0).length)
  return bytesToHex(Buffer.concat([init, runtime]))
}

/** The slot that keeps a holder's balance. */
export function balanceSlot(holder: Hex): Hex {
  const key = Buffer.alloc(64)
  key.write(holder.slice(2), 12, 'hex')
  return bytesToHex(keccak256(key))
}

/** The call data of `transfer(to, amount)`. */
export function transferCall(to: Hex, amount: bigint): Hex {
  const data = Buffer.alloc(68)
  data.writeUInt32BE(0xa9059cbb, 0)
  data.write(to.slice(2), 16, 'hex')
  data.write(amount.toString(16).padStart(64, '0'), 36, 'hex')
  return bytesToHex(data)
}
