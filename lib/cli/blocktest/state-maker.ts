/** The states that block tests are run on. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alloc } from '../../state/alloc.js'
import type { BlockReference } from '../../state/block-reference.js'
import { LmdbState } from '../../state/lmdb-state.js'
import { MemoryState } from '../../state/memory-state.js'
import type { State } from '../../state/state.js'

/** Makes a state that keeps its root and can undo whatever a test does. */
export type StateMaker = (alloc: Alloc, head: BlockReference) => Promise<State>

/** The kinds of state by name. */
export type StateName = 'memory' | 'lmdb'

/** No test has as many blocks. */
const history = 4096

/** Makers of states, and what removes the files that they have made. */
export function stateMaker(name: StateName): {
  readonly make: StateMaker
  end(): Promise<void>
} {
  const folders: string[] = []
  if (name === 'memory') {
    return {
      make: async (alloc, head) => new MemoryState(alloc, { history, trie: true, head }),
      end: async () => {},
    }
  }
  return {
    async make(alloc, head) {
      const folder = await mkdtemp(join(tmpdir(), 'braid-blocktest-'))
      folders.push(folder)
      await LmdbState.create(folder, alloc, { head })
      // Few tests are worth a disk's time: what is not written yet is lost with the test.
      return LmdbState.open(folder, { history, batch: 8, cache: 1 << 16, codeCache: 1 << 20 })
    },
    async end() {
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
    },
  }
}
