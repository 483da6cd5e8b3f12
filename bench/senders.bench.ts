/** Recovery of signers from signatures. */

import { availableParallelism } from 'node:os'
import { Engine, MemoryState } from 'braid-evm'
import { recoverAddresses } from '../lib/native/load.js'
import { execute } from './mainnet.bench.js'
import { mainnetBlock } from './support/fixtures.js'
import { median, repeat, shown } from './support/measure.js'
import { type BenchOptions, type Section, table } from './support/section.js'
import { signatures } from './support/signatures.js'

/** Microseconds that a signature may take on one core. */
const most = 50

/** A block with many transactions of many senders. */
const blockName = '14396881'

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const limits = { least: 5, most: 1001, milliseconds: quick ? 200 : 2000 }
  const block = mainnetBlock(blockName)
  const state = new MemoryState(block.preState)
  const inBlock = async (threads: number) => {
    const engine = await Engine.create({ threads })
    execute(engine, block, state)
    const times = repeat(limits, () => execute(engine, block, state).timings.senders)
    engine.close()
    return (median(times) * 1000) / block.transactionCount
  }
  const cores = availableParallelism()
  const one = await inBlock(1)
  const all = await inBlock(0)

  const batches = [1, 16, 1024].map((count) => {
    const packed = signatures(count)
    const result = recoverAddresses(packed)
    for (let i = 0; i < count; i++) {
      if (result[i * 21] !== 1) throw new Error(`signature ${i} of ${count} was not recovered`)
    }
    const times = repeat(limits, () => {
      const start = performance.now()
      recoverAddresses(packed)
      return performance.now() - start
    })
    return { count, microseconds: (median(times) * 1000) / count }
  })

  return {
    title: 'Sender recovery',
    text: [
      `Microseconds per signature. *In a block*: all ${block.transactionCount} transactions of mainnet block`,
      `${blockName}, as executing it recovers them (keccak-256 of the signed payload, recovery, keccak-256 of`,
      `the key). *Batch*: \`recoverAddresses\` of made-up signatures on all cores of a pool of ${cores}; a batch`,
      'of 1 is one signature by itself, the crossing from JavaScript included. libsecp256k1 takes 40.6 µs',
      '(0.8.0) to 49.6 µs (0.2.0, Debian) for the recovery alone on a machine like the one the targets are',
      'from; it is not measured here.',
      '',
      table(
        ['', '>µs per signature'],
        [
          ['in a block, one core', shown(one)],
          [`in a block, all ${cores} cores`, shown(all)],
          ...batches.map(({ count, microseconds }) => [`batch of ${count}`, shown(microseconds)]),
        ],
      ),
    ].join('\n'),
    verdicts: [
      {
        target: `at most ${most} µs per signature on one core`,
        measured: `${shown(one)} µs, on all ${cores} cores ${shown(all)} µs`,
        met: one <= most,
      },
    ],
    losses: [
      `A signature by itself costs ${shown(batches[0]!.microseconds)} µs, in a batch of ${batches.at(-1)!.count} ${shown(batches.at(-1)!.microseconds)} µs.`,
    ],
    data: { oneCore: one, allCores: all, cores, batches },
  }
}
