/** EVMs that cannot be loaded, and such that do not keep to the ABI. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, MemoryState } from '../lib/index.js'
import { root } from './fixtures.js'
import { outcomeOf } from './support/outcome.js'

const vms = suite('EVMs that fail')

const folder = mkdtempSync(join(tmpdir(), 'braid-vm-'))
vms.after(() => rmSync(folder, { recursive: true, force: true }))

const compiler = process.env.CC ?? 'cc'
const hasCompiler = process.platform === 'linux' && spawnSync(compiler, ['--version']).status === 0
let leftOut = 0

/** A test that needs a C compiler. */
function withCompiler(title: string, run: () => Promise<void>): void {
  if (hasCompiler) vms(title, run)
  else leftOut++
}

/** Compiles a shared object of the given C; gives its path. */
function compile(name: string, source: string, options: readonly string[] = []): string {
  const path = join(folder, name)
  writeFileSync(`${path}.c`, source)
  const include = ['-I', join(root, 'native')]
  const done = spawnSync(
    compiler,
    ['-shared', '-fPIC', ...include, '-o', path, `${path}.c`, ...options],
    { encoding: 'utf8' },
  )
  assert.is(done.status, 0, done.stderr)
  return path
}

/** A VM whose every frame ends with `result`; `changes` are made to the table. */
const vmSource = (
  changes: string,
  result = '{.status_code = EVMC_SUCCESS, .gas_left = m->gas}',
) => `
#include "evmc/evmc.h"
#include <stddef.h>
static void destroy(struct evmc_vm* vm) { (void)vm; }
static evmc_capabilities_flagset capabilities(struct evmc_vm* vm) {
    (void)vm;
    return EVMC_CAPABILITY_EVM1;
}
static evmc_capabilities_flagset no_capabilities(struct evmc_vm* vm) { (void)vm; return 0; }
static struct evmc_result run(struct evmc_vm* vm, const struct evmc_host_interface* host,
                              struct evmc_host_context* context, enum evmc_revision revision,
                              const struct evmc_message* m, const uint8_t* code, size_t size) {
    (void)vm, (void)host, (void)context, (void)revision, (void)code, (void)size, (void)m;
    struct evmc_result result = ${result};
    return result;
}
static struct evmc_vm vm = {EVMC_ABI_VERSION, "tiny", "1", destroy, run, capabilities, NULL};
struct evmc_vm* evmc_create(void) {
    (void)no_capabilities;
    ${changes};
    return &vm;
}
`

const create = (vm: string) =>
  outcomeOf(
    () => Engine.create({ vm }),
    () => vm,
  )

vms('files that are not there or no shared objects', async () => {
  const text = join(folder, 'text.so')
  writeFileSync(text, 'not a shared object')
  const dangling = join(folder, 'dangling.so')
  symlinkSync(join(folder, 'gone.so'), dangling)
  assert.is(await create('/nowhere/libnothing.so'), 'VM_NOT_FOUND')
  assert.is(await create(dangling), 'VM_NOT_FOUND')
  assert.is(await create('libno-such-evm.so'), 'VM_NOT_FOUND')
  assert.is(await create(text), 'VM_LOAD_FAILED')
  assert.is(await create(folder), 'VM_LOAD_FAILED')
  assert.is(await create(process.execPath), 'VM_LOAD_FAILED')
})

vms('names that are no paths', async () => {
  for (const vm of ['', '/tmp/\0x', 'builtin\0', 7, null, {}, Symbol('vm')]) {
    assert.is(await create(vm as string), 'OPTION_INVALID', String(vm))
  }
})

vms('evmone where the environment names a file that is not there', async () => {
  const { BRAID_EVMONE: named } = process.env
  process.env.BRAID_EVMONE = join(folder, 'libevmone.so')
  try {
    assert.is(await create('evmone'), 'VM_NOT_FOUND')
  } finally {
    if (named === undefined) delete process.env.BRAID_EVMONE
    else process.env.BRAID_EVMONE = named
  }
})

