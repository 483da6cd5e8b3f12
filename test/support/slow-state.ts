/** A state in memory that answers as one on a disk does: by and by. */

import { setImmediate } from 'node:timers/promises'
import { type BlockReference, MemoryState, type StateChanges } from '../../lib/index.js'

export class SlowState extends MemoryState {
  /** How often it was moved. */
  steps = 0

  override async commit(result: StateChanges): Promise<void> {
    await setImmediate()
    super.commit(result)
    this.steps++
  }

  override async revert(to?: BlockReference): Promise<void> {
    await setImmediate()
    super.revert(to)
    this.steps++
  }

  /** Cannot be moved before a block is decided on. */
  override advance(): never {
    return undefined as never
  }
}
