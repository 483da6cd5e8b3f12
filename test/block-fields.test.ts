/** Blocks with one thing wrong, in JSON or RLP: the error names it, wherever it is. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBlock } from '../lib/block/index.js'
import { decodeRlp, type RlpItem } from '../lib/rlp/index.js'
import { encodeTree } from './support/rlp-tree.js'
import {
  type MutableRpcBlock,
  sampleBlock,
  sampleRpcBlock,
  sender,
} from './support/sample-block.js'
import { errorIn } from './support/thrown.js'

const fields = suite('fields of a block')

const source = sampleBlock().serialize()

/** Code, field and transaction of the error that a block gives. */
function rejectionOf(rpc: unknown, options?: object): readonly unknown[] {
  const error = errorIn(() => decodeBlock(rpc as never, options))
  if (error === undefined) return []
  const { field, txIndex } = error.details
  return txIndex === undefined ? [error.code, field] : [error.code, field, txIndex]
}

/** The sample with a change. */
function changed(change: (rpc: MutableRpcBlock) => void): MutableRpcBlock {
  const rpc = sampleRpcBlock()
  change(rpc)
  return rpc
}

const headerFields = [
  'parentHash',
  'sha3Uncles',
  'miner',
  'stateRoot',
  'transactionsRoot',
  'receiptsRoot',
  'logsBloom',
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'extraData',
  'mixHash',
  'nonce',
  'baseFeePerGas',
  'withdrawalsRoot',
  'blobGasUsed',
  'excessBlobGas',
  'parentBeaconBlockRoot',
  'requestsHash',
]

fields('of the header, and of ommers’ headers', () => {
  for (const name of headerFields) {
    const wrong = { ...sampleRpcBlock(), [name]: true }
    assert.equal(rejectionOf(wrong), ['DECODE_FIELD_TYPE', name])
    const { transactions: _transactions, withdrawals: _withdrawals, ...ommer } = wrong
    const rpc = changed((block) => {
      block.uncles = [ommer as never]
    })
    assert.equal(rejectionOf(rpc), ['DECODE_FIELD_TYPE', `uncles.${name}`])
  }
  // Those of later hardforks may be missing, but not in between.
  const { withdrawals: _withdrawals, uncles: _uncles, ...block } = sampleRpcBlock()
  const fork = (change: object) => ({ ...block, ...change })
  const none = { requestsHash: null, parentBeaconBlockRoot: null }
  const shanghai = { ...none, excessBlobGas: null, blobGasUsed: null }
  const london = { ...shanghai, withdrawalsRoot: null }
  const decoded = [shanghai, london].map((change) => decodeBlock(fork(change) as never).header)
  assert.is(decoded[0].withdrawalsRoot, block.withdrawalsRoot)
  assert.is(decoded[0].baseFeePerGas, BigInt(block.baseFeePerGas ?? 0))
  assert.is(decoded[1].withdrawalsRoot, undefined)
  assert.is(decoded[1].baseFeePerGas, BigInt(block.baseFeePerGas ?? 0))
  const rootless = rejectionOf(fork({ withdrawalsRoot: null }))
  assert.equal(rootless, ['DECODE_FIELD_MISSING', 'withdrawalsRoot'])
  const priceless = rejectionOf(fork({ ...shanghai, baseFeePerGas: null }))
  assert.equal(priceless, ['DECODE_FIELD_MISSING', 'baseFeePerGas'])
  // What is the last of a hardfork's fields shows that the ones before it must be there.
  const later = ['requestsHash', 'parentBeaconBlockRoot', 'excessBlobGas', 'blobGasUsed']
  const missing = (given: string) => {
    const others = Object.fromEntries(later.filter((name) => name !== given).map((n) => [n, null]))
    return rejectionOf({ ...sampleRpcBlock(), ...others })
  }
  const root = ['DECODE_FIELD_MISSING', 'parentBeaconBlockRoot']
  assert.equal(missing('requestsHash'), root)
  assert.equal(missing('blobGasUsed'), root)
  assert.equal(missing('parentBeaconBlockRoot'), ['DECODE_FIELD_MISSING', 'excessBlobGas'])
})

