import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { alloc, makeChain, people } from '../examples/support/chain.mjs'
import {
  adaptive,
  BlockHeader,
  Engine,
  type ErrorCode,
  encodeBlock,
  isBraidError,
  MemoryState,
  type SchedulingPolicy,
  SourceState,
  StateTrie,
  validateBlock,
  validateBlockBody,
  validateHeader,
  WitnessState,
} from '../lib/index.js'

const args = suite('arguments')

const [first, second] = await makeChain(2)
const engine = await Engine.create()
const state = new MemoryState(alloc, { trie: true })
const trie = new StateTrie(state)
const result = await engine.executeBlock(first, { state })
const parent = result.header

/** Values that are no objects. */
const primitives = [null, 7, -1n, 'text', Symbol('text')] as never[]
/** Objects that hold nothing by name: what one forgot to await, or to take apart. */
const hollow = [new Map([['0x1', 1]]), Promise.resolve({}), [], new Date(0), new Uint8Array(4)]

async function refused(
  what: string,
  call: () => unknown,
  code: ErrorCode = 'OPTION_INVALID',
  field?: string,
): Promise<void> {
  try {
    await call()
  } catch (error) {
    assert.ok(isBraidError(error, code), `${what}: ${error}`)
    if (field !== undefined) assert.is(error.details.field, field, what)
    return
  }
  assert.unreachable(`${what} was taken`)
}

/** All results of `executeBlocks`. */
async function chain(options: object): Promise<number> {
  let count = 0
  for await (const _ of engine.executeBlocks([first], { state: state.clone(), ...options })) count++
  return count
}

args('options that are true or false are nothing else', async () => {
  const flags = [
    'verify',
    'trustSenders',
    'forgiveMissingSystemContracts',
    'transactionRoots',
    'forgiveMissingOmmers',
  ]
  for (const odd of [null, 0, 1, 'false', {}] as never[]) {
    for (const flag of flags) {
      const options = { state, [flag]: odd }
      await refused(flag, () => engine.executeBlock(first, options), 'OPTION_INVALID', flag)
      await refused(flag, () => engine.executeBlockSync(first, options), 'OPTION_INVALID', flag)
    }
    for (const flag of [...flags, 'stateRoot', 'validate', 'proofOfWork']) {
      await refused(flag, () => chain({ [flag]: odd }), 'OPTION_INVALID', flag)
    }
    const proofOfWork = { proofOfWork: odd }
    await refused('proofOfWork', () => validateHeader(parent, parent, proofOfWork))
    await refused('proofOfWork', () => validateBlock(second, { parent, ...proofOfWork }))
  }
  assert.is(await chain({ verify: true, stateRoot: true, trustSenders: undefined }), 1)
})

args('an engine is made by create alone', async () => {
  const Bare = Engine as unknown as new () => Engine
  await refused('new Engine', () => new Bare(), 'OPTION_INVALID', 'Engine')
})

args('options are an object', async () => {
  for (const odd of primitives) {
    await refused('a state', () => new MemoryState(alloc, odd), 'OPTION_INVALID', 'options')
    await refused('a header', () => validateHeader(parent, parent, odd))
    await refused('a body', () => validateBlockBody(first, odd))
    await refused('a block', () => validateBlock(second, odd))
  }
})

args(
  'a block is validated with the header of its parent and with ancestors that are blocks',
  async () => {
    for (const odd of [undefined, null, {}, parent.hash, result] as never[]) {
      await refused(
        'a parent',
        () => validateBlock(second, { parent: odd }),
        'OPTION_INVALID',
        'parent',
      )
    }
    for (const ancestors of [
      null,
      7,
      {},
      'abc',
      [null],
      [parent],
      [{ header: parent }],
    ] as never[]) {
      await refused('ancestors', () => validateBlock(second, { parent, ancestors }))
      await refused('ancestors', () => chain({ ancestors }))
    }
    // The made chain is right: as they should be, they are taken.
    validateBlock(second, { parent, ancestors: [{ header: parent, ommers: [] }] })
  },
)

args('a header is decoded from bytes', async () => {
  for (const odd of [undefined, {}, [1, 2], '0xc0', ...primitives] as never[]) {
    await refused('a header', () => BlockHeader.decode(odd), 'OPTION_INVALID', 'encoded')
  }
  assert.is(BlockHeader.decode(parent.encoded).hash, parent.hash)
})

args(
  'what holds no accounts, slots or hashes by name is no alloc, storage or block hashes',
  async () => {
    for (const odd of hollow as never[]) {
      await refused('an alloc', () => new MemoryState(odd), 'STATE_MALFORMED')
      await refused('an account', () => new MemoryState({ [people[0]]: odd }), 'STATE_MALFORMED')
      const storage = { [people[0]]: { storage: odd } }
      await refused('storage', () => new MemoryState(storage), 'STATE_MALFORMED', 'storage')
      if ((odd as object) instanceof Map) continue
      await refused('hashes', () => engine.executeBlock(first, { state, blockHashes: odd }))
    }
    const bare = Object.assign(Object.create(null), { [people[0]]: { balance: 1n } })
    assert.is(new MemoryState(bare).getAccount(people[0])?.balance, 1n)
  },
)

