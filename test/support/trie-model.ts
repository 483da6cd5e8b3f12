/** A state as plain maps, changes of it as packed outputs, and its root by @ethereumjs/mpt. */

import { createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { keccak256 } from '../../lib/native/load.js'
import {
  AccountChange,
  AccountFlag,
  BlockOutput,
  Magic,
  SlotChange,
  WIRE_VERSION,
} from '../../lib/native/wire.js'
import type { Alloc } from '../../lib/state/alloc.js'
import type { Random } from '../random.js'

/** An account; slots by their key in 32 bytes of hex. */
export interface ModelAccount {
  nonce: bigint
  balance: bigint
  codeHash: string
  storage: Map<string, bigint>
  /** Whether its storage was cleared since the model was copied. */
  cleared: boolean
}

/** Accounts by address, hex without a prefix. */
export type Model = Map<string, ModelAccount>

export const noCode = Buffer.from(keccak256(new Uint8Array(0))).toString('hex')

/** A copy, in which no storage was cleared yet. */
export function copyModel(model: Model): Model {
  return new Map(
    [...model].map(([address, account]) => [
      address,
      { ...account, storage: new Map(account.storage), cleared: false },
    ]),
  )
}

/** The model as a pre-state; code is known by its hash alone. */
export function allocOf(model: Model): Alloc {
  const accounts = [...model].map(([address, { nonce, balance, codeHash, storage }]) => [
    `0x${address}`,
    {
      nonce,
      balance,
      codeHash: `0x${codeHash}`,
      storage: Object.fromEntries([...storage].map(([key, value]) => [`0x${key}`, value])),
    },
  ])
  return Object.fromEntries(accounts) as Alloc
}

/** A bit of everything that a block may do to a state. */
export function randomChanges(random: Random, model: Model, addresses: number): void {
  for (let i = 1 + random.below(12); i > 0; i--) {
    const address = addressOf(random.below(addresses))
    const account = model.get(address)
    if (account === undefined) {
      model.set(address, {
        nonce: BigInt(random.below(300)),
        balance:
          random.below(3) === 0 ? 0n : BigInt(random.below(2 ** 31)) ** BigInt(random.below(8)),
        codeHash: random.below(2) === 0 ? noCode : hash(random.bytes(4)),
        storage: new Map(),
        // Whatever was there before is gone.
        cleared: true,
      })
      continue
    }
    switch (random.below(8)) {
      case 0:
        model.delete(address)
        break
      case 1:
        account.storage.clear()
        account.cleared = true
        break
      case 2:
        account.nonce += BigInt(2 ** random.below(60))
        account.nonce &= (1n << 64n) - 1n
        break
      case 3:
        account.balance = 0n
        break
      case 4:
        account.codeHash = random.below(2) === 0 ? noCode : hash(random.bytes(4))
        break
      default:
        for (let slots = random.below(6); slots >= 0; slots--) {
          const key = random.below(25).toString(16).padStart(64, '0')
          if (random.below(3) === 0) account.storage.delete(key)
          else
            account.storage.set(key, 1n + BigInt(random.below(2 ** 31)) ** BigInt(random.below(8)))
        }
    }
  }
}

export function addressOf(number: number): string {
  return number.toString(16).padStart(40, 'a')
}

/** The difference of two models as the packed output of an execution. */
export function packDifference(before: Model, after: Model): { readonly packed: Uint8Array } {
  const accounts: Buffer[] = []
  const slots: Buffer[] = []
  for (const address of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(address)
    const now = after.get(address)
    const first = slots.length
    const cleared = old !== undefined && now?.cleared === true
    for (const key of new Set([...(old?.storage.keys() ?? []), ...(now?.storage.keys() ?? [])])) {
      const was = old?.storage.get(key) ?? 0n
      const is = now?.storage.get(key) ?? 0n
      if (was !== is || (cleared && is !== 0n)) slots.push(packSlot(key, was, is))
    }
    const isSame =
      old !== undefined &&
      now !== undefined &&
      old.nonce === now.nonce &&
      old.balance === now.balance &&
      old.codeHash === now.codeHash
    if (isSame && !cleared && slots.length === first) continue
    const record = Buffer.alloc(AccountChange.SIZE)
    const sides = [
      [old, AccountChange.nonceBefore, AccountChange.balanceBefore, AccountChange.codeHashBefore],
      [now, AccountChange.nonceAfter, AccountChange.balanceAfter, AccountChange.codeHashAfter],
    ] as const
    for (const [side, nonce, balance, codeHash] of sides) {
      record.writeBigUInt64LE(side?.nonce ?? 0n, nonce)
      record.set(word(side?.balance ?? 0n), balance)
      record.set(Buffer.from(side?.codeHash ?? noCode, 'hex'), codeHash)
    }
    record.set(Buffer.from(address, 'hex'), AccountChange.address)
    const flags =
      (old === undefined ? 0 : AccountFlag.ExistedBefore) |
      (now === undefined ? 0 : AccountFlag.ExistsAfter) |
      (cleared || (old !== undefined && now === undefined) ? AccountFlag.StorageCleared : 0)
    record.writeUInt32LE(flags, AccountChange.flags)
    record.writeUInt32LE(first, AccountChange.slotStart)
    record.writeUInt32LE(slots.length - first, AccountChange.slotCount)
    accounts.push(record)
  }
  const header = Buffer.alloc(BlockOutput.SIZE)
  header.writeUInt32LE(Magic.BlockOutput, BlockOutput.magic)
  header.writeUInt32LE(WIRE_VERSION, BlockOutput.version)
  header.writeUInt32LE(BlockOutput.SIZE, BlockOutput.accounts)
  header.writeUInt32LE(accounts.length, BlockOutput.accounts + 4)
  const slotsAt = BlockOutput.SIZE + accounts.length * AccountChange.SIZE
  header.writeUInt32LE(slotsAt, BlockOutput.slots)
  header.writeUInt32LE(slots.length, BlockOutput.slots + 4)
  return { packed: Buffer.concat([header, ...accounts, ...slots]) }
}

/** The state trie of a model. */
export async function mptOf(model: Model): Promise<MerklePatriciaTrie> {
  const trie = await createMPT({ useKeyHashing: true })
  for (const [address, { nonce, balance, codeHash, storage }] of model) {
    const storageRoot = (await storageMptOf(storage)).root()
    const value = RLP.encode([nonce, balance, storageRoot, Buffer.from(codeHash, 'hex')])
    await trie.put(Buffer.from(address, 'hex'), value)
  }
  return trie
}

/** The storage trie of an account. */
export async function storageMptOf(storage: ReadonlyMap<string, bigint>) {
  const trie = await createMPT({ useKeyHashing: true })
  for (const [key, value] of storage) await trie.put(Buffer.from(key, 'hex'), RLP.encode(value))
  return trie
}

function packSlot(key: string, before: bigint, after: bigint): Buffer {
  const record = Buffer.alloc(SlotChange.SIZE)
  record.set(Buffer.from(key, 'hex'), SlotChange.key)
  record.set(word(before), SlotChange.before)
  record.set(word(after), SlotChange.after)
  return record
}

function word(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex')
}

function hash(bytes: Uint8Array): string {
  return Buffer.from(keccak256(bytes)).toString('hex')
}
