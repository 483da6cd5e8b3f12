/** Snapshots of strict states, which tell what they were not given. */

import { type BraidError, errorFor } from '../errors.js'
import { bytesToHex, type Hex } from '../hex/index.js'
import type { NativePartialState, NativePartialView } from '../native/addon.js'
import { translated } from '../native/load.js'
import type { Account } from './account.js'
import { missingError } from './missing-error.js'
import { accountIn, codeIn } from './native-snapshot.js'
import type { StateAccess } from './readable-state.js'
import type { SnapshotBacking } from './snapshot.js'

/** The error for moving on what is known in part, under overrides. */
export function overridden(): BraidError {
  const expected = 'one without overrides'
  return errorFor('OPTION_UNSUPPORTED', { field: 'state', expected })
}

/** @internal */
export class StrictBacking implements SnapshotBacking {
  readonly #known: NativePartialState
  readonly #layers: readonly Uint8Array[]

  /**
   * @param known what there is, which nobody changes
   * @param layers packed overrides over it, the lowest first
   */
  constructor(known: NativePartialState, layers: readonly Uint8Array[] = []) {
    this.#known = known
    this.#layers = layers
  }

  getAccount(address: Uint8Array): Account | undefined {
    return this.#read((view) => accountIn(view, address))
  }

  getStorage(address: Uint8Array, slot: Uint8Array): Hex {
    return this.#read((view) => bytesToHex(translated(() => view.getStorage(address, slot))))
  }

  getCode(address: Uint8Array): Hex {
    return this.#read((view) => codeIn(view, address))
  }

  access(): StateAccess {
    return { kind: 'strict', view: this.#view() }
  }

  override(packed: Uint8Array): StrictBacking {
    return new StrictBacking(this.#known, [...this.#layers, packed])
  }

  after(packed: Uint8Array): StrictBacking {
    if (this.#layers.length > 0) throw overridden()
    const known = this.#known.clone()
    translated(() => known.commit(packed))
    return new StrictBacking(known)
  }

  release(): void {}

  #view(): NativePartialView {
    return translated(() => this.#known.view(this.#layers))
  }

  #read<Value>(read: (view: NativePartialView) => Value): Value {
    const view = this.#view()
    const value = read(view)
    const missing = view.takeMissing()
    if (missing.length > 0) throw missingError(missing)
    return value
  }
}
