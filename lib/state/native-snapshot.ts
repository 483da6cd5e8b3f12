/** Snapshots of states that are whole in native memory. */

import { hexToBytes } from '../arguments.js'
import { errorFor } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import type { NativeSnapshot } from '../native/addon.js'
import { translated } from '../native/load.js'
import { PackedReader } from '../native/packed-reader.js'
import { type Account, readAccount } from './account.js'
import type { StateAccess } from './readable-state.js'
import type { SnapshotBacking } from './snapshot.js'

/** Reads accounts, slots and code of a native state. */
export interface NativeReader {
  getAccount(address: Uint8Array): Uint8Array | null
  getStorage(address: Uint8Array, key: Uint8Array): Uint8Array
  getCode(address: Uint8Array, codeHash: Uint8Array): Uint8Array | null
}

/** An account out of a native state. */
export function accountIn(native: NativeReader, address: Uint8Array): Account | undefined {
  const record = translated(() => native.getAccount(address))
  return record === null ? undefined : readAccount(new PackedReader(record), 0)
}

/** The code of an account out of a native state. */
export function codeIn(native: NativeReader, address: Uint8Array): Hex {
  const account = accountIn(native, address)
  if (account === undefined) return '0x'
  const hash = hexToBytes(account.codeHash, 32, 'codeHash')
  const code = translated(() => native.getCode(address, hash))
  if (code === null) throw errorFor('STATE_MISSING_CODE', { address: account.address })
  return bytesToHex(code)
}

/** @internal */
export class NativeSnapshotBacking implements SnapshotBacking {
  readonly #native: NativeSnapshot

  constructor(native: NativeSnapshot) {
    this.#native = native
  }

  getAccount(address: Uint8Array): Account | undefined {
    return accountIn(this.#native, address)
  }

  getStorage(address: Uint8Array, slot: Uint8Array): Hex {
    return bytesToHex(translated(() => this.#native.getStorage(address, slot)))
  }

  getCode(address: Uint8Array): Hex {
    return codeIn(this.#native, address)
  }

  access(): StateAccess {
    return { kind: 'whole', view: this.#native }
  }

  override(packed: Uint8Array): NativeSnapshotBacking {
    return new NativeSnapshotBacking(translated(() => this.#native.override(packed)))
  }

  after(packed: Uint8Array): NativeSnapshotBacking {
    return new NativeSnapshotBacking(translated(() => this.#native.after(packed)))
  }

  release(): void {
    this.#native.release()
  }
}
