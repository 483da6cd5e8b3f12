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

loading.run()