fields('of transactions of every type', () => {
  const common = ['nonce', 'gas', 'to', 'value', 'input', 'r', 's']
  const fees = ['maxFeePerGas', 'maxPriorityFeePerGas', 'chainId', 'accessList', 'yParity']
  for (const [index, names] of [
    [1, [...common, 'gasPrice', 'v']],
    [3, [...common, 'gasPrice', 'chainId', 'accessList', 'yParity']],
    [4, [...common, ...fees]],
    [5, [...common, ...fees, 'maxFeePerBlobGas', 'blobVersionedHashes']],
    [6, [...common, ...fees, 'authorizationList']],
  ] as const) {
    for (const name of names) {
      const rpc = changed(({ transactions }) => {
        Object.assign(transactions[index], { [name]: true })
      })
      assert.equal(rejectionOf(rpc), ['DECODE_FIELD_TYPE', name, index])
    }
  }
  for (const [value, code] of [
    [null, 'DECODE_FIELD_MISSING'],
    [5, 'DECODE_FIELD_TYPE'],
    ['0x', 'DECODE_FIELD_TYPE'],
  ] as const) {
    const rpc = { ...sampleRpcBlock(), transactions: [value] }
    assert.equal(rejectionOf(rpc), [code, 'transaction', 0])
  }
})

fields('of entries in access lists and of authorizations', () => {
  for (const name of ['address', 'storageKeys']) {
    for (const index of [3, 5]) {
      const rpc = changed(({ transactions }) => {
        const [first, second] = transactions[index].accessList ?? []
        transactions[index].accessList = [first, { ...second, [name]: true } as never]
      })
      assert.equal(rejectionOf(rpc), ['DECODE_FIELD_TYPE', `accessList.${name}`, index])
    }
  }
  for (const name of ['chainId', 'address', 'nonce', 'yParity', 'r', 's']) {
    const rpc = changed(({ transactions }) => {
      const [first, second] = transactions[6].authorizationList ?? []
      transactions[6].authorizationList = [first, { ...second, [name]: true } as never]
    })
    assert.equal(rejectionOf(rpc), ['DECODE_FIELD_TYPE', `authorizationList.${name}`, 6])
  }
  for (const [name, index] of [
    ['accessList', 3],
    ['authorizationList', 6],
  ] as const) {
    for (const [value, code] of [
      ['0x', 'DECODE_FIELD_TYPE'],
      [['0x'], 'DECODE_FIELD_TYPE'],
      [[null], 'DECODE_FIELD_MISSING'],
    ] as const) {
      const rpc = changed(({ transactions }) => {
        Object.assign(transactions[index], { [name]: value })
      })
      assert.equal(rejectionOf(rpc), [code, name, index])
    }
  }
  // Nobody, as some sources have it.
  const creation = changed(({ transactions }) => {
    transactions[4].to = '0x'
  })
  assert.is(decodeBlock(creation as never).transactions.to(4), null)
  // No access list is an empty one.
  const without = changed(({ transactions }) => {
    transactions[4].accessList = undefined
  })
  assert.equal(rejectionOf(without), [])
})

fields('of withdrawals and ommers', () => {
  const { uncles: _uncles, ...without } = sampleRpcBlock()
  assert.is(decodeBlock(without as never).missingOmmers, 0)
  for (const name of ['index', 'validatorIndex', 'address', 'amount']) {
    const rpc = changed((block) => {
      const [first, second] = block.withdrawals ?? []
      block.withdrawals = [first, { ...second, [name]: true } as never]
    })
    assert.equal(rejectionOf(rpc), ['DECODE_FIELD_TYPE', `withdrawals.${name}`])
  }
  for (const name of ['withdrawals', 'uncles']) {
    for (const value of ['0x', [5]]) {
      assert.equal(rejectionOf({ ...sampleRpcBlock(), [name]: value }), ['DECODE_FIELD_TYPE', name])
    }
    assert.equal(rejectionOf({ ...sampleRpcBlock(), [name]: [null] }), [
      'DECODE_FIELD_MISSING',
      name,
    ])
  }
})

fields('a list of withdrawals needs its root, an empty one before Shanghai does not', () => {
  const later = {
    withdrawalsRoot: undefined,
    blobGasUsed: undefined,
    excessBlobGas: undefined,
    parentBeaconBlockRoot: undefined,
    requestsHash: undefined,
  }
  const london = { ...sampleRpcBlock(), ...later }
  assert.equal(rejectionOf(london), ['DECODE_FIELD_MISSING', 'withdrawalsRoot'])
  for (const withdrawals of [[], null, undefined]) {
    const block = decodeBlock({ ...london, withdrawals } as never)
    assert.is(block.withdrawals, undefined)
  }
})

