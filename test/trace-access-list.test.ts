/** One transaction that is traced on what a block's access list says of those before it. */

import { RLP } from '@ethereumjs/rlp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exampleBlock } from '../lib/example-blocks/index.js'
import { Engine, type Hex, type TracedChanges, type TracerName } from '../lib/index.js'
import { errorOf } from './support/thrown.js'

const lists = suite('traces on access lists')
const engine = await Engine.create({ threads: 2 })
const { block, options } = exampleBlock(24476005)

interface Account {
  readonly slots: Map<string, [number, bigint][]>
  readonly balance: [number, bigint][]
  readonly nonce: [number, bigint][]
  readonly code: [number, Uint8Array][]
}

/** The list of the block as its own changes tell it, without what was only looked at. */
async function listOfBlock(): Promise<Uint8Array> {
  const accounts = new Map<string, Account>()
  const accountOf = (address: string): Account => {
    const made = { slots: new Map(), balance: [], nonce: [], code: [] }
    const account = accounts.get(address) ?? made
    accounts.set(address, account)
    return account
  }
  const traces = engine.traceBlock(block, {
    ...options,
    tracer: 'prestateTracer',
    config: { diffMode: true },
  })
  for await (const { txIndex, value } of traces) {
    const { pre, post } = value as TracedChanges
    const place = txIndex + 1
    for (const [address, { balance, nonce, code, storage = {} }] of Object.entries(post)) {
      const account = accountOf(address)
      if (balance !== undefined) account.balance.push([place, BigInt(balance)])
      if (nonce !== undefined) account.nonce.push([place, BigInt(nonce)])
      if (code !== undefined) account.code.push([place, Buffer.from(code.slice(2), 'hex')])
      const before = pre[address as Hex]?.storage ?? {}
      for (const slot of new Set([...Object.keys(before), ...Object.keys(storage)])) {
        const values = account.slots.get(slot) ?? []
        account.slots.set(slot, values)
        values.push([place, BigInt(storage[slot as Hex] ?? 0)])
      }
    }
  }
  return RLP.encode(
    [...accounts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([address, { slots, balance, nonce, code }]) => {
        const changed = [...slots].map(([slot, values]) => [BigInt(slot), values])
        return [address, changed, [7n], balance, nonce, code]
      }),
  )
}

const tracers: readonly (readonly [TracerName, object])[] = [
  ['callTracer', {}],
  ['flatCallTracer', {}],
  ['prestateTracer', { diffMode: true }],
  ['muxTracer', { '4byteTracer': {}, callTracer: {} }],
  ['structLogs', { limit: 20_000 }],
]

lists('say what is said when all transactions before are executed', async () => {
  const blockAccessList = await listOfBlock()
  const hex = `0x${Buffer.from(blockAccessList).toString('hex')}`
  let count = 0
  for await (const { txIndex, txHash } of engine.traceBlock(block, {
    ...options,
    tracer: 'noopTracer',
  })) {
    // From the first to the last, not all of them.
    if (txIndex % 9 !== 0) continue
    for (const [tracer, config] of tracers) {
      const asked = { ...options, tracer, config } as never
      const { json } = await engine.traceTransaction(block, txIndex, asked)
      const alone = { ...options, tracer, config, blockAccessList } as never
      const found = await engine.traceTransaction(block, txHash, alone)
      assert.is(found.json, json, `${txIndex} ${tracer}`)
      assert.is(found.txIndex, txIndex)
      assert.is(found.txHash, txHash)
      count++
    }
  }
  assert.ok(count > 20)
  const asked = { ...options, tracer: 'callTracer' } as const
  const { json } = await engine.traceTransaction(block, 5, { ...asked, blockAccessList: hex })
  assert.is(json, (await engine.traceTransaction(block, 5, asked)).json)
})

lists('fail where they are none', async () => {
  const asked = { ...options, tracer: 'callTracer' } as const
  const codeOf = async (blockAccessList: unknown) =>
    (await errorOf(() => engine.traceTransaction(block, 1, { ...asked, blockAccessList } as never)))
      .code
  const address = new Uint8Array(20)
  assert.is(await codeOf(7), 'OPTION_INVALID')
  assert.is(await codeOf(''), 'OPTION_INVALID')
  assert.is(await codeOf('0x1'), 'OPTION_INVALID')
  assert.is(await codeOf('0x00'), 'DECODE_FIELD_TYPE')
  assert.is(await codeOf('0xc0c0'), 'DECODE_RLP_TRAILING')
  assert.is(await codeOf(RLP.encode([[address, [], [], [], []]])), 'DECODE_FIELD_MISSING')
  const twice = [
    [3, 1],
    [3, 2],
  ]
  assert.is(await codeOf(RLP.encode([[address, [], [], twice, [], []]])), 'DECODE_FIELD_SIZE')
  assert.is(
    await codeOf(RLP.encode([[new Uint8Array(19), [], [], [], [], []]])),
    'DECODE_FIELD_SIZE',
  )
  const all = { ...asked, blockAccessList: '0xc0' } as never
  assert.is((await errorOf(async () => engine.traceBlock(block, all))).code, 'OPTION_INVALID')
})

lists.after(() => engine.close())
lists.run()
