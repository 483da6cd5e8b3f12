import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ErrorCode, errorMeanings } from '../lib/error-codes.js'
import {
  AbortError,
  BlockDecodeError,
  BraidError,
  ChainError,
  errorFor,
  errorInBlock,
  InvalidBlockError,
  InvalidTransactionError,
  isBraidError,
  OptionsError,
  ProofError,
  StateError,
  VmError,
} from '../lib/errors.js'
import { ErrorCode as NativeErrorCode } from '../lib/native/wire.js'
import { root } from './fixtures.js'

const errors = suite('errors')

errors('every native code is a code of the package', () => {
  for (const name of Object.keys(NativeErrorCode)) {
    if (name !== 'OK') assert.ok(name in errorMeanings, name)
  }
})

errors('every code carries a comment that documents it', () => {
  const source = readFileSync(join(root, 'lib/error-codes.ts'), 'utf8')
  for (const code of Object.keys(errorMeanings)) {
    assert.match(source, new RegExp(`/\\*\\* [^\\n]+ \\*/\\n  ${code}: '`), code)
  }
})

errors('the class follows from the code', () => {
  const cases: [ErrorCode, new (code: ErrorCode) => BraidError][] = [
    ['TX_NONCE_TOO_LOW', InvalidTransactionError],
    ['BLOCK_FIELD_MISMATCH', InvalidBlockError],
    ['DECODE_RLP_TRUNCATED', BlockDecodeError],
    ['STATE_MISSING_CODE', StateError],
    ['STATE_NODE_MISSING', StateError],
    ['PROOF_INVALID', ProofError],
    ['VM_NOT_FOUND', VmError],
    ['UNSUPPORTED_HARDFORK', ChainError],
    ['CHAIN_CONFIG_INVALID', ChainError],
    ['OPTION_INVALID', OptionsError],
    ['CANCELLED', AbortError],
    ['OUT_OF_MEMORY', BraidError],
    ['ENGINE_CLOSED', BraidError],
  ]
  for (const [code, expected] of cases) {
    const error = errorFor(code)
    assert.is(error.constructor, expected, code)
    assert.is(error.name, expected.name)
    assert.is(error.code, code)
    assert.ok(error instanceof BraidError && error instanceof Error)
  }
})

errors('the message says what and where', () => {
  const cause = new Error('below')
  const error = errorFor(
    'BLOCK_FIELD_MISMATCH',
    { txIndex: 3, field: 'gasUsed', expected: 21_000n, actual: 5n, address: '0xaa' },
    { cause },
  )
  assert.is(
    error.message,
    'a field of the header does not match (transaction 3, gasUsed, account 0xaa, expected 21000, got 5)',
  )
  assert.is(error.cause, cause)
  assert.ok(error instanceof InvalidBlockError)
  assert.is(error.field, 'gasUsed')
  assert.is(error.expected, 21_000n)
  assert.is(error.actual, 5n)
})

errors('long values are shortened in the message, not in the details', () => {
  const actual = 'x'.repeat(10_000)
  const error = errorFor('DECODE_FIELD_TYPE', { field: 'input', actual })
  assert.ok(error.message.length < 300)
  assert.is(error.details.actual, actual)
})

errors('an error in a block of a chain says which, and keeps what it says itself', () => {
  const cause = new Error('below')
  const plain = errorInBlock(errorFor('TX_UNSIGNED', { txIndex: 2 }, { cause }), 7n) as BraidError
  assert.is(plain.message, 'the transaction is not signed (block 7, transaction 2)')
  assert.equal(plain.details, { txIndex: 2, blockNumber: 7n })
  assert.is(plain.cause, cause)
  const message = 'no hardfork is active at block 0'
  const told = errorInBlock(errorFor('CHAIN_CONFIG_INVALID', {}, { message }), 7n) as BraidError
  assert.is(told.message, message)
  assert.is(told.details.blockNumber, 7n)
  assert.is(errorInBlock(cause, 7n), cause)
})

errors('isBraidError tells codes apart', () => {
  const error = errorFor('TX_UNSIGNED', { txIndex: 0 })
  assert.ok(isBraidError(error))
  assert.ok(isBraidError(error, 'TX_UNSIGNED'))
  assert.not(isBraidError(error, 'TX_NONCE_TOO_LOW'))
  assert.not(isBraidError(new Error('TX_UNSIGNED')))
  const lookalike = { name: 'BraidError', code: 'TX_UNSIGNED', message: '', details: {} }
  for (const other of [lookalike, undefined, null, 'TX_UNSIGNED', 5, BraidError]) {
    assert.not(isBraidError(other), String(other))
  }
})

errors('two copies of the package know the errors of one another', async () => {
  // The loader keeps a module per URL.
  const url = new URL('../lib/errors.js?copy', import.meta.url)
  const copy = (await import(url.href)) as typeof import('../lib/errors.js')
  const [ours, theirs] = [errorFor('TX_UNSIGNED'), copy.errorFor('TX_UNSIGNED')]
  assert.not(theirs instanceof BraidError)
  for (const error of [ours, theirs]) {
    assert.ok(isBraidError(error, 'TX_UNSIGNED'))
    assert.ok(copy.isBraidError(error, 'TX_UNSIGNED'))
    assert.not(isBraidError(error, 'CANCELLED'))
    assert.not(copy.isBraidError(error, 'CANCELLED'))
  }
})

errors('the mark does not show where an error is printed or copied', () => {
  const error = errorFor('CANCELLED')
  assert.equal(Object.getOwnPropertySymbols(error), [])
  assert.not.match(inspect(error), /Symbol/)
})

errors.run()