withCompiler('shared objects without the function, and ones that need others', async () => {
  assert.is(await create(compile('plain.so', 'int answer = 42;')), 'VM_LOAD_FAILED')
  compile('libneeded.so', 'int needed(void) { return 1; }')
  const needing = compile(
    'needing.so',
    `${vmSource('')}\nint needed(void);\nint use(void) { return needed(); }`,
    [`-L${folder}`, '-lneeded', '-Wl,--no-as-needed'],
  )
  rmSync(join(folder, 'libneeded.so'))
  assert.is(await create(needing), 'VM_LOAD_FAILED')
})

withCompiler('VMs of other versions, without EVM, or none at all', async () => {
  const version = (number: string) => `*(int*)&vm.abi_version = ${number}`
  assert.is(await create(compile('older.so', vmSource(version('11')))), 'VM_ABI_MISMATCH')
  assert.is(await create(compile('newer.so', vmSource(version('13')))), 'VM_ABI_MISMATCH')
  assert.is(await create(compile('no.so', vmSource('return NULL'))), 'VM_LOAD_FAILED')
  const ewasm = compile('ewasm.so', vmSource('vm.get_capabilities = no_capabilities'))
  assert.is(await create(ewasm), 'VM_LOAD_FAILED')
  for (const member of ['destroy', 'execute', 'get_capabilities']) {
    const path = compile(`no-${member}.so`, vmSource(`vm.${member} = NULL`))
    assert.is(await create(path), 'VM_LOAD_FAILED', member)
  }
})

const sender = `0x${'aa'.repeat(20)}`
const contract = `0x${'bb'.repeat(20)}`

/** Calls a contract on the VM that ends every frame with this result. */
async function callOn(name: string, result: string): Promise<string> {
  const engine = await Engine.create({ vm: compile(name, vmSource('', result)) })
  const state = new MemoryState({
    [sender]: { balance: 10n ** 18n },
    [contract]: { nonce: 1n, code: '0x00' },
  })
  const before = state.stateRoot()
  const environment = { number: 1n, timestamp: 1n, gasLimit: 30_000_000n, coinbase: contract }
  const call = { sender, to: contract, nonce: 0n, gasLimit: 100_000n, gasPrice: 1n }
  try {
    const { receipts } = await engine.executeTransactions(environment, [call], {
      state,
      hardfork: 'cancun',
    })
    return `${receipts[0].status} ${receipts[0].gasUsed}`
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    assert.is(state.stateRoot(), before)
    engine.close()
  }
}

withCompiler('VMs that give what no frame can give', async () => {
  const defect = 'VM_INTERNAL_ERROR'
  assert.is(
    await callOn('good.so', '{.status_code = EVMC_SUCCESS, .gas_left = 79000}'),
    'success 21000',
  )
  assert.is(await callOn('rich.so', '{.status_code = EVMC_SUCCESS, .gas_left = 79001}'), defect)
  assert.is(await callOn('richest.so', '{.gas_left = INT64_MAX}'), defect)
  assert.is(await callOn('debt.so', '{.status_code = EVMC_REVERT, .gas_left = -1}'), defect)
  assert.is(await callOn('hollow.so', '{.status_code = EVMC_SUCCESS, .output_size = 32}'), defect)
  assert.is(await callOn('broken.so', '{.status_code = EVMC_INTERNAL_ERROR}'), defect)
  assert.is(await callOn('refusing.so', '{.status_code = EVMC_REJECTED}'), defect)
  assert.is(await callOn('full.so', '{.status_code = EVMC_OUT_OF_MEMORY}'), 'OUT_OF_MEMORY')
  assert.is(await callOn('odd.so', '{.status_code = (enum evmc_status_code)12345}'), defect)
})

vms.run()
if (leftOut > 0)
  console.log(`EVMs that fail: ${leftOut} tests left out: no C compiler (${compiler})`)
