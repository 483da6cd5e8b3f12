/** Imports into a state that lasts: chains of other clients, and processes that are killed at any moment. */

import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Chain, Engine, MemoryState, readBlocks, readGenesis } from '../lib/index.js'
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

for (const [name, file, length] of chains) {
  test(`${name}: to every state root, back 64 blocks and forward again`, async () => {
    const at = (part: string) => fixturePath('oracles', 'chains', name, `${part}.gz`)
    const genesis = await readGenesis(at('genesis.json'))
    const { common, alloc } = genesis
    const state = new MemoryState(alloc, { trie: true, history: 64 })
    const engine = await Engine.create({ common, threads: 2 })
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
    engine.close()
  })
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

report()
imports.run()
