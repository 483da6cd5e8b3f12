/** The access list that makes a call cheapest, as far as geth knows one (EIP-2930). */

import { demand } from '../arguments.js'
import { bytesToHex, type Hex, uint256ToBytes } from '../hex/index.js'
import { toRpcForm } from '../json.js'
import { keccak256, recoverAddresses } from '../native/load.js'
import { RlpWriter } from '../rlp/writer.js'
import type { CallOutcome } from './outcome.js'
import { parityOf } from './pack-calls.js'
import { precompilesOf } from './precompiles.js'
import {
  type CallAuthorization,
  type CallRequest,
  checkRequest,
  creates,
  numberOf,
  senderOf,
} from './request.js'
import type { CallSession, Ran } from './session.js'

/** An account that a call looks up, and which of its slots. */
export interface AccessListItem {
  /** The account. */
  readonly address: Hex
  /** Its slots, 32 bytes each. */
  readonly storageKeys: readonly Hex[]
}

/** The accounts and slots that a call looks up, and what it came to with them in its access list. */
export class AccessListResult {
  /** By address, the slots of each by key. */
  readonly accessList: readonly AccessListItem[]
  /** What became of the call with that list. */
  readonly outcome: CallOutcome
  /** The gas that the call used with that list; 0 where it was not run. */
  readonly gasUsed: bigint

  /** @internal */
  constructor(accessList: readonly AccessListItem[], outcome: CallOutcome) {
    this.accessList = accessList
    this.outcome = outcome
    this.gasUsed = outcome.status === 'invalid' ? 0n : outcome.gasUsed
  }

  /** As `eth_createAccessList` answers. */
  toJSON(): object {
    const { accessList, outcome, gasUsed } = this
    const error =
      outcome.status === 'success'
        ? undefined
        : outcome.status === 'reverted'
          ? 'execution reverted'
          : outcome.reason
    return toRpcForm({ accessList, error, gasUsed }) as object
  }
}

/** What an authorization costs, where its account does not exist (EIP-7702). */
const authorizationGas = 25_000n

/** Runs the call again and again, with all that it has looked up so far, until that is all. */
export async function createAccessList(
  session: CallSession,
  request: CallRequest,
): Promise<AccessListResult> {
  checkRequest(request, '')
  checkAuthorizationGas(session, request)
  const excluded = await excludedAddresses(session, request)
  let list = new LocationList(excluded)
  for (const { address, storageKeys } of request.accessList ?? []) {
    list.addAccount(address.toLowerCase())
    for (const key of storageKeys) list.addSlot(address.toLowerCase(), key.toLowerCase())
  }
  for (;;) {
    const accessList = list.entries()
    const ran = await runWith(session, { ...request, accessList }, true)
    const next = list.with(ran.accessed(0))
    const outcome = ran.outcome(0)
    if (outcome.status === 'invalid' || next.size === list.size) {
      return new AccessListResult(accessList, outcome)
    }
    list = next
  }
}

function runWith(
  session: CallSession,
  request: CallRequest,
  recordsAccesses: boolean,
): Promise<Ran> {
  return session.run([{ request, place: '' }], { recordsAccesses })
}

function checkAuthorizationGas({ gasCap }: CallSession, request: CallRequest): void {
  const { authorizationList } = request
  if (authorizationList === undefined) return
  demand(Array.isArray(authorizationList), 'authorizationList', 'an array', authorizationList)
  const wanted = request.gas === undefined ? gasCap : numberOf(request.gas, 64, 'gas')
  const most = (wanted < gasCap ? wanted : gasCap) / authorizationGas
  const count = authorizationList.length
  demand(BigInt(count) <= most, 'authorizationList', `at most ${most} for the gas`, count)
}

