/** Parameters of a Common: followed, or refused by name. */

import { paramsBlock } from '@ethereumjs/block'
import { Common, Mainnet } from '@ethereumjs/common'
import { paramsEVM } from '@ethereumjs/evm'
import { paramsTx } from '@ethereumjs/tx'
import { paramsVM } from '@ethereumjs/vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { executionParameters, headerParameters } from '../lib/chain/constants.js'
import {
  checkHeaderParameters,
  hardforkRules,
  Revision,
  rulesetForFork,
  rulesetOf,
  transactionRulesetOf,
} from '../lib/chain/index.js'
import { everyHardfork } from '../lib/chain/parameters.js'
import {
  type BraidError,
  Engine,
  encodeBlock,
  isBraidError,
  MemoryState,
  validateHeader,
} from '../lib/index.js'
import { chainOf, frontierFields, headerOf } from './support/headers.js'
import { thrownBy } from './support/thrown.js'

const parameters = suite('parameters of a Common')

const dictionaries = [paramsEVM, paramsVM, paramsTx, paramsBlock]
const names = [...hardforkRules.keys()]

/** What a ruleset takes from a Common. */
const followed = new Set([
  'minerReward',
  'targetBlobGasPerBlock',
  'maxBlobGasPerBlock',
  'blobGasPriceUpdateFraction',
  'target',
  'max',
  'maxBlobsPerTx',
])

/** A Common with all dictionaries, in an order that starts with the given one. */
function fullCommon(hardfork: string, first: number, chain = Mainnet): Common {
  const common = new Common({ chain: { ...chain, ...everyHardfork }, hardfork })
  for (let i = 0; i < 4; i++) common.updateParams(dictionaries[(first + i) % 4])
  return common
}

parameters("those of every hardfork are the dictionaries' own", () => {
  for (const hardfork of names) {
    for (let first = 0; first < 4; first++) {
      const common = fullCommon(hardfork, first)
      const ruleset = rulesetOf(common, hardfork)
      checkHeaderParameters(common, hardfork)
      const plain = rulesetForFork(hardfork)
      assert.is(ruleset.blockReward, plain.blockReward, hardfork)
      assert.is(ruleset.maxBlobsPerTransaction, plain.maxBlobsPerTransaction, hardfork)
    }
  }
})

/** Names that nothing up to the newest hardfork reads. */
const unread = new Set(['slotnumGas'])

parameters('every name that a dictionary has for a known hardfork is known', () => {
  const known = new Set(
    [executionParameters, headerParameters].flatMap((table) =>
      Object.values(table).flatMap((values) => values.flatMap(([, list]) => list.split(/\s+/))),
    ),
  )
  for (const hardfork of names) {
    const common = fullCommon(hardfork, 0)
    const active = dictionaries.flatMap((dictionary) =>
      Object.entries(dictionary).flatMap(([eip, values]) =>
        eip === '1' || common.isActivatedEIP(Number(eip)) ? Object.keys(values) : [],
      ),
    )
    for (const name of active) {
      assert.ok(known.has(name) || followed.has(name) || unread.has(name), `${hardfork} ${name}`)
    }
  }
})

for (const [hardfork, eip, name] of [
  ['chainstart', 1, 'sloadGas'],
  ['spuriousDragon', 607, 'maxCodeSize'],
  ['london', 3529, 'maxRefundQuotient'],
  ['shanghai', 3860, 'maxInitCodeSize'],
  ['prague', 7623, 'totalCostFloorPerToken'],
  ['prague', 2935, 'historyStorageAddress'],
  ['osaka', 7825, 'maxTransactionGasLimit'],
  ['osaka', 1, 'txGas'],
] as const) {
  parameters(`${name} of ${hardfork} is refused where it is another`, async () => {
    const common = new Common({ chain: Mainnet, hardfork, params: { [eip]: { [name]: 12_345 } } })
    for (const find of [rulesetOf, transactionRulesetOf]) {
      const error = thrownBy(() => find(common, hardfork))
      assert.ok(isBraidError(error, 'OPTION_UNSUPPORTED'), String(error))
      assert.match(error.details.field ?? '', new RegExp(`params\\.${name}$`))
      assert.is(error.details.hardfork, hardfork)
      assert.is(error.details.actual, 12_345n)
    }
  })
}

