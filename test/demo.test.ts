/** The demo, and the blocks of mainnet that come with the package. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { whyNotFaster } from '../lib/cli/demo/why-not-faster.js'
import { exampleBlock, exampleBlockNumbers } from '../lib/example-blocks/index.js'
import { type BlockResult, type BraidError, Engine } from '../lib/index.js'
import { braid } from './support/braid-command.js'

const demo = suite('demo')

const folder = mkdtempSync(join(tmpdir(), 'braid-demo-'))
demo.after(() => rmSync(folder, { recursive: true }))

demo('example blocks execute to their headers', async () => {
  const engine = await Engine.create()
  assert.is(exampleBlockNumbers.length, 3)
  for (const number of exampleBlockNumbers) {
    const { block, options } = exampleBlock(number)
    const result = await engine.executeBlock(block, options)
    assert.is(result.number, BigInt(number))
    assert.is(result.receipts.length, block.transactions.length)
  }
  engine.close()
  assert.is(exampleBlock().block.number, '0x1757965')
  try {
    exampleBlock(1)
    assert.unreachable()
  } catch (error) {
    assert.is((error as BraidError).code, 'OPTION_INVALID')
  }
})

const page = join(folder, 'demo.html')
const quick = ['--transactions', '24', '--repeat', '2', '--html', page]

demo('shows a made block in three ways, and that all agree', () => {
  const { status, stdout } = braid(['demo', '--part', 'made', ...quick])
  assert.is(status, 0)
  assert.not.match(stdout, /mainnet/)
  assert.match(stdout, /^made block +24 .* matches$/m)
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/i)
})

demo('shows real blocks, as JSON too', () => {
  const { status, stdout } = braid(['demo', '--part', 'real', ...quick, '--json'])
  assert.is(status, 0)
  const { blocks, leftOut } = JSON.parse(stdout)
  assert.equal(leftOut, [])
  assert.equal(
    blocks.map(({ name }: { name: string }) => name),
    exampleBlockNumbers.map((number) => `block ${number}`),
  )
  for (const { contenders } of blocks) {
    assert.equal(
      contenders.map(({ agrees }: { agrees: boolean }) => agrees),
      [true, true, true],
    )
  }
})

demo('says why a block is not faster in parallel', () => {
  const report = (values: object) =>
    ({
      timings: { senders: 1, execute: 2 },
      report: { workers: 2, parallelismBound: 8, reExecutions: 0, transactions: [1, 2], ...values },
    }) as unknown as BlockResult
  const reasons = [{ workers: 1 }, { parallelismBound: 1.1 }, { reExecutions: 1 }, {}].map(
    (values) => whyNotFaster(report(values), 2),
  )
  assert.match(reasons[0], /on one thread: 3\.0 ms/)
  assert.match(reasons[1], /depend on each other: .* 1\.1 times/)
  assert.match(reasons[2], /1 of 2 transactions had to run again/)
  assert.match(reasons[3], /the other core was busy/)
  assert.is(whyNotFaster(report({}), 1), 'this machine has one core')
})

demo.run()
