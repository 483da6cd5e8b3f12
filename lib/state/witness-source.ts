/** A witness as a source: answers out of trie nodes and codes, found by their hashes. */

import { checkMembers, type MembersOf } from '../arguments.js'
import { type BlockHashes, blockHashEntries, blockNumberOf } from '../chain/index.js'
import type { ErrorDetails } from '../error-details.js'
import { errorFor, isBraidError, shownValue } from '../errors.js'
import { bytesOf, bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { NodeSet } from '../trie/node-store.js'
import { StateTrie } from '../trie/state-trie.js'
import type { SourceAccount, StateSource } from './state-source.js'

/**
 * What executing a block takes, and what proves it: the nodes of the state before it around everything
 * that it reads and changes, and the code that it runs. Nodes and code are found by their hashes, so
 * that nothing but the root has to be trusted, and the hashes of ancestors.
 */
export interface BlockWitness {
  /** The root of the state before the block: the `stateRoot` of its parent's header. */
  readonly parentStateRoot: Hex | Uint8Array
  /** Encoded nodes of the trie of accounts and of storage, in any order; more than needed do no harm. */
  readonly state: readonly (Hex | Uint8Array)[]
  /** The code of accounts, in any order. */
  readonly codes: readonly (Hex | Uint8Array)[]
  /** Hashes of ancestors that BLOCKHASH may ask for. The parent's is known from the header. */
  readonly blockHashes?: BlockHashes | undefined
}

/** `keys` and `headers` come along in what nodes answer to `debug_executionWitness`. */
const witnessMembers: MembersOf<BlockWitness & { keys: unknown; headers: unknown }> = {
  parentStateRoot: true,
  state: true,
  codes: true,
  blockHashes: true,
  keys: true,
  headers: true,
}

/**
 * Answers out of a {@link BlockWitness}. Where a node on the way to an account or a slot is not there,
 * asking throws `STATE_NODE_MISSING`, where it is malformed `STATE_NODE_INVALID`: with the account, the
 * slot as `storage[…]` in `field`, and the node's hash.
 * @internal
 */
export class WitnessSource implements StateSource {
  /** The state that the witness is of. Nobody changes it. */
  readonly trie: StateTrie
  readonly #codes: ReadonlyMap<Hex, Uint8Array>
  readonly #blockHashes: ReadonlyMap<string, Hex>

  /** Throws `STATE_MALFORMED` with the field. */
  constructor(witness: BlockWitness) {
    if (typeof witness !== 'object' || witness === null) {
      throw malformed('witness', 'an object', witness)
    }
    checkMembers(witness, witnessMembers, { code: 'STATE_MALFORMED' })
    const { parentStateRoot, state, codes, blockHashes } = witness
    const root = checkedBytes(parentStateRoot, 'parentStateRoot')
    if (root.length !== 32) throw malformed('parentStateRoot', '32 bytes', parentStateRoot)
    this.trie = StateTrie.fromSource(root, new NodeSet(bytesOfAll(state, 'state')))
    this.#codes = new Map(
      bytesOfAll(codes, 'codes').map((code) => [bytesToHex(keccak256(code)), code]),
    )
    this.#blockHashes = hashesByNumber(blockHashes)
  }

  getAccount(address: Hex): SourceAccount | undefined {
    const account = placed({ address }, () => this.trie.getAccount(address))
    return account && { ...account, storageRoot: account.storageHash }
  }

  getStorage(address: Hex, slot: Hex): Hex {
    return placed({ address, field: `storage[${slot}]` }, () => this.trie.getStorage(address, slot))
  }

  getCode(codeHash: Hex): Uint8Array | undefined {
    return this.#codes.get(codeHash)
  }

  getBlockHash(number: bigint): Hex | undefined {
    return this.#blockHashes.get(nameOf(number))
  }
}

/** Calls `read`; where a node fails it, the error says what it was needed for. */
function placed<Value>(place: ErrorDetails, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    throw isBraidError(cause)
      ? errorFor(cause.code, { ...cause.details, ...place }, { cause })
      : cause
  }
}

/** A number as a key of a map. Maps place bigints by their lowest 64 bits, without a secret. */
function nameOf(number: bigint): string {
  return `0x${number.toString(16)}`
}

function hashesByNumber(given: BlockHashes | undefined): Map<string, Hex> {
  if (given === undefined || given === null) return new Map()
  const entries = blockHashEntries(given)
  if (entries === undefined) throw malformed('blockHashes', 'an object or a Map', given)
  const hashes = new Map<string, Hex>()
  for (const [key, hash] of entries) {
    const field = `blockHashes[${shownValue(key)}]`
    const number = blockNumberOf(key)
    if (number === undefined) throw malformed(field, 'a number', key)
    const bytes = checkedBytes(hash, field)
    if (bytes.length !== 32) throw malformed(field, '32 bytes', hash)
    hashes.set(nameOf(number), bytesToHex(bytes))
  }
  return hashes
}

function bytesOfAll(values: unknown, field: string): Uint8Array[] {
  if (!Array.isArray(values)) throw malformed(field, 'an array', values)
  return values.map((value, i) => checkedBytes(value, `${field}[${i}]`))
}

function checkedBytes(value: unknown, field: string): Uint8Array {
  const bytes = bytesOf(value)
  if (bytes === undefined) throw malformed(field, 'bytes or 0x hex', value)
  return bytes
}

function malformed(field: string, expected: string, actual: unknown) {
  return errorFor('STATE_MALFORMED', { field, expected, actual: shownValue(actual) })
}
