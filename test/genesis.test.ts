/** Genesis files: the first block in every hardfork, the rules, and what is wrong with them. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Holesky, Hoodi, Mainnet, Sepolia } from '@ethereumjs/common'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hardforkAt, rulesetAt } from '../lib/chain/index.js'
import { readChainConfig } from '../lib/chain-files/index.js'
import { type Hex, readGenesis } from '../lib/index.js'
import { errorOf } from './support/thrown.js'

const genesis = suite('genesis')

const base = { difficulty: '0x0', gasLimit: '0x1c9c380', nonce: '0x0', alloc: {} }
const frontier = { chainId: 1982 }
const merged = { ...frontier, homesteadBlock: 0, londonBlock: 0, terminalTotalDifficulty: 0 }
const folder = await mkdtemp(join(tmpdir(), 'braid-genesis-'))
genesis.after(() => rm(folder, { recursive: true }))

genesis('the public networks', async () => {
  const merge = { terminalTotalDifficulty: 0, mergeNetsplitBlock: 0 }
  const networks = [
    [Mainnet, {}, '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544'],
    [
      Sepolia,
      { londonBlock: 0 },
      '0x5eb6e371a698b8d68f665192350ffcecbbbf322916f4b51bd79bb6887da3f494',
    ],
    [
      Holesky,
      { londonBlock: 0 },
      '0x69d8c9d72f6fa4ad42d4702b433707212f90db395eb54dc20bc85de253788783',
    ],
    [
      Hoodi,
      { londonBlock: 0, ...merge, shanghaiTime: 0, cancunTime: 0 },
      '0xda87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576',
    ],
  ] as const
  for (const [chain, forks, stateRoot] of networks) {
    const file = {
      ...chain.genesis,
      config: { chainId: Number(chain.chainId), ...forks },
      alloc: {},
    }
    const { common, alloc } = await readGenesis(file, { stateRoot })
    // A hash that is a network's brings all of its rules.
    assert.is(common.hardforks().length, chain.hardforks.length, chain.name)
    assert.is(alloc, undefined)
  }
})

genesis('the header has the fields of its hardfork', async () => {
  const fields = async (config: object) => {
    const { header } = await readGenesis({ ...base, config: config as Record<string, unknown> })
    return { ...header }
  }
  const mined = await fields(frontier)
  assert.is(mined.baseFeePerGas, undefined)
  assert.is((await fields(merged)).baseFeePerGas, 1_000_000_000n)
  const shanghai = await fields({ ...merged, shanghaiTime: 0 })
  assert.is(shanghai.withdrawalsRoot, shanghai.transactionsRoot)
  assert.is(shanghai.blobGasUsed, undefined)
  const cancun = await fields({ ...merged, shanghaiTime: 0, cancunTime: 0 })
  assert.is(cancun.excessBlobGas, 0n)
  assert.is(cancun.parentBeaconBlockRoot, `0x${'00'.repeat(32)}`)
  assert.is(cancun.requestsHash, undefined)
  const prague = await fields({ ...merged, shanghaiTime: 0, cancunTime: 0, pragueTime: 0 })
  assert.is(
    prague.requestsHash,
    '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  const given = await readGenesis({
    ...base,
    config: { ...merged, shanghaiTime: 0, cancunTime: 0 },
    number: '0x5',
    parentHash: `0x${'11'.repeat(32)}`,
    baseFeePerGas: '0x7',
    excessBlobGas: '0x20000',
    blobGasUsed: 131072,
    extraData: 'abcd',
    nonce: '0x1234',
  })
  const { header } = given
  assert.is(
    [header.number, header.baseFeePerGas, header.excessBlobGas, header.blobGasUsed].join(),
    '5,7,131072,131072',
  )
  assert.is(header.nonce, '0x0000000000001234')
  assert.is(header.extraData, '0xabcd')
  assert.is(header.parentHash, `0x${'11'.repeat(32)}`)
})

genesis('a file and its content give the same', async () => {
  const file = {
    ...base,
    config: frontier,
    alloc: {
      '0000000000000000000000000000000000000001': {
        balance: '5',
        nonce: '0x1',
        storage: { '0x01': '0x02' },
      },
    },
  }
  const path = join(folder, 'genesis.json')
  await writeFile(path, JSON.stringify(file, undefined, 2))
  const [one, other] = [await readGenesis(path), await readGenesis(file)]
  assert.is(one.header.hash, other.header.hash)
  assert.equal(one.alloc, file.alloc)
  const stateRoot = one.header.stateRoot as Hex
  assert.is((await readGenesis(path, { stateRoot })).header.hash, one.header.hash)
  await writeFile(path, JSON.stringify(file).slice(0, -3))
  assert.is((await errorOf(readGenesis(path))).code, 'STATE_FILE_TRUNCATED')
})

genesis('hardforks are where the file says', async () => {
  const config = {
    chainID: 7,
    eip150Block: 2,
    eip155Block: 3,
    eip158Block: 3,
    constantinopleBlock: 5,
    londonBlock: 8,
    mergeNetsplitBlock: 10,
    terminalTotalDifficulty: '0xffffffff',
    shanghaiTime: 100,
    cancunTime: 200,
    bpo1Time: 300,
    bpo3Time: 400,
    blobSchedule: {
      cancun: { target: 1, max: 2, baseFeeUpdateFraction: 1000 },
      bpo3: { target: 30, max: 40, baseFeeUpdateFraction: 5000 },
    },
    depositContractAddress: '0x00000000000000000000000000000000000000AA',
  }
  const { common, terminalTotalDifficulty } = await readGenesis({ ...base, config })
  assert.is(terminalTotalDifficulty === 0xffffffffn, true)
  const at = (block: bigint, time = 0n) => hardforkAt(common, block, time)
  assert.equal(
    [0n, 2n, 3n, 5n, 8n, 10n].map((block) => at(block)),
    [
      'chainstart',
      'tangerineWhistle',
      'spuriousDragon',
      'petersburg',
      'london',
      'mergeNetsplitBlock',
    ],
  )
  const schedule = (time: bigint) => {
    const { blobSchedule } = rulesetAt(common, 20n, time)
    return [
      blobSchedule?.target,
      blobSchedule?.max,
      String(blobSchedule?.baseFeeUpdateFraction),
    ].join()
  }
  assert.is(schedule(200n), '1,2,1000')
  assert.is(schedule(300n), '10,15,8346193')
  assert.is(schedule(400n), '30,40,5000')
  assert.is(
    rulesetAt(common, 20n, 400n).depositContract,
    '0x00000000000000000000000000000000000000aa',
  )
  assert.is(String(common.chainId()), '7')
})

genesis('the merge: where it is known', async () => {
  const config = { ...frontier, londonBlock: 0, terminalTotalDifficulty: 100 }
  const hardfork = async (options: object, difficulty = '0x1') => {
    const { common } = await readGenesis({ ...base, config, difficulty }, options)
    return hardforkAt(common, 5n, 0n)
  }
  assert.is(await hardfork({}), 'london')
  assert.is(await hardfork({}, '0x64'), 'paris')
  assert.is(await hardfork({ mergeBlock: 5n }), 'paris')
  // A file of mainnet's rules does not name its merge; the network is known.
  const path = join(folder, 'mainnet.json')
  const mainnet = {
    ...base,
    config: { chainId: 1, londonBlock: 12965000, terminalTotalDifficulty: 58750 },
  }
  await writeFile(path, JSON.stringify(mainnet))
  assert.is(hardforkAt(await readChainConfig(path), 15537394n, 0n), 'paris')
})

genesis('what is wrong is named', async () => {
  const wrong: readonly (readonly [config: object, code: string, field: string | undefined])[] = [
    [{}, 'CHAIN_CONFIG_INVALID', 'config.chainId'],
    [{ chainId: 'x' }, 'CHAIN_CONFIG_INVALID', 'config.chainId'],
    [{ chainId: 1, londonBlock: -1 }, 'CHAIN_CONFIG_INVALID', 'config.londonBlock'],
    [{ chainId: 1, eip155Block: 1, eip158Block: 2 }, 'CHAIN_CONFIG_INVALID', 'config.eip155Block'],
    [{ chainId: 1, berlinBlock: 5, londonBlock: 4 }, 'CHAIN_CONFIG_INVALID', 'config (london)'],
    [{ chainId: 1, cancunTime: 5, pragueTime: 4 }, 'CHAIN_CONFIG_INVALID', 'config.pragueTime'],
    [{ chainId: 1, shangaiTime: 4 }, 'CHAIN_CONFIG_INVALID', 'config.shangaiTime'],
    [{ chainId: 1, amsterdamTime: 4 }, 'UNSUPPORTED_HARDFORK', undefined],
    [
      { chainId: 1, blobSchedule: { london: {} } },
      'CHAIN_CONFIG_INVALID',
      'config.blobSchedule.london',
    ],
    [
      { chainId: 1, blobSchedule: { cancun: { target: 1, max: 2 } } },
      'CHAIN_CONFIG_INVALID',
      'config.blobSchedule.cancun.baseFeeUpdateFraction',
    ],
    [
      { chainId: 1, depositContractAddress: '0x1' },
      'CHAIN_CONFIG_INVALID',
      'config.depositContractAddress',
    ],
  ]
  for (const [config, code, field] of wrong) {
    const file = { ...base, config: config as Record<string, unknown> }
    const error = await errorOf(readGenesis(file))
    assert.is(error.code, code, JSON.stringify(config))
    assert.is(error.details.field, field, JSON.stringify(config))
  }
  const slip = await errorOf(readGenesis({ ...base, config: { chainId: 1, shangaiTime: 4 } }))
  assert.match(slip.message, /did you mean 'shanghaiTime'/)
  for (const [name, value] of Object.entries({
    mixHash: '0x1',
    extraData: '0x1',
    gasLimit: 'lots',
    coinbase: 3,
    nonce: '0x10000000000000000',
  })) {
    const error = await errorOf(readGenesis({ ...base, config: frontier, [name]: value }))
    assert.is(error.code, 'CHAIN_CONFIG_INVALID', name)
    assert.is(error.details.field, name)
  }
  const alloc = { zz: {} }
  assert.is(
    (await errorOf(readGenesis({ ...base, config: frontier, alloc }))).code,
    'STATE_MALFORMED',
  )
})

genesis.run()
