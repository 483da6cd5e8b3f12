/** Damages the file of a state at random, and has somebody read it. */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LmdbState } from '../../lib/index.js'
import type { Random } from '../random.js'
import { AskedProcess } from './asked-process.js'
import { placesIn } from './course.js'
import type { ReadAnswer, Reading, ReadQuestion, ReadResult } from './reader.js'
import { history, type World } from './world.js'

/** How what is damaged is read. */
export const readings: readonly Reading[] = [
  'opened with a check',
  'checked when open',
  'unchecked',
]

const pageSize = 4096

/** What came of readings of one kind. */
export type DamageCounts = Record<ReadResult | 'died', number>

/** A state in a file, damaged copies of which are read by a process of their own. */
export class DamagedReads {
  readonly #folder: string
  readonly #whole: Buffer
  readonly #world: World
  readonly #reader: AskedProcess<ReadQuestion, ReadAnswer>

  private constructor(folder: string, worldFile: string, world: World, whole: Buffer) {
    this.#folder = folder
    this.#whole = whole
    this.#world = world
    const program = fileURLToPath(new URL('reader.js', import.meta.url))
    this.#reader = new AskedProcess(program, [worldFile])
  }

  /** Makes the state: its tables are of several levels, and some of its pages are free. */
  static async create(folder: string, worldFile: string, world: World): Promise<DamagedReads> {
    mkdirSync(folder, { recursive: true })
    const { state: path } = placesIn(folder)
    const { number, hash } = world.genesis
    await LmdbState.create(path, world.alloc, { head: { number, hash } })
    const state = await LmdbState.open(path, { history })
    const engine = await world.engine()
    const chain = await world.open(engine, state)
    for (const block of world.trunk(1, 12)) await chain.import(block)
    await state[Symbol.asyncDispose]()
    engine.close()
    return new DamagedReads(folder, worldFile, world, readFileSync(join(path, 'data.mdb')))
  }

  /** Damages a copy and has it read. What must not happen is told. */
  async read(
    reading: Reading,
    random: Random,
  ): Promise<{ result: keyof DamageCounts; problem?: string }> {
    const { bytes, damage } = this.#damaged(random)
    const { state } = placesIn(this.#folder)
    writeFileSync(join(state, 'data.mdb'), bytes)
    const asked = await this.#reader.ask({ reading, folder: state, head: this.#world.at(12).hash })
    const result = 'death' in asked ? 'died' : asked.answer.result
    if (reading === 'unchecked' && result !== 'untyped') return { result }
    if ('answer' in asked && (result === 'told' || result === 'right')) return { result }
    const file = join(this.#folder, `damaged-${damage.replaceAll(/[^\w]+/g, '-')}.mdb`)
    copyFileSync(join(state, 'data.mdb'), file)
    const what = 'death' in asked ? asked.death : asked.answer.detail
    return { result, problem: `${reading}, ${damage}: ${result}, ${what}; see ${file}` }
  }

  stop(): void {
    this.#reader.stop()
  }

  #damaged(random: Random): { bytes: Buffer; damage: string } {
    const whole = this.#whole
    const bytes = Buffer.from(whole)
    const pages = whole.length / pageSize
    const pageAt = () => random.below(pages) * pageSize
    const kind = random.below(10)
    if (kind === 0) {
      const size = random.below(whole.length)
      return { bytes: bytes.subarray(0, size), damage: `cut off at ${size}` }
    }
    if (kind === 1) {
      const at = random.below(whole.length / 512) * 512
      bytes.fill(random.pick([0, 0xff]), at, at + 512)
      return { bytes, damage: `a sector filled at ${at}` }
    }
    if (kind === 2) {
      const [from, to] = [pageAt(), pageAt()]
      whole.copy(bytes, to, from, from + pageSize)
      return { bytes, damage: `page ${from / pageSize} in place of ${to / pageSize}` }
    }
    const flipped: string[] = []
    for (let flips = random.pick([1, 1, 1, 2, 8]); flips > 0; flips--) {
      // Where the structure is, or anywhere.
      const at = random.below(2) === 0 ? pageAt() + random.below(64) : random.below(whole.length)
      const bit = random.below(8)
      bytes[at] ^= 1 << bit
      flipped.push(`${at}.${bit}`)
    }
    return { bytes, damage: `flipped ${flipped.join(' ')}` }
  }
}
