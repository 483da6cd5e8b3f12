/** The names that tests give to reasons, in the terms of this package's errors. */

import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DecodedBlock } from '../lib/block/index.js'
import { Revision } from '../lib/chain/index.js'
import { legacyNames, legacyReasons } from '../lib/cli/blocktest/legacy-reasons.js'
import { isExpected } from '../lib/cli/blocktest/rejection.js'
import { Engine } from '../lib/engine/engine.js'
import { errorFor } from '../lib/errors.js'
import { MemoryState } from '../lib/state/memory-state.js'
import {
  type Ancestor,
  checkOmmers,
  rulesOfChain,
  validateHeader,
} from '../lib/validation/index.js'
import { blockExceptions, transactionExceptions } from './support/exception-names.js'
import { chainOf, frontierFields, headerOf } from './support/headers.js'
import { blockAround } from './support/raw-block.js'
import { thrownBy } from './support/thrown.js'

const rejection = suite('reasons for rejections')

const common = chainOf('homestead')

rejection('every name of execution-spec-tests is known', () => {
  assert.ok(transactionExceptions.length > 70 && blockExceptions.length > 55)
  const error = errorFor('CANCELLED')
  for (const name of transactionExceptions) {
    assert.is(isExpected(error, `TransactionException.${name}`), false, name)
  }
  for (const name of blockExceptions) {
    assert.is(isExpected(error, `BlockException.${name}`), false, name)
  }
})

rejection(
  'every older name is known too, and stands for what names of execution-spec-tests do',
  () => {
    const error = errorFor('CANCELLED')
    for (const name of [...Object.keys(legacyNames), ...Object.keys(legacyReasons)]) {
      assert.is(isExpected(error, name), false, name)
    }
    const nonce = errorFor('TX_NONCE_TOO_LOW')
    assert.ok(isExpected(nonce, 'TR_NonceTooLow'))
    assert.not.ok(isExpected(nonce, 'TR_NonceTooHigh'))
    for (const code of ['TX_INSUFFICIENT_FUNDS', 'TX_INTRINSIC_GAS_TOO_LOW'] as const) {
      assert.ok(isExpected(errorFor(code), 'TR_NoFundsOrGas'), code)
    }
  },
)

rejection('a name that is not known is said, wherever it stands', () => {
  const error = errorFor('TX_SET_CODE_CREATE')
  assert.ok(isExpected(error, 'TransactionException.TYPE_4_TX_CONTRACT_CREATION'))
  for (const name of ['NeverHeardOf', 'constructor', 'BlockException.toString']) {
    assert.throws(
      () => isExpected(error, `TransactionException.TYPE_4_TX_CONTRACT_CREATION|${name}`),
      new RegExp(`the reason ${name} is not known`),
    )
  }
})

rejection(
  'a header whose gas limit is out of range and below the gas used is wrong in two ways',
  () => {
    const parent = headerOf(frontierFields)
    const follows = { parentHash: parent.hash, number: 1001n, timestamp: 10_010n }
    const header = headerOf({ ...frontierFields, ...follows, gasLimit: 6000n, gasUsed: 7000n })
    const error = thrownBy(() => validateHeader(header, parent, { common }))
    for (const name of ['INVALID_GASLIMIT', 'INVALID_GAS_USED_ABOVE_LIMIT', 'GAS_USED_OVERFLOW']) {
      assert.ok(isExpected(error, `BlockException.${name}`), name)
      const other = errorFor('BLOCK_GAS_USED_EXCEEDS_LIMIT', { field: 'gasUsed' })
      assert.ok(isExpected(other, `BlockException.${name}`), name)
    }
    assert.not.ok(isExpected(error, 'BlockException.INVALID_GAS_USED'))
    assert.not.ok(isExpected(error, 'BlockException.INVALID_DIFFICULTY'))
  },
)

rejection('an ommer that is the oldest visible ancestor has a parent that is not', () => {
  const line: Ancestor[] = [{ header: headerOf(frontierFields), ommers: [] }]
  for (let i = 0; i < 8; i++) {
    const { hash, number, timestamp } = line[0].header
    const fields = { parentHash: hash, number: number + 1n, timestamp: timestamp + 10n }
    line.unshift({ header: headerOf({ ...frontierFields, ...fields }), ommers: [] })
  }
  const [{ header }, ...ancestors] = line
  const reject = (ommer: Ancestor) =>
    thrownBy(() => {
      const block = { header, ommers: [ommer.header], missingOmmers: 0 }
      checkOmmers(block as unknown as DecodedBlock, ancestors, rulesOfChain(common))
    })
  const oldest = reject(ancestors[6])
  assert.ok(isExpected(oldest, 'BlockException.UNCLE_IS_ANCESTOR'))
  assert.ok(isExpected(oldest, 'BlockException.UNCLE_PARENT_INCORRECT'))
  assert.ok(isExpected(oldest, 'BlockException.UNCLE_UNKNOWN_PARENT'))
  assert.not.ok(isExpected(oldest, 'BlockException.UNCLE_IS_BROTHER'))
  const older = reject(ancestors[7])
  assert.ok(isExpected(older, 'BlockException.UNCLE_PARENT_INCORRECT'))
  assert.not.ok(isExpected(older, 'BlockException.UNCLE_IS_ANCESTOR'))
})

rejection('a set-code transaction without a recipient', async () => {
  const bytes = (size: number) => new Uint8Array(size).fill(1)
  const authorization = [1, bytes(20), 0, 0, bytes(32), bytes(32)]
  const fields = [1, 0, 1, 1, 100_000, '', 0, '', [], [authorization], 0, bytes(32), bytes(32)]
  const raw = Uint8Array.of(4, ...RLP.encode(fields))
  const engine = await Engine.create({ common: chainOf('prague') })
  const block = blockAround(raw, Revision.Prague)
  const state = new MemoryState()
  const options = { state, verify: false, forgiveMissingSystemContracts: true }
  const error = thrownBy(() => engine.executeBlockSync(block, options))
  engine.close()
  assert.ok(isExpected(error, 'TransactionException.TYPE_4_TX_CONTRACT_CREATION'), error.message)
  assert.not.ok(isExpected(error, 'TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST'))
})

rejection.run()
