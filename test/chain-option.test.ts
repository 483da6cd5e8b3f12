/** `--chain`: whose rules blocks are executed by. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chainOf } from '../lib/cli/chain-option.js'
import { fixturePath, withFixtures } from './fixtures.js'

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

report()
chain.run()
