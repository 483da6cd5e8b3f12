/**
 * Executes random blocks in random ways and watches the memory:
 *
 *   node --expose-gc build/test/soak/main.js [--minutes N] [--seed N]
 *
 * The exit code is 1 where a result is not that of sequential execution, or memory grows.
 */

import { parseArgs } from 'node:util'
import { Random } from '../random.js'
import { MemoryWatch, megabytes, percent } from './memory.js'
import { Steps } from './steps.js'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? Math.floor(Math.random() * 0x7fff_ffff))
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run soak -- [--minutes N] [--seed N]')
  process.exit(2)
}

/** Milliseconds after which a step counts as one that never ends. */
const stuckAfter = 180_000

const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

const duration = minutes * 60_000
const random = new Random(seed)
// The first numbers of a small seed are small.
for (let i = 0; i < 8; i++) random.below(2)
const watch = new MemoryWatch(duration)
const steps = await Steps.create(random)
console.log(`soak: ${minutes} minutes, seed ${seed}`)

// A step takes seconds at most; this runs only where the JavaScript thread is free.
let stepStart = performance.now()
const watchdog = setInterval(() => {
  if (performance.now() - stepStart < stuckAfter) return
  console.error(`stuck: ${JSON.stringify(steps.counts)}`)
  console.log(`0 passed, 1 failed\nagain: npm run soak -- --minutes ${minutes} --seed ${seed}`)
  process.exit(1)
}, 5_000)

let difference: unknown
let nextSample = 0
let nextLine = Math.min(60_000, duration)
try {
  while (watch.elapsed < duration && unhandled.length === 0) {
    stepStart = performance.now()
    await steps.next()
    if (watch.elapsed >= nextSample) {
      await watch.sample()
      nextSample = watch.elapsed + Math.min(2_000, duration / 40)
    }
    if (watch.elapsed >= nextLine) {
      printLine(nextLine)
      nextLine += 60_000
    }
  }
  await watch.sample()
} catch (error) {
  difference = error
}
clearInterval(watchdog)
steps.close()
if (difference !== undefined) console.error(difference)
for (const reason of unhandled) console.error('unhandled rejection:', reason)
const memory = watch.verdict()
const isAsSequential = difference === undefined && unhandled.length === 0
console.log(`${isAsSequential ? 'ok' : 'FAILED'}: every result is that of sequential execution`)
console.log(`${memory.flat ? 'ok' : 'FAILED'}: ${memory.text}`)
const passed = Number(isAsSequential) + Number(memory.flat)
console.log(`${passed} passed, ${2 - passed} failed`)
if (passed < 2) console.log(`again: npm run soak -- --minutes ${minutes} --seed ${seed}`)
process.exitCode = passed === 2 ? 0 : 1

function printLine(time: number): void {
  const { blocks, executions, refused, cancelled, chains, workers, engines } = steps.counts
  const resident = watch.median(time - 60_000, time) ?? 0
  const { baseline } = watch
  const growth = baseline === undefined ? '' : ` (${percent(resident / baseline - 1)})`
  console.log(
    `minute ${Math.ceil(time / 60_000)}: ${blocks} blocks, ${executions} executions, ` +
      `${refused} damaged blocks refused, ${cancelled} cancelled, ${chains} chains, ` +
      `${engines} engines, ${workers} worker threads, ${megabytes(resident)} MB${growth}`,
  )
}
