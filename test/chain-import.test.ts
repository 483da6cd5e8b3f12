/** Imports into a state that lasts: chains of other clients, and processes that are killed at any moment. */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Alloc,
  type BlockHeader,
  Chain,
  Engine,
  LmdbState,
  MemoryState,
  readBlocks,
  readGenesis,
  type State,
} from '../lib/index.js'
import { fixturePath, root, withFixtures } from './fixtures.js'
import { Random } from './random.js'
import { braid } from './support/braid-command.js'
import { buildChain } from './support/chain-generator/build.js'
import { generateChain } from './support/chain-generator/generate.js'

const imports = suite('imports')

const folder = await mkdtemp(join(tmpdir(), 'braid-import-'))
imports.after(() => rm(folder, { recursive: true }))

/** Runs a program and kills it after so many milliseconds; whether it ended before. */
function killedAfter(milliseconds: number, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (signal === null && code !== 0) reject(new Error(`the child ended with ${code}`))
      else resolve(signal === null)
    })
  })
}

imports('a replay that is killed at any moment gives every block at least once', async () => {
  const [seed, blocks] = [51, 40]
  const shape = { seed, blocks, blocksPerFork: 8, firstFork: 'cancun' }
  const chain = await buildChain(generateChain(shape))
  const home = join(folder, 'killed')
  mkdirSync(home)
  writeFileSync(join(home, 'chain.rlp'), Buffer.concat(chain.blocks))
  writeFileSync(join(home, 'genesis.rlp'), chain.genesis.encoded)
  const child = [join(root, 'build/test/support/replay-child.js'), `${seed}`, `${blocks}`, home]
  const random = new Random(7)
  let kills = 0
  while (!(await killedAfter(250 + random.below(200) + 25 * kills, child))) kills++
  let last = 0
  let next = 0
  const starts: number[] = []
  const lines = readFileSync(join(home, 'log'), 'utf8').trim().split('\n')
  assert.is(lines.pop(), 'end')
  for (const line of lines) {
    const [word, value] = line.split(' ')
    if (word === 'start') {
      next = Number(value)
      starts.push(next)
      // Nothing is left out.
      assert.ok(next <= last + 1, line)
      continue
    }
    if (word === 'end') {
      // Killed between its last line and its end: the one after it has nothing left to do.
      assert.is(next, blocks + 1)
      continue
    }
    assert.is(Number(word), next++)
    assert.is(value, chain.headers[Number(word)].stateRoot)
    last = Math.max(last, Number(word))
  }
  assert.is(last, blocks)
  assert.ok(kills >= 2, `killed ${kills} times`)
  assert.ok(
    starts.some((start) => start > 1),
    `began at ${starts}`,
  )
  console.log(`killed ${kills} times, began at ${starts}`)
})

const { test, report } = withFixtures(imports, 'imports')

const chains = [
  ['besu_london', 'blocks', 5],
  ['besu_snap', 'blocks', 500],
  ['geth_ethtest', 'chain', 600],
  ['mainnet_1000', 'blocks', 999],
] as const

const backends: Readonly<Record<string, (alloc: Alloc, head: BlockHeader) => Promise<State>>> = {
  memory: async (alloc) => new MemoryState(alloc, { trie: true, history: 64 }),
  async lmdb(alloc, head) {
    const home = await mkdtemp(join(folder, 'lmdb-'))
    await LmdbState.create(home, alloc, { head, root: head.stateRoot })
    return LmdbState.open(home, { history: 64, batch: 16 })
  },
}

for (const [kind, open] of Object.entries(backends)) {
  for (const chain of chains) {
    test(`${chain[0]} in ${kind}: to every state root, back 64 blocks and forward again`, () =>
      importAll(chain, open))
  }
}

