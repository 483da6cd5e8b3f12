/** The hashes of what is empty. */

import type { Hex } from './hex/index.js'

/** keccak-256 of no bytes: the code hash of an account without code. */
export const emptyCodeHash: Hex =
  '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

/** keccak-256 of the RLP of an empty string: the root of a trie without leaves. */
export const emptyTrieRoot: Hex =
  '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

/** keccak-256 of the RLP of an empty list: the hash of no ommers. */
export const emptyOmmersHash: Hex =
  '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'

/** The bytes of {@link emptyCodeHash}. Not to be changed. */
export const emptyCodeHashBytes: Uint8Array = bytesOf(emptyCodeHash)

/** The bytes of {@link emptyTrieRoot}. Not to be changed. */
export const emptyTrieRootBytes: Uint8Array = bytesOf(emptyTrieRoot)

function bytesOf(hash: Hex): Uint8Array {
  return Uint8Array.from(Buffer.from(hash.slice(2), 'hex'))
}