args('a chain is a Common, a policy has a name and functions', async () => {
  for (const odd of [null, {}, 7, 'mainnet'] as never[]) {
    await refused('a chain', () => Engine.create({ common: odd }), 'CHAIN_CONFIG_INVALID')
  }
  const policy: SchedulingPolicy = { name: 'mine', plan: () => ({ mode: 'sequential' }) }
  for (const member of ['name', 'plan', 'learn']) {
    const odd = { ...policy, [member]: 7 }
    await refused(
      member,
      () => Engine.create({ policy: odd }),
      'OPTION_INVALID',
      `policy.${member}`,
    )
  }
  assert.is((await Engine.create({ policy })).vm.name, 'braidvm')
})

args('the adaptive policy takes numbers and a flag', async () => {
  for (const odd of primitives) await refused('options', () => adaptive(odd))
  for (const field of ['memory', 'probeInterval', 'prefetch']) {
    for (const odd of [null, 0, 1.5, '2', {}] as never[]) {
      await refused(field, () => adaptive({ [field]: odd }), 'OPTION_INVALID', field)
    }
  }
})

args('transactions are a list, their block has numbers', async () => {
  const environment = { number: 1n, timestamp: 1n, gasLimit: 1n, coinbase: people[0] }
  const options = { state, hardfork: 'cancun' }
  for (const odd of [undefined, {}, '', first, new Map(), ...primitives] as never[]) {
    await refused(
      'a list',
      () => engine.executeTransactions(environment, odd, options),
      'OPTION_INVALID',
      'transactions',
    )
  }
  for (const field of ['number', 'timestamp']) {
    for (const odd of [undefined, '1', 1, -1n, 1n << 64n, Symbol('1')] as never[]) {
      const wrong = { ...environment, [field]: odd }
      const call = () => engine.executeTransactions(wrong, [], { state })
      await refused(field, call, 'OPTION_INVALID', field)
    }
  }
})

args('a source that gives no hash of a block where it is asked for one', async () => {
  const number = 20_000_000n
  const block = {
    // PUSH4 number - 2, BLOCKHASH
    code: `0x63${(number - 2n).toString(16).padStart(8, '0')}40`,
  }
  const environment = {
    number,
    timestamp: 1_720_000_000n,
    gasLimit: 10n ** 6n,
    coinbase: people[0],
  }
  const transaction = { sender: people[0], nonce: 0, gasLimit: 100_000, gasPrice: 0, to: people[1] }
  const known = new MemoryState({ [people[1]]: block })
  for (const odd of [7, 'hash', '0x00', new Uint8Array(31), {}] as never[]) {
    const source = new SourceState({
      getAccount: (address) => known.getAccount(address),
      getStorage: () => 0n,
      getCode: (_, address) => known.getCode(address),
      getBlockHash: () => odd,
    })
    const call = () => engine.executeTransactions(environment, [transaction], { state: source })
    await refused('a hash', call, 'STATE_MALFORMED', `blockHashes[${number - 2n}]`)
  }
  const members = { getAccount: () => undefined, getStorage: () => 0n, getCode: () => undefined }
  const odd = { ...members, getBlockHash: 7 as never }
  await refused('a method', () => new SourceState(odd), 'OPTION_INVALID', 'source.getBlockHash')
})

args('RLP made of what is no block', async () => {
  for (const odd of [undefined, {}, [], ...primitives] as never[]) {
    try {
      encodeBlock(odd)
      assert.unreachable('encoded')
    } catch (error) {
      assert.match((error as { code: string }).code, /^DECODE_/)
    }
  }
})

args('a trie takes results, lists of nodes and lists of slots', async () => {
  const { root } = trie
  for (const odd of [undefined, {}, { packed: 7 }, ...primitives] as never[]) {
    await refused('changes', () => trie.update(odd), 'OPTION_INVALID', 'result')
    await refused('changes', () => trie.rootAfter(odd), 'OPTION_INVALID', 'result')
  }
  for (const odd of [null, 7, {}, '0x00'] as never[]) {
    await refused('nodes', () => StateTrie.fromWitness({ root, nodes: odd }))
    await refused('slots', () => trie.getProof(people[0], odd), 'OPTION_INVALID', 'slots')
  }
  for (const odd of primitives) {
    await refused('a trie', () => new StateTrie(state, odd), 'OPTION_INVALID', 'options')
    await refused('a witness', () => StateTrie.fromWitness(odd), 'OPTION_INVALID', 'witness')
  }
  for (const odd of [7, ...hollow.filter((value) => !(value instanceof Map))] as never[]) {
    const witness = { parentStateRoot: root, state: [], codes: [], blockHashes: odd }
    await refused('hashes', () => new WitnessState(witness), 'STATE_MALFORMED', 'blockHashes')
  }
  assert.is(trie.root, root)
})

args.run()
