/** Accounts into genesis files, geth's dumps and reth's `init-state` files, as streams of text. */

import { emptyCodeHash } from '../empty-hashes.js'
import { bytesOf, bytesToHex, type Hex, quantity } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import type { AccountRecord } from './account-record.js'

/** Accounts, as readers give them. */
export type AccountStream = AsyncIterable<AccountRecord> | Iterable<AccountRecord>

/** Text is handed on in pieces of about this many characters. */
const pieceSize = 1 << 16

/** The accounts as the `alloc` of a genesis file: an object of accounts by address. */
export async function* writeAlloc(accounts: AccountStream): AsyncGenerator<string, void, void> {
  yield '{'
  yield* pieces(
    members(accounts, ({ address }) => `"${address.slice(2)}":{`, hexMembers, '}', ',\n'),
  )
  yield '}\n'
}

/** How {@link writeGethDump} writes. */
export interface GethDumpOptions {
  /** The root of the state. */
  readonly stateRoot: Hex
  /** Lines of one account each, as of `geth dump --iterative`. Default false. */
  readonly iterative?: boolean | undefined
}

/**
 * The accounts as `geth dump` writes them. The roots of the accounts' storage, which nobody reads again,
 * are left out.
 */
export async function* writeGethDump(
  accounts: AccountStream,
  { stateRoot, iterative = false }: GethDumpOptions,
): AsyncGenerator<string, void, void> {
  const root = stateRoot.slice(2)
  if (iterative) {
    yield `{"root":"0x${root}"}\n`
    yield* pieces(
      members(accounts, ({ address }) => `{"address":"${address}",`, dumpMembers, '}\n'),
    )
    return
  }
  yield `{"root":"${root}","accounts":{`
  yield* pieces(members(accounts, ({ address }) => `"${address}":{`, dumpMembers, '}', ',\n'))
  yield '}}\n'
}

/** The accounts as the lines that `reth init-state` takes. */
export async function* writeInitState(
  accounts: AccountStream,
  { stateRoot }: Pick<GethDumpOptions, 'stateRoot'>,
): AsyncGenerator<string, void, void> {
  yield `{"root":"${stateRoot}"}\n`
  yield* pieces(members(accounts, ({ address }) => `{"address":"${address}",`, hexMembers, '}\n'))
}

/** The texts of accounts: storage first, since that may come in parts, then the members. */
async function* members(
  accounts: AccountStream,
  start: (account: AccountRecord) => string,
  rest: (account: AccountRecord) => string,
  end: string,
  separator = '',
): AsyncGenerator<string, void, void> {
  let between = ''
  let isOpen = false
  for await (const account of accounts) {
    const { storage, more } = account
    let text = ''
    if (!isOpen) text += between + start(account)
    if (storage.size > 0 || more) {
      const slots = Array.from(storage, ([slot, value]) => `"${slot}":"${value}"`).join(',')
      text += isOpen ? (storage.size > 0 ? `,${slots}` : '') : `"storage":{${slots}`
      isOpen = true
    }
    if (!more) {
      if (isOpen) text += '},'
      text += rest(account) + end
      isOpen = false
      between = separator
    }
    yield text
  }
}

function hexMembers({ balance, nonce, code }: AccountRecord): string {
  const optional = nonce === 0n ? '' : `,"nonce":"${quantity(nonce)}"`
  return `"balance":"${quantity(balance)}"${optional}${code === '0x' ? '' : `,"code":"${code}"`}`
}

function dumpMembers({ address, balance, nonce, code }: AccountRecord): string {
  const key = hashOf(address)
  const codeHash = code === '0x' ? emptyCodeHash : hashOf(code)
  const withCode = code === '0x' ? '' : `"code":"${code}",`
  return `"balance":"${balance}","nonce":${nonce},"codeHash":"${codeHash}",${withCode}"address":"${address}","key":"${key}"`
}

function hashOf(hex: Hex): Hex {
  return bytesToHex(keccak256(bytesOf(hex) as Uint8Array))
}

async function* pieces(texts: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let piece = ''
  for await (const text of texts) {
    piece += text
    if (piece.length >= pieceSize) {
      yield piece
      piece = ''
    }
  }
  if (piece !== '') yield piece
}
