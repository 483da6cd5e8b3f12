/** Accounts on their way into a lasting state. */

import { hexToBytes } from '../arguments.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { NativeStoreImport, translatedLater } from '../native/load.js'
import { type Alloc, packAlloc } from './alloc.js'
import { checkImport, checkPath, type LmdbImportOptions } from './lmdb-options.js'

/** Stands for the hash of a block, or of a chain, that is not known. */
export const zeroHash: Hex = `0x${'00'.repeat(32)}`

/** Fills a folder with accounts; gives the root. What fails leaves no state in it. */
export async function importAccounts(
  path: string,
  accounts: Alloc | AsyncIterable<Alloc>,
  options: LmdbImportOptions,
): Promise<Hex> {
  checkPath(path)
  checkImport(options)
  const { head, root, chain = zeroHash, preimages = true, sizeLimit, memory } = options
  const native = new NativeStoreImport()
  await translatedLater(() =>
    native.begin(path, { preimages, sizeLimit, memory, chain: hexToBytes(chain, 32, 'chain') }),
  )
  try {
    for await (const part of partsOf(accounts)) {
      await translatedLater(() => native.add(packAlloc(part)))
    }
    const { number, hash } = head ?? { number: 0n, hash: zeroHash }
    const expected = root === undefined ? undefined : hexToBytes(root, 32, 'root')
    const got = await translatedLater(() =>
      native.finish(number, hexToBytes(hash, 32, 'hash'), expected),
    )
    return bytesToHex(got)
  } catch (error) {
    await native.abandon()
    throw error
  }
}

/** Accounts in parts that are packed one by one. */
async function* partsOf(accounts: Alloc | AsyncIterable<Alloc>): AsyncIterable<Alloc> {
  const isStream = typeof accounts === 'object' && accounts !== null
  if (isStream && Symbol.asyncIterator in accounts) {
    yield* accounts as AsyncIterable<Alloc>
  } else {
    yield accounts as Alloc
  }
}
