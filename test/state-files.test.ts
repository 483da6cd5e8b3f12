/** Files of accounts: every form there and back, damaged ones, accounts that are large. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maskedChecksum, unpackSnappy } from '../lib/chain-files/snappy.js'
import {
  type AccountRecord,
  accountRecords,
  type Hex,
  inHashOrder,
  MemoryState,
  readAlloc,
  readGethDump,
  readInitState,
  readSnapshot,
  writeAlloc,
  writeGethDump,
  writeInitState,
  writeSnapshot,
} from '../lib/index.js'
import { fixturePath, readFixture, withFixtures } from './fixtures.js'
import { errorOf } from './support/thrown.js'

const files = suite('files of accounts')

const stateRoot: Hex = `0x${'ab'.repeat(32)}`
const word = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`
const account = (id: number, rest: Partial<AccountRecord> = {}): AccountRecord => ({
  address: `0x${id.toString(16).padStart(40, '0')}`,
  nonce: 0n,
  balance: BigInt(id),
  code: '0x',
  storage: new Map(),
  more: false,
  ...rest,
})
const accounts = await inHashOrder([
  account(1),
  account(2, { nonce: 7n, code: '0x6001600255', storage: new Map([[word(1), word(9)]]) }),
  account(3, { balance: (1n << 256n) - 1n }),
  account(4, { storage: new Map([1, 2, 3].map((i) => [word(i), word(i << 20)])) }),
  account(5, { balance: 0n, nonce: (1n << 53n) - 1n }),
])
const shown = (list: readonly AccountRecord[]) =>
  list.map((record) => ({
    ...record,
    balance: String(record.balance),
    nonce: String(record.nonce),
    storage: [...record.storage],
  }))

async function collect<Value>(stream: AsyncIterable<Value>): Promise<Value[]> {
  const values: Value[] = []
  for await (const value of stream) values.push(value)
  return values
}
async function bytesOf(stream: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  return Buffer.concat((await collect(stream)).map((piece) => Buffer.from(piece)))
}
async function* inPieces(bytes: Uint8Array, size = 1000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const folder = await mkdtemp(join(tmpdir(), 'braid-state-files-'))
files.after(() => rm(folder, { recursive: true }))

const head = { chainId: 1n, blockNumber: 77n, blockHash: stateRoot, stateRoot }
const forms = {
  alloc: {
    write: (list: AccountRecord[]) => writeAlloc(list),
    read: async (bytes: AsyncIterable<Uint8Array>) => readAlloc(bytes),
  },
  dump: {
    write: (list: AccountRecord[]) => writeGethDump(list, { stateRoot }),
    read: async (bytes: AsyncIterable<Uint8Array>) => (await readGethDump(bytes)).accounts,
  },
  'iterative dump': {
    write: (list: AccountRecord[]) => writeGethDump(list, { stateRoot, iterative: true }),
    read: async (bytes: AsyncIterable<Uint8Array>) => (await readGethDump(bytes)).accounts,
  },
  'init-state': {
    write: (list: AccountRecord[]) => writeInitState(list, { stateRoot }),
    read: async (bytes: AsyncIterable<Uint8Array>) => (await readInitState(bytes)).accounts,
  },
  snapshot: {
    write: (list: AccountRecord[]) => writeSnapshot(head, list),
    read: async (bytes: AsyncIterable<Uint8Array>) => (await readSnapshot(bytes)).accounts,
  },
}

for (const [name, { write, read }] of Object.entries(forms)) {
  files(`${name}: there and back, in pieces of any size, packed or not`, async () => {
    const bytes = await bytesOf(write(accounts))
    for (const size of [1, 33, 100_000]) {
      assert.equal(shown(await collect(await read(inPieces(bytes, size)))), shown(accounts))
    }
    assert.equal(shown(await collect(await read(inPieces(gzipSync(bytes))))), shown(accounts))
    assert.equal(await collect(await read(inPieces(await bytesOf(write([]))))), [])
  })

  files(`${name}: an account of many slots`, async () => {
    const slots = 150_000
    const entries = Array.from({ length: slots }, (_, i) => [word(i), word(i + 1)] as const)
    const parts = [0, 50_000, 100_000].map((at) =>
      account(6, { storage: new Map(entries.slice(at, at + 50_000)), more: at < 100_000 }),
    )
    const list = await inHashOrder([account(1), ...parts, account(7)])
    const got = await collect(await read(inPieces(await bytesOf(write(list)), 1 << 16)))
    const large = got.filter(({ address }) => address === account(6).address)
    assert.ok(large.length > 1)
    assert.ok(
      large.every(
        ({ more, storage }, i) => more === i < large.length - 1 && storage.size <= 65_536,
      ),
    )
    const merged = new Map(large.flatMap(({ storage }) => [...storage]))
    assert.equal([...merged], entries)
    assert.is(large.at(-1)?.balance, 6n)
    assert.is(got.length, large.length + 2)
  })

  files(`${name}: cut off anywhere`, async () => {
    const bytes = await bytesOf(write(accounts))
    const isLines = name === 'iterative dump' || name === 'init-state'
    for (let size = 0; size < bytes.length - 1; size++) {
      // Lines say nothing of an end: between two a cut is not seen, but by the root.
      if (isLines && size > 0 && (bytes[size] === 0x0a || bytes[size - 1] === 0x0a)) continue
      const error = await errorOf(async () =>
        collect(await read(inPieces(bytes.subarray(0, size)))),
      )
      assert.is(error.code, 'STATE_FILE_TRUNCATED', `${size} bytes`)
    }
  })
}

files('a snapshot: no flipped bit passes, and of a file nothing is seen before', async () => {
  const bytes = await bytesOf(writeSnapshot(head, accounts))
  const path = join(folder, 'flipped')
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes)
    damaged[at] ^= 1 << (at % 8)
    await writeFile(path, damaged)
    const { code } = await errorOf(readSnapshot(path))
    assert.match(code, /^STATE_FILE_/, `byte ${at}`)
  }
})

files('a snapshot: head, trailing bytes, order, other files', async () => {
  const bytes = await bytesOf(writeSnapshot(head, accounts))
  const { accounts: _, ...read } = await readSnapshot(inPieces(bytes))
  assert.is(
    JSON.stringify(Object.values(read).map(String)),
    JSON.stringify(Object.values(head).map(String)),
  )
  const path = join(folder, 'trailing')
  await writeFile(path, Buffer.concat([bytes, Buffer.from([0])]))
  const trailing = await errorOf(readSnapshot(path))
  assert.is(trailing.code, 'STATE_FILE_DAMAGED')
  assert.is(trailing.details.file, path)
  const reversed = await errorOf(bytesOf(writeSnapshot(head, [...accounts].reverse())))
  assert.is(reversed.code, 'STATE_MALFORMED')
  const twice = await errorOf(bytesOf(writeSnapshot(head, [accounts[0], accounts[0]])))
  assert.is(twice.code, 'STATE_MALFORMED')
  assert.is(
    (await errorOf(readSnapshot(inPieces(Buffer.alloc(99))))).code,
    'STATE_FILE_UNSUPPORTED',
  )
})

files('accounts that are wrong are told with line and address', async () => {
  const lines = (line: string) => inPieces(Buffer.from(`{"root":"${stateRoot}"}\n${line}\n`))
  const readLine = async (line: string) => collect((await readInitState(lines(line))).accounts)
  const { address } = account(1)
  for (const [line, field] of [
    [`{"balance":"0x1"}`, 'address'],
    [`{"address":"${address}","balance":"x"}`, 'balance'],
    [`{"address":"${address}","nonce":"0x10000000000000000"}`, 'nonce'],
    [`{"address":"${address}","code":"0x1"}`, 'code'],
    [`{"address":"${address}","codeHash":"${stateRoot}"}`, 'code'],
    [`{"address":"${address}","root":"${stateRoot}"}`, 'storage'],
    [`{"address":"${address}","storage":{"0x1":"0x2","0x01":"0x3"}}`, 'storage'],
    [`{"address":"${address}","storage":{"zz":"0x2"}}`, 'storage'],
  ]) {
    const { code, details } = await errorOf(readLine(line))
    assert.is(code, 'STATE_MALFORMED', line)
    assert.is(details.field, field, line)
    assert.is(details.line, 2, line)
  }
  assert.is((await errorOf(readLine('{"address" 1}'))).code, 'STATE_MALFORMED')
  assert.is((await errorOf(readLine('[]'))).code, 'STATE_MALFORMED')
})

files('Snappy: copies that overlap, and what reaches out of bounds', () => {
  // "ab", then a copy of 6 bytes from 2 back.
  const packed = Buffer.from([8, 1 << 2, 0x61, 0x62, (2 << 2) | 1, 2])
  assert.is(Buffer.from(unpackSnappy(packed, 100)).toString(), 'abababab')
  assert.throws(() => unpackSnappy(packed, 7), /more than 7/)
  for (const wrong of [
    [8, 1 << 2, 0x61, 0x62, 9, 3],
    [9, 1 << 2, 0x61, 0x62, 9, 2],
    [2, 1 << 2, 0x61],
    [128],
    [],
  ]) {
    assert.throws(() => unpackSnappy(Buffer.from(wrong), 100), /./)
  }
  // RFC 3720, appendix B.4: 32 zero bytes have 0x8a9136aa.
  assert.is(
    maskedChecksum(new Uint8Array(32)),
    (((0x8a9136aa >>> 15) | (0x8a9136aa << 17)) + 0xa282ead8) >>> 0,
  )
})

files('what is wrong comes behind all accounts before it, in pieces of any size', async () => {
  const address = (i: number) => `0x${i.toString(16).padStart(40, '0')}`
  const root = `0x${'11'.repeat(32)}`
  const account = (i: number, more = {}) => ({ balance: '0x1', nonce: i, ...more })
  const odd = { comment: 'a "}{" and \\ \n \u00e9', storage: { [`0x${'ab'.repeat(32)}`]: '0x7' } }
  const numbers = Array.from({ length: 700 }, (_, i) => i)
  const lines = numbers.map((i) =>
    JSON.stringify({ address: address(i), ...account(i, i % 3 === 0 ? odd : {}) }),
  )
  lines[5] = JSON.stringify(JSON.parse(lines[5]), null, 2)
  const members = numbers.map((i) => {
    const text = JSON.stringify(account(i, i % 3 === 0 ? odd : {}), null, i % 2)
    return `${i % 5 === 0 ? '\n ' : ''}"${address(i)}" :${text}`
  })
  const bad = [`{"address":"${address(1000)}","balance":"x"}`, '{"address":"0x12"}', '{"', '[]']
  for (const wrong of ['', ...bad]) {
    const texts = [
      { read: readInitState, text: `{"root":"${root}"}\n${lines.join('\n')}\n${wrong}\n` },
      {
        read: readGethDump,
        text: `{"root":"${root}","accounts":{${members.join(',')}${
          wrong === '' ? '' : `,"${address(1000)}":${wrong.replace('"0x12"', '1,"balance":"x"')}`
        }}}`,
      },
    ]
    for (const { read, text } of texts) {
      const bytes = Buffer.from(text)
      for (const size of [1 << 20, 4096, 61]) {
        const pieces = async function* () {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
        }
        const found: string[] = []
        let code = ''
        try {
          for await (const { address, nonce } of (await read(pieces())).accounts) {
            found.push(address)
            assert.is(nonce, BigInt(found.length - 1))
          }
        } catch (error) {
          code = (error as { code: string }).code
        }
        assert.equal(found, numbers.map(address), `${read.name} ${wrong} ${size}`)
        const isRight = wrong === '' ? code === '' : /^STATE_(MALFORMED|FILE_TRUNCATED)$/.test(code)
        assert.ok(isRight, `${read.name} ${wrong} ${size}: ${code}`)
      }
    }
  }
})

files('an account that comes twice is an error wherever it is', async () => {
  const address = '00'.repeat(19)
  const [one, two] = [`${address}01`, `${address}02`]
  const entry = '{"balance":"1"}'
  const alloc = `{"${one}":${entry},"${two}":${entry},"0x${one}":${entry}}`
  const root = `"${'ab'.repeat(32)}"`
  const line = (name: string) => `{"address":"0x${name}","balance":"1"}\n`
  const lines = `{"root":${root}}\n${line(one)}${line(two)}${line(one)}`
  const given = (text: string) => inPieces(Buffer.from(text), 9)
  for (const read of [
    async () => collect(readAlloc(given(alloc))),
    async () =>
      collect((await readGethDump(given(`{"root":${root},"accounts":${alloc}}`))).accounts),
    async () => collect((await readGethDump(given(lines))).accounts),
    async () => collect((await readInitState(given(lines))).accounts),
  ]) {
    const error = await errorOf(read())
    assert.is(error.code, 'STATE_MALFORMED')
    assert.is(error.details.address, `0x${one}`)
  }
})

files('a state is loaded of what files give, and of its own dump', async () => {
  const state = await MemoryState.load(accounts, { trie: true })
  assert.is(state.accountCount, accounts.length)
  const again = await MemoryState.load(state.dump(), { trie: true })
  assert.is(again.root, state.root)
  assert.is(state.root, state.stateRoot())
  assert.equal(shown(await inHashOrder(accountRecords(again.dump()))), shown(accounts))
  // In parts, and more than a batch holds.
  const slots = (from: number) =>
    new Map(Array.from({ length: 40_000 }, (_, i) => [word(from + i), word(1)]))
  const large = account(9, { storage: slots(1), more: true })
  const parts = [large, account(9, { nonce: 3n, storage: slots(50_001) })]
  const loaded = await MemoryState.load(parts)
  const whole = new Map([...slots(1), ...slots(50_001)])
  const [dumped] = [...loaded.dump()]
  assert.is(dumped.nonce, 3n)
  assert.equal(dumped.storage, whole)
  const recorded = [...accountRecords([dumped])]
  assert.equal(
    recorded.map(({ storage, more }) => [storage.size, more]),
    [
      [65_536, true],
      [14_464, false],
    ],
  )
  assert.equal([...(await MemoryState.load(recorded)).dump()][0].storage, whole)
  for (const wrong of [
    [account(1), account(1)],
    [large],
    [large, account(8)],
    [account(1), ...Array.from({ length: 20_000 }, (_, i) => account(i + 5)), account(1)],
    [{}],
    [{ ...account(1), storage: {} }],
    [account(1, { balance: -1n })],
    undefined,
    7,
    {},
  ]) {
    assert.is((await errorOf(MemoryState.load(wrong as never))).code, 'STATE_MALFORMED')
  }
})

const { test, report } = withFixtures(files, 'files of accounts')

test("geth's own dump, and mainnet's alloc", async () => {
  const path = fixturePath('oracles', 'chains', 'geth_ethtest', 'headstate.json.gz')
  const dump = await readGethDump(path)
  const read = await collect(dump.accounts)
  const whole = readFixture<{ root: string; accounts: object }>(
    'oracles',
    'chains',
    'geth_ethtest',
    'headstate.json.gz',
  )
  assert.is(dump.stateRoot, `0x${whole.root}`)
  assert.is(read.length, Object.keys(whole.accounts).length)
  const alloc = Object.fromEntries(
    read.map(({ address, nonce, balance, code, storage }) => [
      address,
      { nonce, balance, code, storage: Object.fromEntries(storage) },
    ]),
  )
  assert.is(new MemoryState(alloc).stateRoot(), dump.stateRoot)
  const mainnet = await collect(
    readAlloc(fixturePath('oracles', 'chains', 'mainnet_1000', 'genesis.json.gz')),
  )
  assert.is(mainnet.length, 8893)
})

report()
files.run()
