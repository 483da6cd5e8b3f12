/**
 * What a node's `prestateTracer` tells of the state before a block.
 *
 * The tracer answers per transaction: what each of them looked at, as it was before that transaction.
 * The first answer that shows an account or a slot shows what it was before the block, if no earlier
 * transaction changed it; that is what the answers of the same tracer in `diffMode` say. Whatever is
 * in doubt is left out: what is not known can be asked for, what is wrong cannot be told from right.
 */

import type { Hex } from '../hex/index.js'

/** An account as `prestateTracer` shows it. */
export interface TracedAccount {
  readonly balance?: Hex
  readonly nonce?: number
  readonly code?: Hex
  readonly storage?: Readonly<Record<Hex, Hex>>
}

/** Accounts by address. */
export type TracedAccounts = Readonly<Record<Hex, TracedAccount>>

/** What a block's trace holds of each transaction. */
export interface TraceResult<Result> {
  readonly result: Result
}

/** What `prestateTracer` shows in `diffMode`. */
export interface TracedChanges {
  /** The accounts that changed, before it. */
  readonly pre: TracedAccounts
  /** What of them changed, after it; accounts that are gone are absent. */
  readonly post: TracedAccounts
}

/** What is known of an address before a block. */
export interface KnownAccount {
  /** Its fields; undefined: they are not known. */
  fields: TracedAccount | undefined
  /** Its slots, as far as they are known. */
  readonly slots: Map<Hex, Hex>
}

/** The state before a block, as far as the traces of its transactions tell it. */
export function accountsBefore(
  prestates: readonly TraceResult<TracedAccounts>[],
  changes: readonly TraceResult<TracedChanges>[],
): Map<Hex, KnownAccount> {
  const known = new Map<Hex, Entry>()
  const entryAt = (address: Hex): Entry => {
    let entry = known.get(address)
    if (entry === undefined) {
      entry = { fields: undefined, slots: new Map(), changed: false, changedSlots: new Set() }
      known.set(address, entry)
    }
    return entry
  }
  prestates.forEach(({ result: before }, i) => {
    for (const [address, account] of entriesOf(before)) learn(entryAt(address), account)
    const { pre, post } = changes[i].result
    for (const [address, account] of entriesOf(pre)) noteChange(entryAt(address), account)
    for (const [address, account] of entriesOf(post)) noteChange(entryAt(address), account)
    // Whatever is shown of an account that was destroyed is of another one at its address.
    for (const [address] of entriesOf(pre)) {
      if (!(address in post)) entryAt(address).destroyed = true
    }
  })
  return known
}

interface Entry extends KnownAccount {
  /** Whether an earlier transaction has changed fields, or may have. */
  changed: boolean
  /** The slots that earlier transactions have changed. */
  readonly changedSlots: Set<Hex>
  destroyed?: boolean
}

function learn(entry: Entry, account: TracedAccount): void {
  if (entry.destroyed) return
  if (!entry.changed) entry.fields ??= account
  for (const [slot, value] of entriesOf(account.storage ?? {})) {
    if (!entry.slots.has(slot) && !entry.changedSlots.has(slot)) entry.slots.set(slot, value)
  }
}

function noteChange(entry: Entry, { storage }: TracedAccount): void {
  entry.changed = true
  for (const slot of Object.keys(storage ?? {}) as Hex[]) entry.changedSlots.add(slot)
}

function entriesOf<Value>(object: Readonly<Record<Hex, Value>>): [Hex, Value][] {
  return Object.entries(object) as [Hex, Value][]
}
