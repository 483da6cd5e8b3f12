/** The programs and commands in the documentation, and what each of them needs around it. */

/** A fenced block of a page. */
export interface Snippet {
  readonly page: string
  /** How many-th of the page's blocks in this language it is, from 1. */
  readonly place: number
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a page. */
export function snippetsOf(page: string, text: string): Snippet[] {
  const counts = new Map<string, number>()
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, body]) => {
    const place = (counts.get(language) ?? 0) + 1
    counts.set(language, place)
    return { page, place, language, text: body }
  })
}

export const nameOf = ({ page, language, place }: Snippet): string => `${page} ${language} ${place}`

/** What stands around a program of the documentation. */
export interface Surroundings {
  /** What comes before it. Default: nothing. */
  readonly before?: string
  /** What comes after it. Default: nothing. */
  readonly after?: string
  /** What is replaced in it: addresses, paths and the like. */
  readonly replaced?: readonly (readonly [from: string, to: string])[]
}

const about = (names: string, from = 'context') =>
  `import { ${from} } from '../../test/support/doc-context.js'\nconst { ${names} } = await ${from}()`

const engineOfBraid = "import { Engine } from 'braid-evm'"

/** What programs need, by {@link nameOf}; others run as they are. */
export const surroundings: Readonly<Record<string, Surroundings>> = {
  'docs/chain.md ts 1': {
    before: `${about('common, alloc, blocks, headers', 'chainContext')}
const [block] = blocks
const branch = [block]
const [header] = headers
const { number, hash } = header`,
    replaced: [
      ['Engine, MemoryState, readBlocks, readGenesis', 'Engine, MemoryState'],
      ["await readGenesis('genesis.json')", '{ common, alloc, header }'],
    ],
    after: "if (chain.head.hash !== hash) throw new Error('another head')",
  },
  'docs/chain.md ts 2': {
    before: `import { rmSync } from 'node:fs'
import { Chain, FileCheckpointStore, MemoryState, type BlockResult } from 'braid-evm'
${about('engine, alloc, blocks, headers', 'chainContext')}
const state = new MemoryState(alloc, { trie: true })
const chain = await Chain.open({ engine, state, head: headers[0] })
rmSync('/tmp/braid-docs-checkpoint.json', { force: true })
const { signal } = new AbortController()
const seen: bigint[] = []
const index = async ({ number }: BlockResult) => seen.push(number)`,
    replaced: [
      ["readBlocks(['a.era1', 'b.era1'])", 'blocks'],
      ["'done.json'", "'/tmp/braid-docs-checkpoint.json'"],
    ],
    after: 'if (seen.length !== 4) throw new Error(String(seen))',
  },
  'docs/chain.md ts 3': {
    before: `import { Chain, MemoryState } from 'braid-evm'
${about('engine, alloc, headers', 'chainContext')}
const state = new MemoryState(alloc, { trie: true })
const chain = await Chain.open({ engine, state, head: headers[0] })
const timestamp = headers[0].timestamp + 12n
const coinbase = headers[1].coinbase
const transactions: Uint8Array[] = []`,
    after: "if (chain.head.hash !== built.header.hash) throw new Error('another head')",
  },
  'docs/errors.md ts 1': { before: about('engine, state, wrongBlock: block') },
  'docs/evmone.md ts 1': {
    before: engineOfBraid,
    replaced: [['/opt/evm/lib/libother.so', 'OTHER_VM']],
  },
  'docs/execute-a-block.md ts 1': { before: about('preState, block') },
  'docs/execute-a-block.md ts 2': { before: "import { MemoryState } from 'braid-evm'" },
  'docs/execute-a-block.md ts 3': { before: about('engine, block, state') },
  'docs/import.md ts 1': {
    before: about('alloc, blocks, parent, index, common', 'chainContext'),
    replaced: [['Engine.create()', 'Engine.create({ common })']],
  },
  'docs/inspect.md ts 1': { before: about('engine, block, state') },
  'docs/internal-transfers.md ts 1': {
    after: 'if (transfers.length !== 36) throw new Error(String(transfers.length))',
  },
  'docs/logs-and-receipts.md ts 1': { before: about('engine, block, state') },
  'docs/logs-and-receipts.md ts 2': {
    before: `import { erc20Abi } from 'viem'\n${about('result, token')}`,
    after: 'if (transfers.length !== 3) throw new Error(String(transfers.length))',
  },
  'docs/logs-and-receipts.md ts 3': { before: about('result, token') },
  'docs/logs-and-receipts.md ts 4': { before: about('engine, block, state, result, token') },
  'docs/logs-and-receipts.md ts 5': { before: about('result') },
  'docs/policies.md ts 1': {
    before: `import { chainHotContracts } from '../../test/support/doc-context.js'
const myPolicy = chainHotContracts()`,
  },
  'docs/policies.md ts 2': {
    before:
      "import type { BlockSummary, ExecutionFeedback, ExecutionPlan, WorkerPool, SchedulingPolicy as Exported } from 'braid-evm'",
    after:
      'export const same = (policy: SchedulingPolicy): Exported => policy\nexport const reverse = (policy: Exported): SchedulingPolicy => policy',
  },
  'docs/policies.md ts 3': {
    before: `${engineOfBraid}\nimport { chainHotContracts } from '../../test/support/doc-context.js'`,
  },
  'docs/prestate.md ts 1': {
    before: `import { serveNode } from '../../test/support/doc-context.js'
const url = await serveNode()`,
    replaced: [["'http://127.0.0.1:8545'", 'url']],
    after: "if (result.number !== 24476005n) throw new Error('another block')",
  },
  'docs/simulate.md ts 1': {
    before: about('engine, state, sender, token, signedTransaction', 'simulationContext'),
  },
  'docs/calls.md ts 2': {
    before: `${about('engine, state, result')}
const { header } = result
const alice = \`0x\${'a1'.repeat(20)}\` as const
const bob = \`0x\${'b0'.repeat(20)}\` as const`,
  },
  'docs/traces.md ts 6': {
    before: about('engine, state, environment, sender, token', 'simulationContext'),
    after: 'if (value.error !== undefined || value.to !== token) throw new Error(value.error)',
  },
  'docs/simulate.md ts 2': {
    before: about('engine, state, environment, transactions', 'simulationContext'),
  },
  'docs/simulate.md ts 3': {
    before: about('engine, state, environment, first, second', 'simulationContext'),
  },
  'docs/pool.md ts 1': {
    before: `import { decodeBlock } from '../../lib/block/index.js'
${about('common, alloc, blocks, headers', 'chainContext')}
const [genesis] = headers
const timestamp = genesis.timestamp + 12n
const encodings = blocks.flatMap((block) => decodeBlock(block).transactions.encodings.toArray())`,
    after: `if (chosen.length === 0 || pool.get(built.result.receipts[0].transactionHash) !== undefined) {
  throw new Error('nothing was included')
}`,
  },
  'docs/states-rpc.md ts 1': {
    before: `import { serveNode } from '../../test/support/doc-context.js'
import { exampleBlock } from 'braid-evm/example-blocks'
const url = await serveNode()
const { block } = exampleBlock(24476005)`,
    replaced: [["'http://127.0.0.1:8545'", 'url']],
    after: "if (result.number !== 24476005n) throw new Error('another block')",
  },
  'docs/states-rpc.md ts 2': {
    before: `import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RpcState } from 'braid-evm'
import { serveNode } from '../../test/support/doc-context.js'
const url = await serveNode()
const answers = join(mkdtempSync(join(tmpdir(), 'braid-docs-')), 'answers')
const coinbase = \`0x\${'77'.repeat(20)}\``,
    replaced: [["'./answers'", 'answers']],
    after: "if ((await state.getCode(coinbase)) !== '0x') throw new Error('there is code')",
  },
  'docs/states-memory.md ts 1': {
    before: about('engine, block, preState: alloc'),
    replaced: [
      ["writeFile('state.snapshot'", "writeFile('/tmp/braid-docs.snapshot'"],
      ["readSnapshot('state.snapshot')", "readSnapshot('/tmp/braid-docs.snapshot')"],
    ],
  },
  'docs/states-lmdb.md ts 1': {
    before: `import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
${about('engine, alloc, blocks, parent', 'chainContext')}
const folder = mkdtempSync(join(tmpdir(), 'braid-docs-'))
const index = (..._: unknown[]) => {}`,
    after: 'if (state.undoable !== blocks.length) throw new Error(String(state.undoable))',
  },
  'docs/states-lmdb.md ts 2': {
    before: `import { mkdtempSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountRecords, MemoryState, writeGethDump } from 'braid-evm'
const folder = mkdtempSync(join(tmpdir(), 'braid-docs-'))
const given = new MemoryState({ [\`0x\${'11'.repeat(20)}\`]: { balance: 7n } }, { trie: true })
const records = accountRecords(given.dump())
await writeFile('/tmp/braid-docs.jsonl', writeGethDump(records, { stateRoot: given.root ?? '0x' }))`,
    replaced: [["'dump.jsonl'", "'/tmp/braid-docs.jsonl'"]],
  },
  'docs/states.md ts 1': {
    before: `import { MemoryState } from 'braid-evm'
${about('engine, block, preState: alloc, token: address')}`,
    after: "if (state.undoable !== 0) throw new Error('not undone')",
  },
  'docs/states.md ts 2': {
    before: `${about('engine, state, environment, transactions, token', 'simulationContext')}
const rich = \`0x\${'11'.repeat(20)}\`
const [slot, patched] = [\`0x\${'00'.repeat(32)}\`, '0x6001']`,
  },
  'docs/states.md ts 3': {
    before: `${about('state')}
const [elsewhere, recorder] = [\`0x\${'12'.repeat(20)}\`, '0x6001']`,
    after: "if (!('getAccount' in traced)) throw new Error('no state')",
  },
  'docs/states.md ts 4': {
    before: `${about('state, result')}
const told: unknown[] = []
const index = (...change: unknown[]) => told.push(change)
const changes = state.changes()
state.commit(result)
await state[Symbol.asyncDispose]()`,
    replaced: [['state.changes()', 'changes']],
    after: "if (told.length === 0) throw new Error('nothing was told')",
  },
  'docs/sources.md ts 1': {
    before: about('block, accounts, slots, codes, hashes', 'sourceContext'),
  },
  'docs/sources.md ts 2': {
    before: `import { serve } from '../../test/support/doc-context.js'
const url = await serve((path) => path)`,
    after: `const request = { signal: new AbortController().signal }
if ((await getStorage('0x1', '0x2', request)) !== '/0x1/0x2') throw new Error('another answer')`,
  },
  'docs/traces.md ts 1': {
    after: 'if (transfers.length !== 36) throw new Error(String(transfers.length))',
  },
  'docs/traces.md ts 2': {
    before: `import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
${about('engine, block, state')}
const response = new PassThrough()
const answer = text(response)`,
    after: `if (JSON.parse(await answer).length !== 3) throw new Error(await answer)
engine.close()`,
  },
  'docs/traces.md ts 3': {
    before: about('engine, block, state'),
    after: 'if (value.structLogs.length < 10) throw new Error(String(value.structLogs.length))',
  },
  'docs/traces.md ts 4': { before: about('engine, block, state') },
  'docs/traces.md ts 5': {
    before: `import type { Hex } from 'braid-evm'
${about('engine, block, state')}`,
  },
  'docs/parity-traces.md ts 1': {
    before: about('engine, block, state'),
  },
  'docs/parity-traces.md ts 2': {
    before: about('engine, block, state'),
    after: 'if (value.length < 3) throw new Error(String(value.length))',
  },
  'docs/parity-traces.md ts 3': {
    before: about('engine, block, state'),
    after: 'if (calls.length < 1) throw new Error(String(calls.length))',
  },
  'docs/parity-traces.md ts 4': {
    before: `${about('engine, alloc, blocks', 'chainContext')}
import { MemoryState } from 'braid-evm'
const state = new MemoryState(alloc, { trie: true })
const receiver = '0x0000000000000000000000000000000000000000'`,
  },
  'docs/parity-traces.md ts 5': {
    before: about('engine, state, environment, sender, token', 'simulationContext'),
    after: 'if (before.value.trace.length !== 1) throw new Error(before.json)',
  },
  'docs/states-witness.md ts 1': {
    before: `${about('engine, block, witness', 'sourceContext')}
const { parentStateRoot, nodes, codes, blockHashes } = witness`,
  },
}

/** Programs and commands that are not run, and why. Names of {@link nameOf}, or lines of commands. */
export const notRun: readonly (readonly [what: string | RegExp, why: string])[] = [
  ['docs/api-report.md', 'declarations, made out of those that programs are compiled against'],
  [/^npm install braid-evm$/, 'asks the registry; `npm run test:package` installs the tarball'],
  [/^npm start\b/, 'installs and builds; a test of its own runs the demo'],
  [/^npm run dev$/, 'waits for changes; it has a test of its own'],
  [/^npm test\b/, 'is this'],
  [/^npx braid import \*\.era1/, 'needs files of mainnet'],
  [/^npm run test:(mutation|state|blocks)\b/, 'takes from minutes to hours'],
  [/^git clone /, 'downloads'],
  [/^cmake /, 'builds what was downloaded'],
  [/^export BRAID_EVMONE=/, 'names what was built'],
  [/^(npx )?braid (statetest|blocktest) tests\//, 'runs what was downloaded'],
  [
    /^(BRAID_ADDON=\S+ )?qemu-x86_64 /,
    'emulates a processor that runs binaries of `prebuild:addon`',
  ],
]
