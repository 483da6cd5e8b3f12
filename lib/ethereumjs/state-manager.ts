/** The state manager of a VM as the source of a state, and as what takes its changes. */

import type { StateManagerInterface } from '@ethereumjs/common'
import type { Address } from '@ethereumjs/util'
import type { VM } from '@ethereumjs/vm'
import { hexToBytes } from '../arguments.js'
import { emptyTrieRootBytes } from '../empty-hashes.js'
import type { Hex } from '../hex/index.js'
import type { StateDiff } from '../output/state-diff.js'
import type { SourceAccount, StateSource } from '../state/state-source.js'

/** The caller's class of addresses: this package does not bring `@ethereumjs/util` itself. */
export type AddressClass = new (bytes: Uint8Array) => Address

/** The class of an address. */
export function addressClassOf(address: Address): AddressClass {
  return address.constructor as AddressClass
}

/** Reads the state that a VM is on, and its blockchain. */
export class VmSource implements StateSource {
  readonly #vm: VM
  readonly #Address: AddressClass

  constructor(vm: VM, Address: AddressClass) {
    this.#vm = vm
    this.#Address = Address
  }

  async getAccount(address: Hex): Promise<SourceAccount | undefined> {
    const account = await this.#vm.stateManager.getAccount(this.#address(address))
    if (account === undefined) return undefined
    const { nonce, balance, codeHash, storageRoot } = account
    // That no root is set says nothing: the manager may hold slots that the trie does not have yet.
    const isSet = Buffer.compare(storageRoot, emptyTrieRootBytes) !== 0
    return { nonce, balance, codeHash, ...(isSet ? { storageRoot } : {}) }
  }

  async getStorage(address: Hex, slot: Hex): Promise<Uint8Array> {
    const key = hexToBytes(slot, 32, 'slot')
    return this.#vm.stateManager.getStorage(this.#address(address), key)
  }

  async getCode(_codeHash: Hex, address: Hex): Promise<Uint8Array | undefined> {
    const code = await this.#vm.stateManager.getCode(this.#address(address))
    return code.length === 0 ? undefined : code
  }

  async getBlockHash(number: bigint): Promise<Uint8Array> {
    const block = await this.#vm.blockchain.getBlock(Number(number))
    return block.hash()
  }

  #address(hex: Hex): Address {
    return new this.#Address(hexToBytes(hex, 20, 'address'))
  }
}

/** Writes what an execution changed to a state manager. */
export async function writeChanges(
  manager: StateManagerInterface,
  diff: StateDiff,
  Address: AddressClass,
): Promise<void> {
  for (const change of diff) {
    const address = new Address(hexToBytes(change.address, 20, 'address'))
    const { exists, nonce, balance, code } = change
    if (!exists.after) {
      if (exists.before) await manager.deleteAccount(address)
      continue
    }
    if (change.storageCleared) await manager.clearStorage(address)
    await manager.modifyAccountFields(address, { nonce: nonce.after, balance: balance.after })
    if (code !== undefined) await manager.putCode(address, Buffer.from(code.slice(2), 'hex'))
    for (const { slot, after } of change.slots) {
      await manager.putStorage(address, hexToBytes(slot, 32, 'slot'), shortest(after))
    }
  }
}

/** The bytes of a number without leading zeros: none for zero. */
function shortest(value: Hex): Uint8Array {
  const bytes = hexToBytes(value, 32, 'value')
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? new Uint8Array(0) : bytes.slice(first)
}
