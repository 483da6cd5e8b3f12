/** `runBlock` of braid-evm/ethereumjs in place of that of `@ethereumjs/vm`, on the same state managers. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type RunBlockResult, runBlock as theirRunBlock, type VM } from '@ethereumjs/vm'
import { mainnetCommon } from '../lib/chain/index.js'
import { runBlock } from '../lib/ethereumjs/index.js'
import { mainnetBlock } from './support/fixtures.js'
import { median, shown } from './support/measure.js'
import { type ManagerOptions, MerkleBlock } from './support/merkle-block.js'
import { type BenchOptions, type Section, table } from './support/section.js'

/** The block whose gain is promised; the other one has many transactions. */
const promisedBlock = '19426586'
const blocks = [promisedBlock, '17666333']

const leastRatio = 8

/** So that neither side pays for what the other has left. */
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Milliseconds of each run. */
interface Times {
  readonly ours: number[]
  readonly theirs: number[]
}

interface Row extends Times {
  readonly block: string
  readonly transactions: number
  readonly manager: string
}

async function timeOf(
  block: MerkleBlock,
  options: ManagerOptions,
  run: (vm: VM, options: object & Parameters<typeof theirRunBlock>[1]) => Promise<RunBlockResult>,
): Promise<number> {
  const vm = await block.vm(options)
  const input = block.block(vm.common)
  collectGarbage()
  const start = performance.now()
  const { stateRoot } = await run(vm, { block: input, skipHeaderValidation: true })
  const milliseconds = performance.now() - start
  if (Buffer.compare(stateRoot, block.stateRoot) !== 0) throw new Error('another state root')
  return milliseconds
}

/** Runs the benchmark. */
export async function run({ quick }: BenchOptions): Promise<Section> {
  const rounds = quick ? 3 : 5
  const rows: Row[] = []
  for (const name of quick ? [promisedBlock] : blocks) {
    const source = mainnetBlock(name)
    const block = await MerkleBlock.of(source, mainnetCommon())
    for (const hasCaches of [false, true]) {
      const times: Times = { ours: [], theirs: [] }
      // Once for the compilers of both sides, which is not counted.
      for (let round = 0; round <= rounds; round++) {
        const theirs = await timeOf(block, { hasCaches }, theirRunBlock)
        const ours = await timeOf(block, { hasCaches }, runBlock)
        if (round === 0) continue
        times.theirs.push(theirs)
        times.ours.push(ours)
      }
      const manager = hasCaches ? 'with caches' : 'default'
      rows.push({ block: name, transactions: source.transactionCount, manager, ...times })
    }
  }
  const ratioOf = ({ ours, theirs }: Times) => median(theirs) / median(ours)
  const [promised] = rows as [Row, ...Row[]]
  const least = rows.reduce((a, b) => (ratioOf(a) < ratioOf(b) ? a : b))
  return {
    title: "In place of @ethereumjs/vm's runBlock",
    text: [
      'The same call on both sides, `runBlock(vm, { block, skipHeaderValidation: true })`, each on a VM of its',
      "own with a `MerkleStateManager` over a `MapDB` that holds the nodes of the block's pre-state: signatures,",
      'block validation, execution, receipts, writing to the state manager, and the state root, which both',
      'compare with the header (it says the root of this part of the state). The VMs are new for each run:',
      'nothing of the state is decoded or cached, no sender recovered. Runs alternate; milliseconds are the',
      'median, and the least in brackets. The second line of each block has the caches of',
      '`@ethereumjs/statemanager` in front of the trie. The part of the state that a block reads makes',
      'shallower tries than a whole state has: what walks tries node by node fares better here.',
      '',
      table(
        ['block', '>transactions', 'state manager', '>braid ms', '>@ethereumjs/vm ms', '>ratio'],
        rows.map(({ block, transactions, manager, ours, theirs }) => [
          block,
          String(transactions),
          manager,
          `${shown(median(ours))} (${shown(Math.min(...ours))})`,
          `${shown(median(theirs))} (${shown(Math.min(...theirs))})`,
          shown(ratioOf({ ours, theirs })),
        ]),
      ),
    ].join('\n'),
    verdicts: [
      {
        target: `block ${promisedBlock} on a default MerkleStateManager, state root included: at least ${leastRatio} times faster than @ethereumjs/vm`,
        measured: `${shown(ratioOf(promised))} times, ${shown(Math.min(...promised.theirs) / Math.min(...promised.ours))} times by the least times`,
        met: ratioOf(promised) >= leastRatio,
      },
    ],
    losses: [
      `Least ahead of @ethereumjs/vm's runBlock: block ${least.block}, state manager ${least.manager}, ${shown(ratioOf(least))} times.`,
    ],
    data: rows.map(({ block, transactions, manager, ours, theirs }) => ({
      block,
      transactions,
      manager,
      ours: [...ours],
      theirs: [...theirs],
      ratio: ratioOf({ ours, theirs }),
    })),
  }
}