parameters('an engine refuses blocks and transactions of such a chain', async () => {
  const chain = chainOf('byzantium')
  chain.updateParams({ 607: { maxCodeSize: 100_000 } })
  const engine = await Engine.create({ common: chain })
  const state = new MemoryState()
  const block = encodeBlock({ ...frontierFields, transactions: [] })
  const rejected = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      (e: BraidError) => e,
    )
    assert.is(error?.code, 'OPTION_UNSUPPORTED')
    assert.match(error?.message ?? '', 'maxCodeSize')
  }
  await rejected(engine.executeBlock(block, { state }))
  const environment = { number: 1n, timestamp: 1n, gasLimit: 1n, coinbase: frontierFields.miner }
  for (const hardfork of [undefined, 'byzantium', 'cancun']) {
    const options = { state, ...(hardfork === undefined ? {} : { hardfork }) }
    await rejected(engine.executeTransactions(environment, [], options))
  }
})

parameters('what only headers are checked by matters to those who check them', () => {
  const chain = chainOf('byzantium')
  chain.updateParams({ 1: { minGasLimit: 4000 } })
  rulesetOf(chain, 'byzantium')
  const parent = headerOf(frontierFields)
  const error = thrownBy(() => validateHeader(parent, parent, { common: chain }))
  assert.is(error.code, 'OPTION_UNSUPPORTED')
  assert.match(error.details.field ?? '', 'minGasLimit')
})

parameters('rewards and limits of blobs are followed', () => {
  const mined = chainOf('byzantium')
  mined.updateParams({ 609: { minerReward: '7' } })
  assert.is(rulesetOf(mined, 'byzantium').blockReward, 7n)
  const osaka = new Common({ chain: Mainnet, params: { 7594: { maxBlobsPerTx: 4 } } })
  assert.is(rulesetOf(osaka, 'osaka').maxBlobsPerTransaction, 4)
  const absurd = new Common({ chain: Mainnet, params: { 7594: { maxBlobsPerTx: 2 ** 40 } } })
  assert.is(thrownBy(() => rulesetOf(absurd, 'osaka')).code, 'CHAIN_CONFIG_INVALID')
})

parameters('a hardfork by name keeps what the chain says of it', async () => {
  const params = {
    4844: { targetBlobGasPerBlock: 131_072, maxBlobGasPerBlock: 262_144 },
  }
  const common = new Common({ chain: { ...Mainnet, chainId: 77 }, params })
  const ruleset = transactionRulesetOf(common, 'Cancun')
  assert.is(ruleset.chainId, 77n)
  assert.is(ruleset.revision, Revision.Cancun)
  assert.is(ruleset.blobSchedule?.max, 2)
  // Seen from outside: three blobs are more than a block of this chain takes.
  const engine = await Engine.create({ common })
  const sender = `0x${'5e'.repeat(20)}`
  const state = new MemoryState({ [sender]: { balance: 10n ** 20n } })
  const environment = {
    number: 20_000_000n,
    timestamp: 1_720_000_000n,
    gasLimit: 30_000_000n,
    coinbase: sender,
  }
  const run = (blobs: number) =>
    engine.executeTransactions(
      environment,
      [
        {
          sender,
          to: sender,
          nonce: 0n,
          gasLimit: 21_000n,
          maxFeePerGas: 1n,
          maxFeePerBlobGas: 1n,
          blobVersionedHashes: Array.from({ length: blobs }, () => `0x01${'00'.repeat(31)}`),
        },
      ],
      { state, hardfork: 'cancun' },
    )
  assert.is((await run(2)).blobGasUsed, 262_144n)
  const error = await run(3).then(
    () => undefined,
    (e: BraidError) => e,
  )
  assert.match(error?.code ?? '', /^TX_BLOB/)
})

parameters('a chain of proof of authority runs transactions of its early hardforks', async () => {
  const hardforks = [{ name: 'chainstart', block: 0 }]
  const consensus = { type: 'poa', algorithm: 'clique', clique: { period: 15, epoch: 30_000 } }
  const common = new Common({ chain: { ...Mainnet, consensus, hardforks } as never })
  assert.is(transactionRulesetOf(common, 'Berlin').revision, Revision.Berlin)
  assert.is(transactionRulesetOf(common, 'Frontier').revision, Revision.Frontier)
  assert.is(thrownBy(() => rulesetOf(common, 'chainstart')).code, 'UNSUPPORTED_CONSENSUS')
})

parameters.run()
