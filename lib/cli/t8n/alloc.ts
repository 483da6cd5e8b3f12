/** Accounts before and after a transition, as files of accounts have them. */

import { type Hex, quantity } from '../../hex/index.js'
import type { StateDiff } from '../../output/state-diff.js'
import { bytesOf, numberOf, objectOf, sizedOf, wordOf } from '../evm-tool/json-fields.js'

/** An account. */
export interface Account {
  readonly balance: bigint
  readonly nonce: bigint
  readonly code: Hex
  /** What is not zero, by slot. */
  readonly storage: Readonly<Record<Hex, Hex>>
}

/** Accounts by address. */
export type Accounts = ReadonlyMap<Hex, Account>

const zeroWord = wordOf('', '')

/** Reads accounts. Throws where they are none. */
export function readAccounts(value: unknown): Accounts {
  const accounts = new Map<Hex, Account>()
  for (const [key, given] of Object.entries(objectOf(value, 'alloc'))) {
    const address = sizedOf(key, 20, 'alloc')
    const { balance, nonce, code, storage } = objectOf(given, `alloc.${key}`)
    accounts.set(address, {
      balance: numberOf(balance ?? 0, `alloc.${key}.balance`),
      nonce: numberOf(nonce ?? 0, `alloc.${key}.nonce`, 64),
      code: bytesOf(code, `alloc.${key}.code`),
      storage: readStorage(storage ?? {}, `alloc.${key}.storage`),
    })
  }
  return accounts
}

function readStorage(value: unknown, name: string): Account['storage'] {
  const slots = Object.entries(objectOf(value, name)).map(([slot, word]) => [
    wordOf(slot, name),
    wordOf(word, `${name}.${slot}`),
  ])
  return Object.fromEntries(slots.filter(([, word]) => word !== zeroWord))
}

/** The accounts after a transition. */
export function accountsAfter(before: Accounts, changes: StateDiff): Accounts {
  const accounts = new Map(before)
  for (const change of changes) {
    const { address, exists, balance, nonce, code, storageCleared, slots } = change
    if (!exists.after) {
      accounts.delete(address)
      continue
    }
    const known = accounts.get(address)
    const storage: Record<Hex, Hex> = storageCleared ? {} : { ...known?.storage }
    for (const { slot, after } of slots) {
      if (after === zeroWord) delete storage[slot]
      else storage[slot] = after
    }
    accounts.set(address, {
      balance: balance.after,
      nonce: nonce.after,
      code: code ?? known?.code ?? '0x',
      storage,
    })
  }
  return accounts
}

/** Accounts as geth writes them: by address, without what is nothing. */
export function accountsJson(accounts: Accounts): Record<Hex, object> {
  const sorted = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    sorted.map(([address, { balance, nonce, code, storage }]) => {
      const slots = Object.entries(storage).sort(([a], [b]) => (a < b ? -1 : 1))
      const account = {
        ...(code === '0x' ? {} : { code }),
        ...(slots.length === 0 ? {} : { storage: Object.fromEntries(slots) }),
        balance: quantity(balance),
        ...(nonce === 0n ? {} : { nonce: quantity(nonce) }),
      }
      return [address, account]
    }),
  )
}
