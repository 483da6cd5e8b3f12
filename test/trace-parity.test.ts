/** Traces in Erigon's form of real blocks and transactions, compared with what Erigon has answered. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../lib/index.js'
import { withFixtures } from './fixtures.js'
import {
  erigonBlock,
  erigonBlocks,
  recordedBlock,
  traceRecorded,
  tracesOf,
} from './support/erigon-traces.js'

const parity = suite('traces of Erigon')
const fixtures = withFixtures(parity, 'traces of Erigon')

const everything = { trace: true, stateDiff: true, vmTrace: true } as const

fixtures.test('of the transactions of blocks: calls, differences, instructions', async () => {
  const engine = await Engine.create({ threads: 2 })
  let compared = 0
  for (const number of erigonBlocks()) {
    const block = erigonBlock(number)
    for (const [place, value] of await tracesOf(engine, block, everything)) {
      const { transactionHash: _, ...expected } = block.expected[place]
      assert.equal(value, expected, `${number} ${place}`)
      compared++
    }
  }
  engine.close()
  assert.ok(compared >= 229, String(compared))
})

fixtures.test('of single transactions, each on what it looked up', async () => {
  const engine = await Engine.create({ threads: 2 })
  const block = recordedBlock(17073191)
  let compared = 0
  for (const transaction of block.transactions) {
    const { trace, stateDiff, output, index } = transaction
    const value = await traceRecorded(engine, block, transaction, { trace: true, stateDiff: true })
    assert.equal(value, { output, stateDiff, trace, vmTrace: null }, String(index))
    compared++
  }
  engine.close()
  assert.is(compared, 116)
})

fixtures.report()
parity.run()
