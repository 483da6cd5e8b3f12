/** Accounts and slots as they are read from their leaves. */

import { emptyCodeHash, emptyTrieRoot } from '../empty-hashes.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { withJson } from '../json.js'
import { accountCode, accountNumbers, NONE, NodeFlag, type NodePool, Part } from './node-pool.js'

/** What the state trie holds of an account. */
export interface TrieAccount {
  /** How many transactions it sent, or contracts it created. */
  readonly nonce: bigint
  /** In wei. */
  readonly balance: bigint
  /** The root of the account's storage trie. */
  readonly storageHash: Hex
  /** keccak256 of the code. */
  readonly codeHash: Hex
}

/** What an account that does not exist is taken for. */
export const absentAccount: TrieAccount = {
  nonce: 0n,
  balance: 0n,
  storageHash: emptyTrieRoot,
  codeHash: emptyCodeHash,
}

/** Reads an account's leaf, whose storage hash is up to date. */
export function readTrieAccount({ words, bytes }: NodePool, leaf: number): TrieAccount {
  const head = words[leaf]
  const nonceSize = head >>> 24
  const balanceSize = (head >>> 16) & 255
  const numbers = (leaf + accountNumbers(head)) * 4
  const hashAt = (word: number) => bytesToHex(bytes.subarray(word * 4, word * 4 + 32))
  return withJson({
    nonce: bigEndian(bytes, numbers, nonceSize),
    balance: bigEndian(bytes, numbers + nonceSize, balanceSize),
    storageHash:
      head & NodeFlag.HasStorage ? hashAt(leaf + Part.storageHash) : absentAccount.storageHash,
    codeHash: head & NodeFlag.HasCode ? hashAt(leaf + accountCode(head)) : absentAccount.codeHash,
  })
}

/** Reads a slot's leaf, or NONE for zero, as 32 bytes. */
export function readSlotValue({ words, bytes }: NodePool, leaf: number): Hex {
  const value = Buffer.alloc(32)
  if (leaf !== NONE) {
    // RLP of a number: a small one is itself, others follow a byte with their size.
    const size = words[leaf] >>> 16
    const at = (leaf + Part.value) * 4
    const skipped = size > 1 ? 1 : 0
    value.set(bytes.subarray(at + skipped, at + size), 32 - size + skipped)
  }
  return bytesToHex(value)
}

function bigEndian(bytes: Uint8Array, at: number, size: number): bigint {
  let number = 0n
  for (let i = at; i < at + size; i++) number = (number << 8n) | BigInt(bytes[i])
  return number
}
