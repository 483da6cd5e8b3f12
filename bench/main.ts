/**
 * Runs one benchmark and leaves its section as JSON:
 *
 *   node build/bench/main.js NAME OUTPUT.json [--quick]
 */

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { BenchModule } from './support/section.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
})
const [name, output] = positionals
if (name === undefined || output === undefined || !/^[a-z0-9-]+$/.test(name)) {
  console.error('usage: node build/bench/main.js NAME OUTPUT.json [--quick]')
  process.exit(2)
}
const { run } = (await import(`./${name}.bench.js`)) as BenchModule
const section = await run(values)
writeFileSync(output, `${JSON.stringify(section)}\n`)
if (process.stdout.isTTY) console.log(`\n${section.text}\n`)
for (const { target, measured, met } of section.verdicts) {
  console.log(`${met ? 'met' : 'MISSED'}: ${target}: ${measured}`)
}
