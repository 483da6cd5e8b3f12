import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Candidate, candidates, whyNotLoaded } from '../lib/native/find-addon.js'
import { glibcVersion, platformName } from '../lib/native/platform.js'
import { root } from './fixtures.js'

const loading = suite('loading the native addon')

/** The places that are looked at under a value of BRAID_ADDON. */
function candidatesWith(named: string | undefined): Candidate[] {
  const { BRAID_ADDON: before } = process.env
  try {
    if (named === undefined) delete process.env.BRAID_ADDON
    else process.env.BRAID_ADDON = named
    return [...candidates()]
  } finally {
    if (before === undefined) delete process.env.BRAID_ADDON
    else process.env.BRAID_ADDON = before
  }
}

loading('looks only where BRAID_ADDON says', () => {
  const path = join(root, 'package.json')
  assert.equal(candidatesWith(path), [{ path }])
  const reason = 'BRAID_ADDON names /nowhere/braid.node: no such file'
  assert.equal(candidatesWith('/nowhere/braid.node'), [{ reason }])
})

loading('prefers what was built in place to the package of the platform', () => {
  assert.equal(candidatesWith(undefined), [
    { path: join(root, 'build/Release/braid.node') },
    { reason: `@braid-evm/${platformName()} is not installed` },
  ])
})

loading('names the platform as its package does', () => {
  const { platform, arch } = process
  const names = [`${platform}-${arch}`, `${platform}-${arch}-gnu`, `${platform}-${arch}-musl`]
  assert.ok(names.includes(platformName()))
  assert.is(platformName().endsWith('-gnu'), platform === 'linux' && glibcVersion() !== undefined)
})

loading('says what is wrong with an addon that does not load', () => {
  const because = (message: string): string => whyNotLoaded(new Error(message))
  assert.match(
    because("/lib/libc.so.6: version `GLIBC_2.99' not found (required by /x/braid.node)"),
    /^it needs glibc 2\.99 or newer, this system has /,
  )
  assert.match(
    because("libstdc++.so.6: version `GLIBCXX_3.4.99' not found (required by /x/braid.node)"),
    /^it needs a newer libstdc\+\+/,
  )
  assert.match(because('/x/braid.node: invalid ELF header'), /^it is not for \w+-\w+/)
  assert.is(because('something else'), 'something else')
  assert.is(whyNotLoaded('thrown'), 'thrown')
})

/** What a program prints that cannot find the addon. */
function withoutAddon(program: string): unknown {
  const index = new URL('../lib/index.js', import.meta.url)
  const adapter = new URL('../lib/ethereumjs/index.js', import.meta.url)
  const text = `
    import * as braid from ${JSON.stringify(index)}
    import * as adapter from ${JSON.stringify(adapter)}
    const codeOf = async (call) => {
      try { await call() } catch (error) { return error.code }
    }
    console.log(JSON.stringify(await (async () => {${program}})()))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    encoding: 'utf8',
    env: { ...process.env, BRAID_ADDON: '/nowhere/braid.node' },
  })
  assert.is(stderr, '')
  return JSON.parse(stdout)
}

const header = {
  ...Object.fromEntries(
    ['parentHash', 'sha3Uncles', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'mixHash'].map(
      (name) => [name, `0x${'00'.repeat(32)}`],
    ),
  ),
  ...Object.fromEntries(
    ['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp'].map((name) => [name, '0x7']),
  ),
  miner: `0x${'00'.repeat(20)}`,
  logsBloom: `0x${'00'.repeat(256)}`,
  nonce: `0x${'00'.repeat(8)}`,
  extraData: '0x',
}

loading('errors, encoders and headers need no addon', () => {
  const program = `
    const error = new braid.BraidError('CANCELLED')
    const block = ${JSON.stringify({ ...header, transactions: [] })}
    const encoded = braid.encodeBlock(block)
    // [header, [], []]: the list's header takes three bytes, the two empty lists one each.
    const decoded = braid.BlockHeader.decode(encoded.subarray(3, -2))
    return [braid.isBraidError(error, 'CANCELLED'), Object.keys(adapter), String(decoded.number),
      await codeOf(() => braid.Engine.create({ thread: 1 }))]`
  assert.equal(withoutAddon(program), [true, ['runBlock'], '7', 'OPTION_INVALID'])
})

loading('what needs the addon looks for it then, and each time anew', () => {
  const program = `
    const source = { getAccount() {}, getStorage() {}, getCode() {} }
    const calls = [() => new braid.MemoryState(), () => new braid.SourceState(source),
      () => braid.Engine.create(), () => new braid.StateTrie().root, () => new braid.MemoryState()]
    const codes = []
    for (const call of calls) codes.push(await codeOf(call))
    return codes`
  assert.equal(withoutAddon(program), Array(5).fill('NATIVE_LOAD_FAILED'))
})

loading.run()