fields('a type is known by its number in any spelling, and by viem’s names', () => {
  const withType = (type: unknown) =>
    changed(({ transactions }) => {
      transactions.splice(0, 1, { ...transactions[0], type } as never)
      transactions.splice(1)
    })
  for (const legacy of [undefined, null, 0, 0n, '0x0', '0x00', 'legacy']) {
    assert.equal(rejectionOf(withType(legacy)), [], String(legacy))
  }
  for (const type of [1, 1n, '0x1', '0x01', 'eip2930']) {
    const rpc = withType(type)
    Object.assign(rpc.transactions[0], { yParity: '0x0', chainId: '0x1' })
    assert.is(decodeBlock(rpc as never).transactions.type(0), 1)
  }
  // A legacy transaction is lacking in what the others have.
  for (const [spellings, lacking] of [
    [[2, 2n, '0x2', 'eip1559'], 'maxFeePerGas'],
    [[3, 3n, '0x3', 'eip4844'], 'blobVersionedHashes'],
    [[4, 4n, '0x4', 'eip7702'], 'authorizationList'],
  ] as const) {
    for (const type of spellings) {
      const rpc = withType(type)
      rpc.transactions[0].yParity = '0x0'
      assert.equal(rejectionOf(rpc), ['DECODE_FIELD_MISSING', lacking, 0], String(type))
    }
  }
  for (const type of [5, 5n, -1, -1n, 0.5, '0x5', '0x10', '0x', '1', '0x1 ', 'eip1', Number.NaN]) {
    assert.equal(rejectionOf(withType(type)), ['TX_TYPE_NOT_SUPPORTED', 'type', 0], String(type))
  }
  for (const type of [{}, true, []]) {
    assert.equal(rejectionOf(withType(type)), ['DECODE_FIELD_TYPE', 'type', 0])
  }
})

fields('half a signature is none, and no sender is trusted then', () => {
  const signed = (change: object) =>
    changed(({ transactions }) => {
      Object.assign(transactions[2], { from: sender }, change)
    })
  for (const trustSenders of [true, false]) {
    const options = { trustSenders }
    for (const none of [null, undefined]) {
      assert.equal(rejectionOf(signed({ r: none }), options), ['DECODE_FIELD_MISSING', 'r', 2])
      assert.equal(rejectionOf(signed({ s: none }), options), ['DECODE_FIELD_MISSING', 's', 2])
    }
  }
  const unsigned = { r: null, s: null, v: null }
  const trusting = { trustSenders: true }
  assert.equal(rejectionOf(signed(unsigned)), ['TX_UNSIGNED', 'r', 2])
  assert.equal(rejectionOf(signed(unsigned), trusting), [])
  for (const [from, code] of [
    [undefined, 'DECODE_FIELD_MISSING'],
    [5, 'DECODE_FIELD_TYPE'],
    [[sender], 'DECODE_FIELD_TYPE'],
    [`${sender}0`, 'DECODE_FIELD_TYPE'],
    [`0${sender}`, 'DECODE_FIELD_TYPE'],
    [sender.slice(2), 'DECODE_FIELD_TYPE'],
    [`0x${'g'.repeat(40)}`, 'DECODE_FIELD_TYPE'],
  ] as const) {
    assert.equal(rejectionOf(signed({ ...unsigned, from }), trusting), [code, 'from', 2])
  }
  const chain = (chainId: unknown) => rejectionOf(signed({ ...unsigned, chainId }), trusting)
  assert.equal(chain(0), [])
  assert.equal(chain(-1), ['DECODE_FIELD_RANGE', 'chainId', 2])
  assert.equal(chain({}), ['DECODE_FIELD_TYPE', 'chainId', 2])
})

type Tree = RlpItem[]

