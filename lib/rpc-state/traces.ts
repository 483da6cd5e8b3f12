/** What a node's traces of a block tell of the state before it. */

import { emptyCodeHash } from '../empty-hashes.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import { keccak256 } from '../native/load.js'
import { changedBeforeTransactions } from '../prestate/changed-before.js'
import {
  accountsBefore,
  type TracedAccount,
  type TracedAccounts,
  type TraceResult,
} from '../prestate/traced-accounts.js'
import type { AccountFact } from '../state/facts.js'
import type { SeedKey, Seeds } from '../state/seeds.js'
import type { SourceAccount } from '../state/state-source.js'
import {
  addressIn,
  bytesIn,
  isNoCode,
  listIn,
  nonceIn,
  numberIn,
  recordIn,
  wordIn,
  wrong,
} from './answers.js'

/** The method that traces. */
export const traceMethod = 'debug_traceBlockByNumber'

/** The same for a block that is named by its hash. */
export const traceByHashMethod = 'debug_traceBlockByHash'

/**
 * What is asked for: what each transaction looked at, and what it changed. Code would come again with
 * every transaction that looks at it, and be most of the answer: its hash is enough.
 */
export const traceModes: readonly object[] = [false, true].map((diffMode) => ({
  tracer: 'prestateTracer',
  tracerConfig: { diffMode, disableCode: true },
}))

/** What traces tell. */
export interface TracedSeeds extends Seeds {
  /** Accounts that are known but for their code, of which the hash is known. */
  readonly codeless: readonly CodelessFact[]
}

/** An account whose code was not shown. */
export interface CodelessFact extends AccountFact {
  readonly account: SourceAccount & { readonly codeHash: Hex }
}

/**
 * The seeds of a block that its traces are: facts where nothing speaks against a value being the one
 * before the block, keys of everything.
 *
 * @throws RpcError `RPC_RESPONSE_INVALID`
 */
export function tracedSeeds([prestates, changes]: readonly unknown[]): TracedSeeds {
  const before = listIn(traceMethod, prestates).map((item) => ({
    result: accountsIn(recordIn(traceMethod, item).result),
  }))
  const after = listIn(traceMethod, changes).map((item) => {
    const { pre, post } = recordIn(traceMethod, recordIn(traceMethod, item).result)
    return { result: { pre: accountsIn(pre), post: accountsIn(post) } }
  })
  if (before.length !== after.length) {
    throw wrong(traceMethod, `${before.length} traces`, after.length)
  }
  // Nodes of before 2026 show neither code nor its hash where they are not to show code.
  const showsCode = before.some(({ result }) =>
    Object.values(result).some(
      ({ code, codeHash }) => code !== undefined || codeHash !== undefined,
    ),
  )
  const known = accountsBefore(before, after)
  for (const address of changedBeforeTransactions) known.delete(address)
  const accounts = [...known].flatMap(([address, { fields }]) =>
    fields === undefined || !showsCode ? [] : [accountFact(address, fields)],
  )
  const slots = [...known].flatMap(([address, account]) =>
    [...account.slots].map(([slot, value]) => ({ address, slot, value })),
  )
  const isCodeless = (fact: AccountFact): fact is CodelessFact =>
    fact.account?.codeHash !== undefined && fact.code === undefined
  return {
    facts: [...accounts.filter((fact) => !isCodeless(fact)), ...slots],
    codeless: accounts.filter(isCodeless),
    keys: keysIn(before),
  }
}

function accountFact(address: Hex, fields: ShownAccount): AccountFact {
  const balance = numberIn(traceMethod, fields.balance)
  const nonce = BigInt(fields.nonce ?? 0)
  const code = fields.code === undefined ? undefined : bytesIn(traceMethod, fields.code)
  const shownHash = wordIn(traceMethod, fields.codeHash ?? emptyCodeHash)
  const hash = code?.length ? bytesToHex(keccak256(code)) : shownHash
  const codeHash = isNoCode(hash) ? undefined : hash
  const isEmpty = balance === 0n && nonce === 0n && codeHash === undefined
  return { address, account: isEmpty ? undefined : { balance, nonce, codeHash }, code }
}

function keysIn(before: readonly TraceResult<TracedAccounts>[]): SeedKey[] {
  return before.flatMap(({ result }) =>
    (Object.entries(result) as [Hex, TracedAccount][]).flatMap(([address, { storage = {} }]) => [
      { address },
      ...(Object.keys(storage) as Hex[]).map((slot) => ({ address, slot })),
    ]),
  )
}

/** An account as newer nodes show it. */
interface ShownAccount extends TracedAccount {
  readonly codeHash?: Hex
}

/** Accounts of a trace, checked as far as they are looked at. */
function accountsIn(value: unknown): Readonly<Record<Hex, ShownAccount>> {
  const accounts: Record<Hex, ShownAccount> = {}
  for (const [address, item] of Object.entries(recordIn(traceMethod, value))) {
    const { nonce, storage, ...others } = recordIn(traceMethod, item)
    const isNonce = nonce === undefined || Number.isSafeInteger(nonce)
    if (!isNonce) nonceIn(traceMethod, nonce)
    const slots: Record<Hex, Hex> = {}
    for (const [slot, word] of Object.entries(recordIn(traceMethod, storage ?? {}))) {
      slots[wordIn(traceMethod, slot)] = wordIn(traceMethod, word)
    }
    accounts[addressIn(traceMethod, address)] = {
      ...(others as ShownAccount),
      ...(nonce !== undefined && { nonce: Number(nonce) }),
      storage: slots,
    }
  }
  return accounts
}