/** Imports a chain, checks every state root, goes back as far as the state can and forward again. */
async function importAll(
  [name, file, length]: (typeof chains)[number],
  open: (typeof backends)[string],
): Promise<void> {
  const at = (part: string) => fixturePath('oracles', 'chains', name, `${part}.gz`)
  const genesis = await readGenesis(at('genesis.json'))
  const { common, alloc = {} } = genesis
  await using engine = await Engine.create({ common, threads: 2 })
  await using state = await open(alloc, genesis.header)
  // The difficulty of one is fixed, which no rule allows.
  const validate = name !== 'besu_london'
  const chain = await Chain.open({ engine, state, genesis, validate, transactionRoots: true })
  const roots: (string | undefined)[] = []
  for await (const result of chain.replay(readBlocks(at(`${file}.rlp`)))) {
    assert.is(result.stateRoot, result.header.stateRoot)
    assert.is(state.root, result.header.stateRoot)
    assert.equal(result.verify().unchecked, [])
    roots.push(state.root)
  }
  assert.is(roots.length, length)
  const { head } = chain
  const back = Math.min(64, length)
  for (let i = 1; i <= back; i++) {
    await chain.revert()
    const expected = i === length ? genesis.header.stateRoot : roots[length - 1 - i]
    assert.is(state.root, expected)
  }
  let again = 0
  for await (const _ of chain.replay(readBlocks(at(`${file}.rlp`)))) again++
  assert.is(again, back)
  assert.is(chain.head.hash, head.hash)
  assert.is(state.root, roots.at(-1))
  // The whole of it, computed anew.
  if (state instanceof LmdbState) assert.is((await state.check()).problem, undefined)
}

test('the command goes on where it ended, or was killed', async () => {
  const at = (part: string) => fixturePath('oracles', 'chains', 'geth_ethtest', `${part}.gz`)
  const data = join(folder, 'data')
  const args = ['import', at('chain.rlp'), '--genesis', at('genesis.json'), '--data', data]
  const part = braid([...args, '--to', '250'])
  assert.is(part.status, 0, part.stderr)
  assert.match(part.stdout, /^from block 1\n250 blocks, 285 transactions/)
  assert.match(part.stdout, /^head {7}250 0x[0-9a-f]{64}$/m)
  const command = join(root, 'dist/cli/braid.js')
  for (const after of [150, 250, 350]) await killedAfter(after, [command, ...args])
  const rest = braid([...args, '--json'])
  assert.is(rest.status, 0, rest.stderr)
  const head = JSON.parse(rest.stdout.trim().split('\n').at(-1) ?? '')
  assert.equal(Object.keys(head), ['number', 'hash', 'stateRoot'])
  assert.is(head.number, '600')
  const facts = braid(['state', data, '--check', '--json'])
  assert.is(facts.status, 0)
  const { number, hash, stateRoot, computedRoot, accounts } = JSON.parse(facts.stdout)
  assert.equal({ number, hash, stateRoot }, head)
  assert.is(computedRoot, head.stateRoot)
  assert.ok(accounts > 100)
  assert.match(braid([...args]).stdout, /^from block 601\n0 blocks/)
  // A file of another chain, and a folder of one.
  const other = fixturePath('oracles', 'chains', 'mainnet_1000', 'blocks.rlp.gz')
  const foreign = braid(['import', other, ...args.slice(2), '--json'])
  assert.is(foreign.status, 1)
  assert.match(foreign.stderr, /BLOCK_PARENT_MISMATCH/)
  assert.equal(JSON.parse(foreign.stdout), head)
  const genesis = fixturePath('oracles', 'chains', 'mainnet_1000', 'genesis.json.gz')
  const elsewhere = braid(['import', other, '--genesis', genesis, '--data', data])
  assert.is(elsewhere.status, 2)
  assert.match(elsewhere.stderr, /STORE_OTHER_CHAIN/)
  const file = join(data, 'data.mdb')
  await writeFile(file, readFileSync(file).subarray(0, 8192))
  assert.match(braid(['state', data]).stderr, /STORE_CORRUPT/)
  assert.is(braid(['state', join(folder, 'nowhere')]).status, 2)
})

const geth = (file: string) => fixturePath('oracles', 'chains', 'geth_ethtest', file)
const gethFile = geth('chain.rlp.gz')

/** What a command that ends with the head in JSON says it is. */
const headOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '')

test('an import that is interrupted ends at a block, and goes on there', async () => {
  const at = (part: string) => fixturePath('oracles', 'chains', 'mainnet_1000', `${part}.gz`)
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const data = join(folder, `interrupted by ${signal}`)
    const args = ['import', at('blocks.rlp'), '--genesis', at('genesis.json'), '--data', data]
    const child = spawn(process.execPath, [join(root, 'dist/cli/braid.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString()
    })
    child.stdout.on('data', (text: Buffer) => {
      if (stdout === '') child.kill(signal)
      stdout += text.toString()
    })
    const status = await new Promise((resolve) => child.on('close', resolve))
    assert.is(status, code, stderr)
    const [, ended] = /^braid: ended at block (\d+): /m.exec(stderr) ?? []
    assert.ok(Number(ended) < 999, stderr)
    assert.match(stdout, new RegExp(`^head {7}${ended} 0x`, 'm'))
    const facts = JSON.parse(braid(['state', data, '--check', '--json']).stdout)
    assert.is(facts.number, ended)
    assert.is(facts.computedRoot, facts.stateRoot)
    const rest = braid(args)
    assert.is(rest.status, 0, rest.stderr)
    assert.match(rest.stdout, new RegExp(`^from block ${Number(ended) + 1}\n`))
    assert.match(rest.stdout, /^head {7}999 0x/m)
  }
})

