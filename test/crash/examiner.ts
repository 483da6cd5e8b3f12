/** A process that examines folders one after another, as long as its parent lives: `examiner WORLD`. */

import type { CourseName } from './course.js'
import { type Event, examine } from './examine.js'
import { World } from './world.js'

/** What is asked. */
export interface Question {
  readonly name: CourseName
  readonly folder: string
  readonly expected: readonly Event[]
  readonly isFailed: boolean
}

/** What is answered: what is wrong, if anything. */
export interface Answer {
  readonly problem: string | undefined
}

const world = World.read(process.argv[2])
const engine = await world.engine()
process.on('message', async ({ name, folder, expected, isFailed }: Question) => {
  let problem: string | undefined
  try {
    await examine({ world, name, folder, expected, isFailed, engine })
  } catch (error) {
    problem = error instanceof Error ? `${error.message}\n${error.stack}` : String(error)
  }
  process.send?.({ problem } satisfies Answer)
})
process.on('disconnect', () => process.exit())
process.send?.({ problem: undefined } satisfies Answer)
