/** Checking of Merkle proofs against a root (EIP-1186). */

import { hexToBytes } from '../arguments.js'
import { type BraidError, errorFor, isBraidError, shownValue } from '../errors.js'
import { bytesToHex, type Hex, uint256Of, uint256ToBytes, zeroHash } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { NodeSet } from './node-store.js'
import { StateTrie } from './state-trie.js'
import { StorageTrie } from './storage-trie.js'
import { absentAccount, type TrieAccount } from './trie-account.js'

/** A number as this package gives it, or as JSON-RPC does. */
export type ProofQuantity = bigint | number | Hex

/** A proof as `StateTrie.getProof` or the JSON-RPC method `eth_getProof` gives it. */
export interface ProofLike {
  /** The account. */
  readonly address: Hex
  /** The encoded nodes from the state root to the account, or to where it would be. */
  readonly accountProof: readonly Hex[]
  /** In wei. */
  readonly balance: ProofQuantity
  /** keccak256 of the code. */
  readonly codeHash: Hex
  /** How many transactions it sent, or contracts it created. */
  readonly nonce: ProofQuantity
  /** The root of the account's storage trie. */
  readonly storageHash: Hex
  /** Slots of the account with their proofs. */
  readonly storageProof: readonly {
    /** The slot, of 32 bytes or with leading zeros left out. */
    readonly key: ProofQuantity
    /** Its value; zero where nothing is stored. */
    readonly value: ProofQuantity
    /** The encoded nodes from the root of the storage to the slot, or to where it would be. */
    readonly proof: readonly Hex[]
  }[]
}

/**
 * Checks that an account and its slots are in the state of a root what a proof says; that something is
 * not there counts as proved too. Throws a `ProofError` with code `PROOF_INVALID` and the `field` that
 * is wrong, where a node is missing, superfluous or altered, or proves something else.
 */
export function verifyProof(root: Hex, proof: ProofLike): void {
  const rootBytes = hexToBytes(root, 32, 'root')
  checked('proof', () => {
    const address = hexToBytes(proof.address, 20, 'address')
    const trie = checked('accountProof', () => {
      const nodes = nodesOf(proof.accountProof, 'accountProof')
      const set = new NodeSet(nodes)
      const partial = StateTrie.fromSource(rootBytes, set)
      const account = partial.getAccount(address)
      checkAllAsked(nodes, set, bytesToHex(rootBytes), 'accountProof')
      return account
    })
    const isZero = trie === undefined && proof.storageHash === zeroHash
    const storageRoot = isZero ? absentAccount.storageHash : proof.storageHash
    compareAccount(trie, { ...proof, storageHash: storageRoot })
    for (const [i, slot] of proof.storageProof.entries()) {
      checked(`storageProof[${i}]`, () => {
        const field = `storageProof[${i}].proof`
        const nodes = nodesOf(slot.proof, field)
        const set = new NodeSet(nodes)
        const storageHash = hexToBytes(storageRoot, 32, 'storageHash')
        const storage = new StorageTrie(storageHash, set)
        const value = BigInt(storage.get(keccak256(uint256ToBytes(quantity(slot.key, 'key')))))
        checkAllAsked(nodes, set, bytesToHex(storageHash), field)
        compare(`storageProof[${i}].value`, value, quantity(slot.value, 'value'))
      })
    }
  })
}

function compareAccount(found: TrieAccount | undefined, proof: ProofLike): void {
  const account = found ?? absentAccount
  compare('nonce', account.nonce, quantity(proof.nonce, 'nonce'))
  compare('balance', account.balance, quantity(proof.balance, 'balance'))
  compare('storageHash', account.storageHash, proof.storageHash.toLowerCase())
  if (found === undefined && proof.codeHash === zeroHash) return
  compare('codeHash', account.codeHash, proof.codeHash.toLowerCase())
}

function compare(field: string, proved: bigint | Hex, said: bigint | string): void {
  if (proved === said) return
  throw errorFor('PROOF_INVALID', { field, expected: proved, actual: said })
}

function nodesOf(proof: readonly Hex[], field: string): Uint8Array[] {
  return proof.map((node, i) => hexToBytes(node, (node.length - 2) / 2, `${field}[${i}]`))
}

/** Fails where a node did not lead to what was asked for. */
function checkAllAsked(nodes: readonly Uint8Array[], set: NodeSet, root: Hex, field: string): void {
  const separate = nodes.filter((node, i) => {
    // Some provers list nodes that are part of the one before, or the root of the empty trie.
    if (node.length >= 32) return true
    if (i > 0) return Buffer.from(nodes[i - 1]).indexOf(node) < 0
    return bytesToHex(keccak256(node)) !== root || root !== absentAccount.storageHash
  })
  if (separate.length === set.askedCount) return
  throw errorFor('PROOF_INVALID', { field, expected: set.askedCount, actual: separate.length })
}

function quantity(value: ProofQuantity, field: string): bigint {
  const number = uint256Of(Number.isSafeInteger(value) ? BigInt(value) : value)
  if (number !== undefined) return number
  throw errorFor('PROOF_INVALID', { field, expected: 'a number', actual: shownValue(value) })
}

/** Whatever goes wrong in reading a proof makes the proof invalid. */
function checked<Result>(field: string, read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    if (isBraidError(cause, 'PROOF_INVALID')) throw cause
    throw proofError(field, cause)
  }
}

function proofError(field: string, cause: unknown): BraidError {
  const hash = isBraidError(cause) ? cause.details.hash : undefined
  return errorFor('PROOF_INVALID', hash === undefined ? { field } : { field, hash }, { cause })
}
