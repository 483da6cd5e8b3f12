/** Random blocks, whole and damaged. */

import {
  type BlockSource,
  Engine,
  type ExecuteBlockSyncOptions,
  MemoryState,
} from '../../lib/index.js'
import { decodeRlp, type RlpItem } from '../../lib/rlp/index.js'
import {
  makeWorkload,
  type WorkloadName,
  type WorkloadOptions,
  workloadNames,
} from '../../lib/workloads/index.js'
import { damageBytes, mutateBytes, type Random } from '../random.js'
import { mixedAlloc, mixedBlock, mixedBlockHashes } from '../support/mixed-block.js'
import { encodeTree } from '../support/rlp-tree.js'

/** A block and what it is executed on. */
export interface Subject {
  /** All that is needed to make it again. */
  readonly title: string
  readonly block: BlockSource
  readonly options: ExecuteBlockSyncOptions & { readonly state: MemoryState }
}

/** What a workload is made from. */
export interface WorkloadRecipe {
  readonly name: WorkloadName
  readonly options: WorkloadOptions
}

/** Some workload with random knobs. */
export function randomWorkload(random: Random): WorkloadRecipe {
  const transactions = 1 + random.below(random.pick([4, 40, 120]))
  return {
    name: random.pick(workloadNames),
    options: {
      transactions,
      accounts: 1 + random.below(transactions),
      hotRatio: random.below(11) / 10,
      seed: random.below(0x10000),
    },
  }
}

/** The block of a workload. */
export async function workloadSubject({ name, options }: WorkloadRecipe): Promise<Subject> {
  const { block, state } = await makeWorkload(name, options)
  return { title: `${name} ${JSON.stringify(options)}`, block, options: { state } }
}

const engine = await Engine.create({ policy: 'sequential' })
const mixed = (await mixedBlock(engine)).block.serialize()
engine.close()

/** The block with a transaction of every kind. */
export function mixedSubject(): Subject {
  const options = { state: new MemoryState(mixedAlloc), blockHashes: mixedBlockHashes }
  return { title: 'mixed block', block: mixed, options }
}

/** A block that is not what it was: bytes or transactions are changed, moved or gone. */
export function damaged(random: Random, subject: Subject): Subject {
  const source = subject.block as Uint8Array
  const kind = random.below(5)
  const block =
    kind === 0
      ? damageBytes(random, source)
      : kind === 1
        ? mutateBytes(random, source.length < 20_000 ? source : mixed)
        : withOtherTransactions(random, source)
  // With or without its header being right: what the header says hides what the block did.
  const options = { ...subject.options, verify: random.below(3) === 0 }
  return { title: `${subject.title}, damaged (${kind})`, block, options }
}

/** Transactions swapped, doubled, dropped, or with another byte. */
function withOtherTransactions(random: Random, source: Uint8Array): Uint8Array {
  const tree = decodeRlp(source) as RlpItem[]
  const transactions = [...(tree[1] as RlpItem[])]
  for (let edits = 1 + random.below(3); edits > 0 && transactions.length > 0; edits--) {
    const at = random.below(transactions.length)
    const other = random.below(transactions.length)
    switch (random.below(5)) {
      case 0:
        transactions.splice(at, 1)
        break
      case 1:
        transactions.splice(other, 0, transactions[at]!)
        break
      case 2: {
        const item = transactions[at]!
        transactions[at] = transactions[other]!
        transactions[other] = item
        break
      }
      default:
        transactions[at] = otherByte(random, transactions[at]!)
    }
  }
  return encodeTree(tree.with(1, transactions))
}

/** A transaction with a bit of one of its fields flipped: mostly somebody else has signed it then. */
function otherByte(random: Random, transaction: RlpItem): RlpItem {
  const isTyped = !Array.isArray(transaction)
  const fields = isTyped ? (decodeRlp(transaction.subarray(1)) as RlpItem[]) : [...transaction]
  const at = random.below(fields.length)
  const field = fields[at]!
  if (!Array.isArray(field) && field.length > 0) {
    const bytes = Uint8Array.from(field)
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
    fields[at] = bytes
  }
  return isTyped ? Uint8Array.of(transaction[0]!, ...encodeTree(fields)) : fields
}
