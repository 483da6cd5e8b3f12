/** `--chain`: whose rules blocks are executed by. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chainOf } from '../lib/cli/chain-option.js'
import { readBlocks } from '../lib/index.js'
import { fixturePath, withFixtures } from './fixtures.js'
import { braid } from './support/braid-command.js'

const chain = suite('--chain')

chain('names of networks', async () => {
  const ids = []
  for (const name of ['mainnet', 'sepolia', 'hoodi', 'holesky']) {
    ids.push(String((await chainOf(name)).chainId()))
  }
  assert.equal(ids, ['1', '11155111', '560048', '17000'])
})

chain('what is neither a network nor a file', async () => {
  const messageOf = (text: string) =>
    chainOf(text).then(
      () => '',
      (error: Error) => error.message,
    )
  assert.is(await messageOf('sepola'), "--chain knows no sepola, did you mean 'sepolia'?")
  assert.is(
    await messageOf('no/such.json'),
    '--chain knows no no/such.json: it takes mainnet, sepolia, hoodi, holesky, or the path of a genesis file',
  )
})

const { test, report } = withFixtures(chain, '--chain')

test('a genesis file', async () => {
  const common = await chainOf(fixturePath('oracles', 'chains', 'geth_ethtest', 'genesis.json.gz'))
  assert.is(String(common.chainId()), '3503995874084926')
})

const oracle = (file: string) => fixturePath('oracles', 'chains', 'geth_ethtest', file)

test('every command that executes blocks of files goes by it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'braid-chain-'))
  const block = join(folder, 'block.rlp')
  const genesis = oracle('genesis.json.gz')
  for await (const rlp of readBlocks(oracle('chain.rlp.gz'))) {
    writeFileSync(block, rlp)
    break
  }
  const data = join(folder, 'data')
  for (const [command, ...more] of [
    ['execute', '--state', genesis],
    ['inspect', '--state', genesis],
    ['bench', '--state', genesis, '--repeat', '1', '--threads', '1'],
    ['import', '--data', data],
  ]) {
    const run = (...args: string[]) => braid([command, block, ...more, '--json', ...args])
    const own = run('--chain', genesis)
    assert.is(own.status, 0, `${command}: ${own.stderr}`)
    // Its first block is of London, and mainnet's of that time has no base fee.
    const others = run('--chain', 'mainnet')
    assert.not(others.status === 0, command)
    assert.match(run('--chain', 'sepola').stderr, /did you mean 'sepolia'\?/, command)
  }
  rmSync(folder, { recursive: true })
})

test('an import needs accounts, and rules of the same chain', () => {
  const folder = join(tmpdir(), 'braid-chain-nothing')
  const run = (...args: string[]) =>
    braid(['import', oracle('chain.rlp.gz'), '--data', folder, ...args])
  const genesis = oracle('genesis.json.gz')
  const missing = run()
  assert.is(missing.status, 2)
  assert.match(missing.stderr, /needs the accounts that the chain begins with: give --genesis FILE/)
  assert.match(run('--chain', 'mainnet').stderr, /which --chain mainnet does not tell/)
  const other = run('--chain', 'sepolia', '--genesis', genesis)
  assert.is(other.status, 2)
  assert.match(other.stderr, /is one of chain 3503995874084926, and --chain one of 11155111/)
  assert.is(existsSync(folder), false)
})

test('workloads are blocks of mainnet', () => {
  const { status, stderr } = braid(['bench', '--workload', 'deposits', '--chain', 'hoodi'])
  assert.is(status, 2)
  assert.match(stderr, /workloads are blocks of mainnet/)
})

report()
chain.run()
