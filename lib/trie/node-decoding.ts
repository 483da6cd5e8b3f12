/** Strict reading of encoded trie nodes (Yellow Paper, appendix D) into the pool. */

import { emptyTrieRootBytes } from '../empty-hashes.js'
import { errorFor } from '../errors.js'
import { RlpReader } from '../rlp/index.js'
import { newBranch, setReferredChild } from './branch.js'
import { newExtension } from './extension.js'
import { accountLeaf, leafKey, setStorageHash, valueLeaf } from './leaf.js'
import { copyBytes, keyNibbles, nibbleAt, setNibble } from './nibbles.js'
import { Kind, NONE, NodeFlag, type NodePool, Part, popCount, UNRESOLVED } from './node-pool.js'

/**
 * Reads a node that hangs at nibble `depth`; its children, but inline ones, stay unresolved. The first
 * `depth` nibbles of `path` lead to it; the others are overwritten.
 *
 * @throws BraidError of any code where it is not exactly what the trie of accounts, or of storage,
 *   can hold there
 */
export function decodeNode(
  pool: NodePool,
  encoded: Uint8Array,
  depth: number,
  path: Uint8Array,
  isAccount: boolean,
): number {
  return new NodeDecoder(pool, encoded, path, isAccount).decode(0, encoded.length, depth)
}

class NodeDecoder {
  private readonly words = new Uint32Array(8)
  private readonly wordBytes = new Uint8Array(this.words.buffer)

  constructor(
    private readonly pool: NodePool,
    private readonly encoded: Uint8Array,
    private readonly path: Uint8Array,
    private readonly isAccount: boolean,
  ) {}

  decode(start: number, end: number, depth: number): number {
    const reader = new RlpReader(this.encoded, start, end)
    const outer = reader.enter('node')
    const count = reader.count('node')
    let node: number
    if (count === 17) node = this.branch(reader, depth)
    else if (count === 2) node = this.short(reader, depth)
    else throw invalid('17 or 2 items')
    reader.leave('node', outer)
    if (!reader.done) throw reader.fail('DECODE_RLP_TRAILING', 'node')
    return node
  }

  private branch(reader: RlpReader, depth: number): number {
    if (depth >= keyNibbles) throw invalid('no branch below the last nibble')
    const { pool } = this
    let branch = newBranch(pool)
    for (let nibble = 0; nibble < 16; nibble++) {
      setNibble(this.path, 0, depth, nibble)
      const child = this.child(reader, depth + 1)
      if (child === NONE) continue
      const isInline = child !== UNRESOLVED
      // An inline child has overwritten the reference with its own.
      if (isInline) this.keepReference(reader.bytes, this.inlineStart, reader.position)
      branch = setReferredChild(pool, branch, nibble, child, this.words, isInline)
    }
    reader.string('value')
    if (reader.start !== reader.end) throw invalid('no value in a branch')
    if (popCount(pool.words[branch + 1] & 0xffff) < 2) throw invalid('two children or more')
    return branch
  }

  /** Where the inline child that was read last begins. */
  private inlineStart = 0

  /** The next item as a child: none, unresolved with its hash in {@link words}, or inline. */
  private child(reader: RlpReader, depth: number): number {
    const start = reader.position
    reader.next('child')
    const size = reader.end - reader.start
    if (!reader.isList) {
      if (size === 0) return NONE
      if (size !== 32) throw invalid('a hash of 32 bytes')
      this.keepReference(reader.bytes, reader.start, reader.end)
      return UNRESOLVED
    }
    if (reader.position - start >= 32) throw invalid('a hash instead of a node')
    const child = this.decode(start, reader.position, depth)
    this.inlineStart = start
    return child
  }

  private keepReference(source: Uint8Array, start: number, end: number): void {
    copyBytes(this.wordBytes, 0, source, start, end - start)
  }

  /** A leaf or an extension. */
  private short(reader: RlpReader, depth: number): number {
    reader.string('path')
    const { bytes, start, end } = reader
    if (start === end) throw invalid('a path')
    const flags = bytes[start] >> 4
    const isOdd = (flags & 1) !== 0
    if (flags > 3 || (!isOdd && bytes[start] !== flags << 4)) throw invalid('a hex-prefix path')
    const count = 2 * (end - start - 1) + (isOdd ? 1 : 0)
    const last = depth + count
    if (last > keyNibbles) throw invalid('a path of at most 64 nibbles')
    const skipped = isOdd ? 1 : 2
    for (let i = 0; i < count; i++) {
      setNibble(this.path, 0, depth + i, nibbleAt(bytes, start, i + skipped))
    }
    if (flags < 2) return this.extension(reader, depth, last)
    if (last !== keyNibbles) throw invalid('a path of 64 nibbles')
    const leaf = this.isAccount ? this.account(reader) : this.value(reader)
    copyBytes(this.pool.bytes, leafKey(leaf), this.path, 0, 32)
    return leaf
  }

  private extension(reader: RlpReader, depth: number, end: number): number {
    if (end === depth || end === keyNibbles) throw invalid('an extension above a branch')
    const { pool } = this
    // Children write their own paths.
    const path = this.path.slice()
    const child = this.child(reader, end)
    if (child === NONE) throw invalid('a child')
    const isInline = child !== UNRESOLVED
    if (isInline) {
      if (pool.kindOf(child) !== Kind.Branch) throw invalid('a branch')
      this.keepReference(reader.bytes, this.inlineStart, reader.position)
    }
    const extension = newExtension(pool, end, child, path, 0)
    pool.words.set(this.words, extension + Part.reference)
    pool.words[extension] &= ~NodeFlag.Dirty
    if (isInline) pool.words[extension] |= NodeFlag.Inline
    return extension
  }

  /** A storage value: the RLP of a number that is not zero. */
  private value(reader: RlpReader): number {
    reader.string('value')
    const { start, end } = reader
    const inner = new RlpReader(reader.bytes, start, end)
    inner.number('value', 32)
    if (!inner.done) throw inner.fail('DECODE_RLP_TRAILING', 'value')
    if (inner.start === inner.end) throw invalid('a value that is not zero')
    return valueLeaf(this.pool, NONE, reader.bytes, start, end - start)
  }

  private account(reader: RlpReader): number {
    reader.string('account')
    const { bytes } = reader
    const fields = new RlpReader(bytes, reader.start, reader.end)
    const outer = fields.enter('account')
    fields.number('nonce', 8)
    const nonceAt = fields.start
    const nonceSize = fields.end - fields.start
    fields.number('balance', 32)
    const balanceAt = fields.start
    const balanceSize = fields.end - fields.start
    fields.sized('storageRoot', 32)
    const storageRoot = fields.payload()
    fields.sized('codeHash', 32)
    const codeHashAt = fields.start
    fields.leave('account', outer)
    if (!fields.done) throw fields.fail('DECODE_RLP_TRAILING', 'account')
    const value = { bytes, nonceAt, nonceSize, balanceAt, balanceSize, codeHashAt }
    if (Buffer.compare(storageRoot, emptyTrieRootBytes) === 0) {
      return accountLeaf(this.pool, NONE, value, NONE)
    }
    const leaf = accountLeaf(this.pool, NONE, value, UNRESOLVED)
    this.wordBytes.set(storageRoot)
    setStorageHash(this.pool, leaf, this.words)
    return leaf
  }
}

function invalid(expected: string) {
  return errorFor('STATE_NODE_INVALID', { expected })
}
