/** Kills processes at failpoints and at random moments, and has examined what they leave. */

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Random } from '../random.js'
import { AskedProcess } from './asked-process.js'
import { type CourseName, courseNames } from './course.js'
import { type Event, readLog } from './examine.js'
import type { Answer, Question } from './examiner.js'

/** What one course does when nobody kills it. */
interface Survey {
  readonly events: readonly Event[]
  /** How often it passes each failpoint. */
  readonly passes: ReadonlyMap<string, number>
  /** In milliseconds. */
  readonly duration: number
}

/** A course that is not to get to its end. */
export interface Attempt {
  readonly name: CourseName
  /** Where it ends, and the how manieth time there. */
  readonly failpoint?: string
  readonly time?: number
  /** What the system says there; else the process is killed. */
  readonly error?: string
  /** After how many milliseconds it is killed at the latest. */
  readonly delay?: number
}

/** What was done. */
export interface KillCounts {
  killed: number
  /** Told of an error of the system by an error with a code. */
  failed: number
  /** Runs that had ended before their time. */
  ended: number
  readonly problems: string[]
}

/** How a victim may end. */
const deaths: Readonly<Record<string, 'killed' | 'failed' | 'ended' | undefined>> = {
  SIGKILL: 'killed',
  'exit code 3': 'failed',
  'exit code 0': 'ended',
}

/** Milliseconds after which a process counts as one that never ends. */
const stuckAfter = 180_000

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Runs courses in processes of their own. */
export class Killer {
  readonly counts: KillCounts = { killed: 0, failed: 0, ended: 0, problems: [] }
  /** Failpoints at which a process was killed. */
  readonly reached = new Set<string>()
  readonly #folder: string
  readonly #worlds: Record<CourseName, string>
  readonly #surveys = new Map<CourseName, Survey>()
  /** Processes that examine, each with the chain that it knows. */
  readonly #idle: { world: string; examiner: AskedProcess<Question, Answer> }[] = []
  #runs = 0

  /** @param worlds the file of the chain for each course */
  constructor(folder: string, worlds: Record<CourseName, string>) {
    this.#folder = folder
    this.#worlds = worlds
  }

  /** Runs every course to its end, to know what it passes. */
  async survey(): Promise<void> {
    for (const name of courseNames) {
      const folder = this.#newFolder(name)
      const log = join(folder, 'passes')
      const start = performance.now()
      const death = await this.#run(name, folder, { BRAID_FAILPOINT_LOG: log })
      const duration = performance.now() - start
      const { isEnded, events } = readLog(folder, name)
      if (death !== 'exit code 0' || !isEnded) throw new Error(`${name} does not end: ${death}`)
      const passes = new Map<string, number>()
      for (const place of readFileSync(log, 'utf8').split('\n').slice(0, -1)) {
        passes.set(place, (passes.get(place) ?? 0) + 1)
      }
      this.#surveys.set(name, { events, passes, duration })
      await this.#examine(name, folder, 'not killed')
    }
  }

  /**
   * For each course and each failpoint on its way: the first time there, one in the middle, the last. Where not
   * everything is asked for, that is for the first course in which it is met; for others one in the middle.
   */
  killings(isEverything: boolean): Attempt[] {
    const met = new Set<string>()
    return courseNames.flatMap((name) =>
      this.#attempts(name, (passes, failpoint) => {
        const middle = Math.ceil(passes / 2)
        if (met.has(failpoint) && !isEverything) return [middle]
        met.add(failpoint)
        return [1, middle, passes]
      }),
    )
  }

  /** For each failpoint of blocks and of an import: an error of the system, some time; or each error. */
  failures(isEverything: boolean): Attempt[] {
    const names: CourseName[] = ['blocks', 'accounts']
    const errors = ['ENOSPC', 'EIO']
    return names.flatMap((name) =>
      this.#attempts(name, (passes) => [Math.ceil(passes / 2)]).flatMap((attempt, i) =>
        (isEverything ? errors : [errors[i % 2]]).map((error) => ({ ...attempt, error })),
      ),
    )
  }

  /** Random moments, of random courses. */
  *moments(random: Random): Generator<Attempt, never, void> {
    for (;;) {
      const name = random.pick(courseNames)
      // Most of them behind the start of the process.
      const delay = (this.#survey(name).duration * (150 + random.below(900))) / 1000
      yield { name, delay }
    }
  }

  /** Runs a course that does not get to its end, and has examined what is left. */
  async attempt(attempt: Attempt): Promise<void> {
    const { name, failpoint, error, delay } = attempt
    const folder = this.#newFolder(name)
    const where = [failpoint, attempt.time, error].filter((part) => part !== undefined).join(':')
    const settings: Record<string, string> =
      failpoint === undefined ? {} : { BRAID_FAILPOINT: where }
    const death = await this.#run(name, folder, settings, delay)
    const end = deaths[death]
    if (end === undefined || (end === 'failed') !== (error !== undefined && end !== 'ended')) {
      this.counts.problems.push(`${name} at ${where || delay}: ${death}, see ${folder}`)
      return
    }
    this.counts[end]++
    if (end === 'killed' && failpoint !== undefined) this.reached.add(failpoint)
    const isFailed = end === 'failed'
    await this.#examine(name, folder, where || `after ${delay?.toFixed(3)} ms`, isFailed)
  }

  stop(): void {
    for (const { examiner } of this.#idle) examiner.stop()
  }

  #attempts(name: CourseName, times: (passes: number, failpoint: string) => number[]): Attempt[] {
    return [...this.#survey(name).passes].flatMap(([failpoint, passes]) =>
      [...new Set(times(passes, failpoint))].map((time) => ({ name, failpoint, time })),
    )
  }

  #survey(name: CourseName): Survey {
    return this.#surveys.get(name) as Survey
  }

  #newFolder(name: CourseName): string {
    const folder = join(this.#folder, `${name}-${this.#runs++}`)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** How a course ended, killed after some milliseconds at the latest. */
  #run(
    name: CourseName,
    folder: string,
    settings: Record<string, string>,
    delay?: number,
  ): Promise<string> {
    const args = [program('victim.js'), this.#worlds[name], name, folder]
    const env = { ...process.env, ...settings }
    return new Promise((resolve) => {
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env })
      let isStuck = false
      const timer = setTimeout(() => {
        isStuck = delay === undefined
        child.kill('SIGKILL')
      }, delay ?? stuckAfter)
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        resolve(isStuck ? 'stuck' : (signal ?? `exit code ${code}`))
      })
    })
  }

  async #examine(name: CourseName, folder: string, where: string, isFailed = false): Promise<void> {
    const world = this.#worlds[name]
    const place = this.#idle.findIndex((idle) => idle.world === world)
    const examiner =
      place < 0
        ? new AskedProcess<Question, Answer>(program('examiner.js'), [world])
        : this.#idle.splice(place, 1)[0].examiner
    const expected = this.#survey(name).events
    const asked = await examiner.ask({ name, folder, expected, isFailed })
    this.#idle.push({ world, examiner })
    const problem = 'death' in asked ? `the examiner died: ${asked.death}` : asked.answer.problem
    if (problem === undefined) rmSync(folder, { recursive: true })
    else this.counts.problems.push(`${name} ended ${where}: ${problem}\n  see ${folder}`)
  }
}
