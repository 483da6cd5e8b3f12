/** What a block has looked at and changed, and where in the block (EIP-7928). */

import { errorFor, shownValue } from '../errors.js'
import { bytesOf, bytesToHex, type Hex } from '../hex/index.js'
import { RlpReader } from '../rlp/reader.js'

/** What is said of an account at a place in its block: what has changed up to there. */
export interface AccountValues {
  /** In wei. */
  balance?: bigint
  nonce?: bigint
  code?: Hex
  /** Values by slot. */
  slots?: Record<Hex, bigint>
}

/** Whatever comes of a field at the places where the block changes it, places ascending. */
type Changes<Value> = readonly (readonly [place: number, value: Value])[]

interface AccountChanges {
  readonly address: Hex
  readonly slots: readonly (readonly [slot: Hex, changes: Changes<bigint>])[]
  readonly balance: Changes<bigint>
  readonly nonce: Changes<bigint>
  readonly code: Changes<Hex>
}

/** A block's access list, as it is beside the block. */
export class BlockAccessList {
  readonly #accounts: readonly AccountChanges[]

  /**
   * Reads the RLP of a list, as bytes or hex.
   *
   * @throws OptionsError `OPTION_INVALID` for anything else; BlockDecodeError where it is no list of that form
   */
  constructor(encoded: Uint8Array | string) {
    const bytes = bytesOf(encoded)
    if (bytes === undefined) {
      throw errorFor('OPTION_INVALID', {
        field: 'blockAccessList',
        expected: 'bytes, or hex',
        actual: shownValue(encoded),
      })
    }
    const reader = new RlpReader(bytes)
    this.#accounts = list(reader, 'blockAccessList', readAccount)
    if (!reader.done) throw reader.fail('DECODE_RLP_TRAILING', 'blockAccessList')
  }

  /** What the block has changed before the transaction of an index, by account. */
  before(transaction: number): ReadonlyMap<Hex, AccountValues> {
    // What comes before all transactions has place 0, so each comes at one more than its index.
    const last = <Value>(changes: Changes<Value>): Value | undefined =>
      changes.findLast(([place]) => place <= transaction)?.[1]
    const values = new Map<Hex, AccountValues>()
    for (const { address, slots, ...fields } of this.#accounts) {
      const account: AccountValues = {}
      const balance = last(fields.balance)
      const nonce = last(fields.nonce)
      const code = last(fields.code)
      if (balance !== undefined) account.balance = balance
      if (nonce !== undefined) account.nonce = nonce
      if (code !== undefined) account.code = code
      for (const [slot, changes] of slots) {
        const value = last(changes)
        if (value === undefined) continue
        account.slots ??= {}
        account.slots[slot] = value
      }
      if (Object.keys(account).length > 0) values.set(address, account)
    }
    return values
  }
}

function readAccount(reader: RlpReader): AccountChanges {
  reader.sized('address', 20)
  const address = bytesToHex(reader.payload())
  const slots = list(reader, 'storageChanges', (each) => {
    const slot = slotOf(each)
    return [slot, changes(each, 'storageChanges', numberOf)] as const
  })
  list(reader, 'storageReads', slotOf, false)
  return {
    address,
    slots,
    balance: changes(reader, 'balanceChanges', numberOf),
    nonce: changes(reader, 'nonceChanges', numberOf),
    code: changes(reader, 'codeChanges', codeOf),
  }
}

/** Changes of a field; they ascend. */
function changes<Value>(
  reader: RlpReader,
  field: string,
  readValue: (reader: RlpReader) => Value,
): Changes<Value> {
  let before = -1
  return list(reader, field, (each) => {
    each.uint64(`${field}.index`)
    const place = each.low
    if (each.high !== 0 || place <= before) {
      throw each.fail('DECODE_FIELD_SIZE', `${field}.index`, { actual: place })
    }
    before = place
    return [place, readValue(each)] as const
  })
}

/** The items of a list, which are lists themselves unless it is said that they are not. */
function list<Item>(
  reader: RlpReader,
  field: string,
  read: (reader: RlpReader) => Item,
  areLists = true,
): Item[] {
  const items: Item[] = []
  const outer = reader.enter(field)
  while (!reader.done) {
    if (!areLists) {
      items.push(read(reader))
      continue
    }
    const inner = reader.enter(field)
    items.push(read(reader))
    reader.leave(field, inner)
  }
  reader.leave(field, outer)
  return items
}

function numberOf(reader: RlpReader): bigint {
  return reader.bigint('value', 32)
}

function slotOf(reader: RlpReader): Hex {
  return `0x${reader.bigint('slot', 32).toString(16).padStart(64, '0')}`
}

function codeOf(reader: RlpReader): Hex {
  reader.string('code')
  return bytesToHex(reader.payload())
}