/** The sample's RLP with a change to the items of one of its transactions. */
function changedItems(index: number, change: (items: Tree) => void): Uint8Array {
  const tree = decodeRlp(source) as Tree
  const list = tree[1] as Tree
  const transaction = list[index]
  if (transaction instanceof Uint8Array) {
    const items = decodeRlp(transaction.subarray(1)) as Tree
    change(items)
    list[index] = Uint8Array.of(transaction[0], ...encodeTree(items))
  } else {
    change(transaction as Tree)
  }
  return encodeTree(tree)
}

fields('of transactions in RLP', () => {
  const rest = ['gasLimit', 'to', 'value', 'data']
  const priced = [...rest, 'accessList']
  const fees = ['chainId', 'nonce', 'maxPriorityFeePerGas', 'maxFeePerGas', ...priced]
  const signature = ['yParity', 'r', 's']
  for (const [index, names] of [
    [1, ['nonce', 'gasPrice', ...rest, 'v', 'r', 's']],
    [3, ['chainId', 'nonce', 'gasPrice', ...priced, ...signature]],
    [4, [...fees, ...signature]],
    [5, [...fees, 'maxFeePerBlobGas', 'blobVersionedHashes', ...signature]],
    [6, [...fees, 'authorizationList', ...signature]],
  ] as const) {
    names.forEach((name, position) => {
      const damaged = changedItems(index, (items) => {
        items[position] = Array.isArray(items[position]) ? Uint8Array.of(5) : []
      })
      assert.equal(rejectionOf(damaged), ['DECODE_FIELD_TYPE', name, index])
      const short = changedItems(index, (items) => {
        items.splice(position)
      })
      assert.equal(rejectionOf(short), ['DECODE_FIELD_MISSING', name, index])
    })
    const long = changedItems(index, (items) => {
      items.push(Uint8Array.of(1))
    })
    assert.equal(rejectionOf(long), ['DECODE_RLP_TRAILING', 'transaction', index])
  }
})

fields('of lists in transactions in RLP', () => {
  for (const [index, position, path, names] of [
    [3, 7, 'accessList', ['address', 'storageKeys']],
    [6, 9, 'authorizationList', ['chainId', 'address', 'nonce', 'yParity', 'r', 's']],
  ] as const) {
    const change = (edit: (entry: Tree, list: Tree) => void) =>
      changedItems(index, (items) => {
        const list = items[position] as Tree
        edit(list[1] as Tree, list)
      })
    names.forEach((name, at) => {
      const damaged = change((entry) => {
        entry[at] = Array.isArray(entry[at]) ? Uint8Array.of(5) : []
      })
      assert.equal(rejectionOf(damaged), ['DECODE_FIELD_TYPE', `${path}.${name}`, index])
    })
    const odd = change((_, list) => {
      list[1] = Uint8Array.of(5)
    })
    assert.equal(rejectionOf(odd), ['DECODE_FIELD_TYPE', path, index])
    const long = change((entry) => {
      entry.push(Uint8Array.of(1))
    })
    assert.equal(rejectionOf(long), ['DECODE_RLP_TRAILING', path, index])
  }
  for (const [index, position, at, field] of [
    [3, 7, 1, 'accessList.storageKeys'],
    [5, 10, undefined, 'blobVersionedHashes'],
  ] as const) {
    const damaged = changedItems(index, (items) => {
      const list = items[position] as Tree
      const hashes = at === undefined ? list : ((list[0] as Tree)[at] as Tree)
      hashes[0] = new Uint8Array(31)
    })
    assert.equal(rejectionOf(damaged), ['DECODE_FIELD_SIZE', field, index])
  }
})

fields('of which the size is wrong are told with the transaction', () => {
  const [header] = decodeRlp(source) as Tree
  // A string of two bytes, of which one is there.
  const transactions = Uint8Array.of(0xc2, 0x82, 0x01)
  const body = Buffer.concat([encodeTree(header), transactions, Uint8Array.of(0xc0)])
  const size = Buffer.alloc(2)
  size.writeUInt16BE(body.length)
  const block = Buffer.concat([Uint8Array.of(0xf9), size, body])
  assert.equal(rejectionOf(block), ['DECODE_RLP_TRUNCATED', 'transaction', 0])
})

fields('behind the transactions are no transaction’s', () => {
  const tree = decodeRlp(source) as Tree
  tree[2] = [Uint8Array.of(5)]
  assert.equal(rejectionOf(encodeTree(tree)), ['DECODE_FIELD_TYPE', 'ommers[0]'])
})

fields.run()
