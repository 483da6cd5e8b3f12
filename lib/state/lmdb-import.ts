/** Accounts on their way into a lasting state. */

import { hexToBytes } from '../arguments.js'
import { bytesToHex, type Hex, zeroHash } from '../hex/index.js'
import { NativeStoreImport, translatedLater } from '../native/load.js'
import { type Alloc, packAlloc } from './alloc.js'
import { checkImport, checkPath, type LmdbImportOptions } from './lmdb-options.js'

/** How often who looks on is told how far an import is, in milliseconds. */
const progressInterval = 250

/**
 * Fills a folder with accounts, packed; gives the root. What fails leaves no state in it.
 *
 * @param packed makes the packed accounts, when the folder is there
 */
export async function importAccounts(
  path: string,
  packed: () => AsyncIterable<Uint8Array>,
  options: LmdbImportOptions,
): Promise<Hex> {
  checkPath(path)
  checkImport(options)
  const { head, root, chain = zeroHash, preimages = true, sizeLimit, memory } = options
  const native = new NativeStoreImport()
  await translatedLater(() =>
    native.begin(path, { preimages, sizeLimit, memory, chain: hexToBytes(chain, 32, 'chain') }),
  )
  const tell = () => options.onProgress?.(native.progress())
  try {
    let told = performance.now()
    for await (const part of packed()) {
      await translatedLater(() => native.add(part))
      if (performance.now() - told < progressInterval) continue
      tell()
      told = performance.now()
    }
    const { number, hash } = head ?? { number: 0n, hash: zeroHash }
    const expected = root === undefined ? undefined : hexToBytes(root, 32, 'root')
    const finished = translatedLater(() =>
      native.finish(number, hexToBytes(hash, 32, 'hash'), expected),
    )
    const got = await toldMeanwhile(finished, tell)
    return bytesToHex(got)
  } catch (error) {
    await native.abandon()
    throw error
  }
}

/** Waits for a promise, and tells how far it is. */
async function toldMeanwhile<Value>(promise: Promise<Value>, tell: () => void): Promise<Value> {
  let failure: { readonly error: unknown } | undefined
  const told = (): void => {
    try {
      tell()
    } catch (error) {
      failure ??= { error }
    }
  }
  const timer = setInterval(told, progressInterval)
  try {
    const value = await promise
    told()
    if (failure !== undefined) throw failure.error
    return value
  } finally {
    clearInterval(timer)
  }
}

/** Packs an alloc, or the parts of one that come out of a stream. */
export async function* packedAllocs(
  accounts: Alloc | AsyncIterable<Alloc>,
): AsyncIterable<Uint8Array> {
  const isStream = typeof accounts === 'object' && accounts !== null
  if (isStream && Symbol.asyncIterator in accounts) {
    for await (const part of accounts as AsyncIterable<Alloc>) yield packAlloc(part)
  } else {
    yield packAlloc(accounts as Alloc)
  }
}