test('an import takes several files and standard input, and says which file is wrong', async () => {
  const rlp = gunzipSync(readFileSync(gethFile))
  const pieces: Uint8Array[] = []
  for await (const block of readBlocks(gethFile)) pieces.push(block)
  const [first, second] = [join(folder, 'first.rlp'), join(folder, 'second.rlp.gz')]
  writeFileSync(first, Buffer.concat(pieces.slice(0, 300)))
  writeFileSync(second, gzipSync(Buffer.concat(pieces.slice(300, 400))))
  const data = join(folder, 'some', 'where', 'else')
  const more = ['--genesis', geth('genesis.json.gz'), '--data', data, '--json']
  const missing = braid(['import', first, 'no-file.rlp', ...more])
  assert.is(missing.status, 2)
  assert.is(missing.stderr, 'braid: cannot read no-file.rlp: no such file or folder\n')
  assert.is(existsSync(data), false)
  assert.is(headOf(braid(['import', first, second, ...more]).stdout).number, '400')
  // What is cut off is imported as far as it goes.
  const cut = join(folder, 'cut.rlp')
  const place = Buffer.concat(pieces.slice(0, 450)).length - 7
  writeFileSync(cut, rlp.subarray(0, place))
  const truncated = braid(['import', cut, ...more])
  assert.is(truncated.status, 2)
  assert.match(truncated.stderr, /^braid: DECODE_RLP_TRUNCATED: .*cut\.rlp.*\nA file is RLP blocks/)
  assert.is(headOf(truncated.stdout).number, '449')
  const whole = braid(['import', '-', ...more], {}, { input: readFileSync(gethFile) })
  assert.is(headOf(whole.stdout).number, '600', whole.stderr)
  assert.match(braid(['import', '-', '-', ...more]).stderr, /can be read only once/)
})

test('a check finds damaged pages, and never ends the process', async () => {
  const data = join(folder, 'damaged')
  const args = ['import', gethFile, '--genesis', geth('genesis.json.gz'), '--data', data]
  assert.is(braid([...args, '--to', '120']).status, 0)
  const file = join(data, 'data.mdb')
  const whole = readFileSync(file)
  const random = new Random(11)
  let found = 0
  for (let i = 0; i < 12; i++) {
    const damaged = Buffer.from(whole)
    // Where the page says how it is laid out, after its number and flags.
    const page = 2 + random.below(whole.length / 4096 - 2)
    damaged.fill(0xff, 4096 * page + 12, 4096 * page + 40)
    writeFileSync(file, damaged)
    const { status, stdout } = braid(['state', data, '--check'])
    assert.ok(status !== null, `page ${page}`)
    if (status === 0) continue
    found++
    if (status === 1) assert.match(stdout, /structure of the file is damaged|is damaged|wrong/)
  }
  assert.ok(found > 0)
  writeFileSync(file, whole)
  assert.is(braid(['state', data, '--check']).status, 0)
})

test('an import and a state say which folder is wrong, and what helps', async () => {
  const data = join(folder, 'wrong')
  const args = ['import', gethFile, '--genesis', geth('genesis.json.gz'), '--data']
  const none = braid(['state', data])
  assert.is(none.status, 2)
  assert.match(
    none.stderr,
    /^braid: .*wrong: STORE_NOT_FOUND: .*\nbraid import --data makes one\.\n$/,
  )
  assert.is(none.stdout, '')
  writeFileSync(data, '')
  assert.match(braid([...args, data]).stderr, /STORE_|cannot make .*wrong: it is a file/)
  await rm(data)
  assert.is(braid([...args, data, '--to', '3']).status, 0)
  await using _ = await LmdbState.open(data)
  for (const command of [
    [...args, data],
    ['state', data],
  ]) {
    const { status, stderr } = braid(command)
    assert.is(status, 2)
    assert.match(stderr, /^braid: .*wrong: STORE_LOCKED: .*\nOnly one process may/)
  }
})

report()
imports.run()