/** Who is warm anyway: sender, recipient, precompiled contracts, and those who authorize. */
async function excludedAddresses(
  { state, context }: CallSession,
  request: CallRequest,
): Promise<ReadonlySet<string>> {
  const { ruleset } = context
  const excluded = new Set(precompilesOf(ruleset.revision))
  const sender = senderOf(request, '')
  excluded.add(sender)
  if (creates(request)) {
    const account = await state.getAccount(sender)
    excluded.add(createdAddress(sender, account?.nonce ?? 0n))
  } else {
    excluded.add(String(request.to).toLowerCase())
  }
  for (const authority of authorities(request, ruleset.chainId)) excluded.add(authority)
  return excluded
}

/** The contract that an account creates with its nonce. */
function createdAddress(sender: string, nonce: bigint): Hex {
  const writer = new RlpWriter(64)
  writer.quantity(nonce, 'nonce', 8)
  writer.data(sender, 'from', 20)
  writer.list(0)
  return bytesToHex(keccak256(writer.peek()).subarray(12))
}

/** Who made the authorizations that can hold on the chain. */
function authorities({ authorizationList = [] }: CallRequest, chainId: bigint): Hex[] {
  const holding = authorizationList.filter(({ chainId: id, nonce }, i) => {
    const place = `authorizationList[${i}]`
    const chain = numberOf(id, 256, `${place}.chainId`)
    const isLast = numberOf(nonce, 64, `${place}.nonce`) === (1n << 64n) - 1n
    return (chain === 0n || chain === chainId) && !isLast
  })
  const named = holding.flatMap(({ authority }) => authority?.toLowerCase() ?? [])
  const signed = holding.filter(({ authority }) => authority === undefined)
  const signers = recoverAddresses(Buffer.concat(signed.map(signatureOf)))
  const recovered = signed.flatMap((_, i) =>
    signers[21 * i] === 1 ? bytesToHex(signers.subarray(21 * i + 1, 21 * i + 21)) : [],
  )
  return [...(named as Hex[]), ...recovered]
}

/** An authorization as its signer is recovered from: hash, r, s, parity. */
function signatureOf(authorization: CallAuthorization): Uint8Array {
  const { chainId, address, nonce, r, s } = authorization
  const writer = new RlpWriter(96)
  writer.quantity(nonce, 'nonce', 8)
  writer.data(address, 'address', 20)
  writer.quantity(chainId, 'chainId', 32)
  writer.list(0)
  writer.byte(0x05)
  return Buffer.concat([
    keccak256(writer.peek()),
    uint256ToBytes(numberOf(r, 256, 'r')),
    uint256ToBytes(numberOf(s, 256, 's')),
    Uint8Array.of(parityOf(authorization, 'authorizationList')),
  ])
}

/** Accounts and slots, each once. */
class LocationList {
  readonly #excluded: ReadonlySet<string>
  readonly #slots = new Map<string, Set<string>>()

  constructor(excluded: ReadonlySet<string>) {
    this.#excluded = excluded
  }

  /** Accounts and slots, counted. */
  get size(): number {
    let size = 0
    for (const slots of this.#slots.values()) size += 1 + slots.size
    return size
  }

  addAccount(address: string): void {
    if (!this.#excluded.has(address)) this.#slotsOf(address)
  }

  /** A slot counts whoever's it is. */
  addSlot(address: string, slot: string): void {
    this.#slotsOf(address).add(slot)
  }

  with(accessed: ReturnType<Ran['accessed']>): LocationList {
    const list = new LocationList(this.#excluded)
    for (const [address, slots] of this.#slots) list.#slots.set(address, new Set(slots))
    for (const { address, slot } of accessed) {
      if (slot === undefined) list.addAccount(address)
      else list.addSlot(address, slot)
    }
    return list
  }

  entries(): AccessListItem[] {
    return [...this.#slots]
      .map(([address, slots]) => ({
        address: address as Hex,
        storageKeys: [...slots].sort() as Hex[],
      }))
      .sort((a, b) => (a.address < b.address ? -1 : 1))
  }

  #slotsOf(address: string): Set<string> {
    let slots = this.#slots.get(address)
    if (slots === undefined) {
      slots = new Set()
      this.#slots.set(address, slots)
    }
    return slots
  }
}
