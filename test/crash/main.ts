/**
 * Kills processes that write lasting states, and has examined what they leave:
 *
 *   BRAID_ADDON=… node build/test/crash/main.js [PART…] [--random N | --seconds N] [--jobs N] [--seed N]
 *
 * The addon is one with failpoints. The exit code is 1 where something was lost or is half done.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random } from '../random.js'
import { type DamageCounts, DamagedReads, readings } from './damage.js'
import { fillUp, makeDisk } from './disk.js'
import { type Attempt, Killer } from './kill.js'
import { makeWorld, World } from './world.js'

const parts = ['failpoints', 'errors', 'random', 'damage', 'disk'] as const
const isLong = Boolean(process.env.BRAID_LONG)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    random: isLong ? { type: 'string', default: '2000' } : { type: 'string' },
    seconds: { type: 'string', default: '30' },
    damage: { type: 'string', default: isLong ? '2000' : '200' },
    jobs: { type: 'string', default: `${availableParallelism()}` },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 0x7fff_ffff)}` },
  },
})
const isAsked = (part: (typeof parts)[number]): boolean =>
  positionals.length === 0 || positionals.includes(part)
const seed = Number(values.seed)

const { failpoints } = createRequire(import.meta.url)(process.env.BRAID_ADDON ?? '') as {
  failpoints?: string[]
}
if (failpoints === undefined) {
  console.error('BRAID_ADDON names no addon with failpoints')
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'braid-crash-'))
console.log(`crash: seed ${seed}, in ${folder}`)
const problems: string[] = []
let passed = 0
const small = join(folder, 'small.json')
const large = join(folder, 'large.json')
await makeWorld(small, 5, 400)
await makeWorld(large, 6, 4500)
const killer = new Killer(folder, {
  blocks: small,
  batches: small,
  accounts: large,
  snapshot: large,
})
if (parts.slice(0, 3).some(isAsked)) {
  await killer.survey()
  console.log('every course ends where nobody kills it')
}

if (isAsked('failpoints')) {
  const attempts = killer.killings(isLong)
  await attemptAll(attempts)
  const never = failpoints.filter((name) => !killer.reached.has(name))
  if (never.length > 0) killer.counts.problems.push(`never reached: ${never.join(', ')}`)
  report(`${killer.reached.size} of ${failpoints.length} failpoints, ${attempts.length} times`)
}
if (isAsked('errors')) {
  const attempts = killer.failures(isLong)
  await attemptAll(attempts)
  report(`${attempts.length} errors of the system`)
}
if (isAsked('random')) {
  await attemptAll(some())
  report('random moments')
}
killer.stop()
if (isAsked('damage')) await damageAll()
if (isAsked('disk')) await fillDisk()
for (const problem of problems) console.error(problem)
console.log(`${passed} passed, ${problems.length} failed`)
if (problems.length > 0) console.log(`again: npm run test:crash -- --seed ${seed}`)
else rmSync(folder, { recursive: true })
process.exitCode = problems.length > 0 ? 1 : 0

/** Makes attempts, several at once. */
async function attemptAll(attempts: Iterable<Attempt>): Promise<void> {
  const iterator = attempts[Symbol.iterator]()
  const lane = async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      await killer.attempt(next.value)
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane))
}

/** Random moments: a number of them, or as many as the time allows. */
function* some(): Generator<Attempt> {
  const count = values.random === undefined ? Number.POSITIVE_INFINITY : Number(values.random)
  const end = performance.now() + Number(values.seconds) * 1000
  let made = 0
  for (const moment of killer.moments(new Random(seed))) {
    if (made++ === count || (values.random === undefined && performance.now() > end)) return
    yield moment
  }
}

/** Damaged files: whoever checks is told, and dies of none. */
async function damageAll(): Promise<void> {
  const reads = await DamagedReads.create(join(folder, 'damage'), small, World.read(small))
  const random = new Random(seed)
  for (const reading of readings) {
    const counts: DamageCounts = { told: 0, right: 0, wrong: 0, untyped: 0, died: 0 }
    const found: string[] = []
    for (let i = 0; i < Number(values.damage); i++) {
      const { result, problem } = await reads.read(reading, random)
      counts[result]++
      if (problem !== undefined) found.push(problem)
    }
    const { told, right, wrong, untyped, died } = counts
    const done = `${told} told, ${right} harmless, ${wrong} wrong, ${untyped} without a code, ${died} died`
    // Who asks for no check may come to grief, and is not counted: docs/states-lmdb.md.
    const verdict = reading === 'unchecked' ? 'seen' : found.length === 0 ? 'ok' : 'FAILED'
    console.log(`${verdict}: ${values.damage} damaged files, ${reading}: ${done}`)
    if (reading !== 'unchecked') passed += told + right
    problems.push(...found)
  }
  reads.stop()
}

/** A disk that is full. */
async function fillDisk(): Promise<void> {
  const disk = makeDisk(folder)
  if ('reason' in disk) {
    console.log(`left out: a disk that is full: ${disk.reason}`)
    return
  }
  try {
    const times = await fillUp(World.read(small), disk)
    passed += times
    console.log(`ok: ${times} times out of room on ${disk.kind}`)
  } catch (error) {
    problems.push(error instanceof Error ? `full disk: ${error.stack}` : String(error))
  } finally {
    disk.remove()
  }
}

/** Says what was done since the last time. */
function report(what: string): void {
  const { counts } = killer
  const found = counts.problems.splice(0)
  const { killed, failed, ended } = counts
  const done = `${killed} killed, ${failed} failed with a code, ${ended} went on to their end`
  console.log(`${found.length === 0 ? 'ok' : 'FAILED'}: ${what}: ${done}`)
  passed += killed + failed + ended - found.length
  problems.push(...found)
  Object.assign(counts, { killed: 0, failed: 0, ended: 0 })
}
