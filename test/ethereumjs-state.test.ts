/** What a block leaves behind in a VM of `@ethereumjs/vm`: the same as that package's own `runBlock`. */

import { Hardfork } from '@ethereumjs/common'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { createLegacyTx, type TypedTransaction } from '@ethereumjs/tx'
import {
  createAddressFromString,
  generateAddress2,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import {
  createVM,
  runBlock as originalRunBlock,
  type RunBlockResult,
  type VM,
} from '@ethereumjs/vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runBlock } from '../lib/ethereumjs/index.js'
import { commonAt } from './support/common.js'
import { blockOf, keys, senders, type VmAlloc, vmWith } from './support/vm-chain.js'

const left = suite('what @ethereumjs/vm is left with')

const options = { generate: true, skipBlockValidation: true }
const addressOf = createAddressFromString
const slot = (number: number): PrefixedHexString => `0x${number.toString(16).padStart(64, '0')}`
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The journal as the package's own EVM has it. */
interface Journal {
  addWarmedAddress(address: Uint8Array): void
  addWarmedStorage(address: Uint8Array, slot: Uint8Array): void
  isWarmedAddress(address: Uint8Array): boolean
  isWarmedStorage(address: Uint8Array, slot: Uint8Array): boolean
}

const journalOf = (vm: VM): Journal => vm.evm.journal as unknown as Journal

/** Legacy transactions of one sender, in order. */
function transactions(vm: VM, fields: readonly object[], firstNonce = 0n): TypedTransaction[] {
  return fields.map((each, i) =>
    createLegacyTx(
      { nonce: firstNonce + BigInt(i), gasPrice: 2_000n, gasLimit: 500_000n, ...each },
      { common: vm.common },
    ).sign(keys[0]),
  )
}

/** Two VMs on the same state, and what a block gives on each: that of `@ethereumjs/vm` first. */
async function onBoth(
  hardfork: string,
  alloc: VmAlloc,
  fields: readonly object[],
  before: (vm: VM) => Promise<void> | void = () => {},
): Promise<{ vms: VM[]; results: RunBlockResult[] }> {
  const common = commonAt(hardfork)
  const vms = await Promise.all([vmWith(common, alloc), vmWith(common, alloc)])
  const results: RunBlockResult[] = []
  for (const [i, run] of [originalRunBlock, runBlock].entries()) {
    const vm = vms[i]
    await before(vm)
    const block = blockOf(vm.common, { transactions: transactions(vm, fields) })
    results.push(await run(vm, { block, ...options }))
  }
  assert.is(hex(results[1].stateRoot), hex(results[0].stateRoot))
  return { vms, results }
}

left('the storage of a contract that goes and comes again in one block is empty', async () => {
  const factory: PrefixedHexString = `0x${'d4'.repeat(20)}`
  // Returns one byte of code, STOP, behind what it stores: 7 in slot 2.
  const initcode = '6007600255 60006000 53 60016000 f3'.replaceAll(' ', '')
  const size = initcode.length / 2
  // CREATE2 of that, without salt.
  const code: PrefixedHexString = `0x${`
    6e${initcode} 600052 6000 60${size.toString(16).padStart(2, '0')}
    60${(32 - size).toString(16).padStart(2, '0')} 6000 f5 00`.replaceAll(/\s/g, '')}`
  assert.is(size, 15)
  const child = generateAddress2(
    hexToBytes(factory),
    new Uint8Array(32),
    hexToBytes(`0x${initcode}`),
  )
  const at: PrefixedHexString = `0x${hex(child)}`
  const alloc: VmAlloc = {
    [factory]: { nonce: 1n, code },
    // What stands there before the block gives itself up when it is called.
    [at]: { nonce: 1n, code: '0x33ff', storage: { [slot(1)]: '0x01', [slot(2)]: '0x02' } },
  }
  const { vms } = await onBoth(Hardfork.Shanghai, alloc, [{ to: at }, { to: factory }])
  for (const { stateManager } of vms) {
    assert.is(hex(await stateManager.getCode(addressOf(at))), '00')
    assert.is(hex(await stateManager.getStorage(addressOf(at), hexToBytes(slot(1)))), '')
    assert.is(hex(await stateManager.getStorage(addressOf(at), hexToBytes(slot(2)))), '07')
  }
})

const counter: PrefixedHexString = `0x${'d0'.repeat(20)}`
/** Adds one to slot 0. */
const counting: VmAlloc = {
  [counter]: { nonce: 1n, code: '0x60005460010160005500', storage: { [slot(0)]: '0x07' } },
}

left('no original value of a slot is remembered', async () => {
  const read = (vm: VM) =>
    vm.stateManager.originalStorageCache.get(addressOf(counter), hexToBytes(slot(0)))
  const { vms } = await onBoth(Hardfork.London, counting, [{ to: counter }], async (vm) => {
    assert.is(hex(await read(vm)), '07')
    // The manager forgets by itself at the end of the outermost checkpoint: it must not be the block's.
    await vm.stateManager.checkpoint()
  })
  for (const vm of vms) assert.is(hex(await read(vm)), '08')
})

left('no address or slot is warm', async () => {
  const warm = addressOf(`0x${'ab'.repeat(20)}`)
  const { vms } = await onBoth(Hardfork.London, counting, [{ to: counter }], (vm) => {
    journalOf(vm).addWarmedAddress(warm.bytes)
    journalOf(vm).addWarmedStorage(warm.bytes, hexToBytes(slot(3)))
  })
  for (const journal of vms.map(journalOf)) {
    assert.not.ok(journal.isWarmedAddress(warm.bytes))
    assert.not.ok(journal.isWarmedStorage(warm.bytes, hexToBytes(slot(3))))
  }
})

left('values of slots are written without zeros in front, as the original does', async () => {
  // SSTORE(0, 0x0100), and slot 1, which holds 7, is cleared.
  const code: PrefixedHexString = '0x61010060005560006001 5500'.replace(
    ' ',
    '',
  ) as PrefixedHexString
  const values: string[][] = []
  for (const run of [originalRunBlock, runBlock]) {
    const common = commonAt(Hardfork.London)
    const stateManager = new SimpleStateManager({ common })
    stateManager.getStateRoot = async () => new Uint8Array(32)
    const vm = await createVM({ common, stateManager })
    const address = addressOf(counter)
    await stateManager.modifyAccountFields(addressOf(senders[0].toString()), {
      balance: 10n ** 24n,
    })
    await stateManager.modifyAccountFields(address, { nonce: 1n })
    await stateManager.putCode(address, hexToBytes(code))
    await stateManager.putStorage(address, hexToBytes(slot(1)), Uint8Array.of(7))
    await run(vm, {
      block: blockOf(common, { transactions: transactions(vm, [{ to: counter }]) }),
      ...options,
    })
    const read = async (number: number) =>
      hex(await stateManager.getStorage(address, hexToBytes(slot(number))))
    values.push([await read(0), await read(1)])
  }
  assert.equal(values[1], values[0])
  assert.equal(values[1], ['0100', ''])
})

left('blocks of either kind follow on one another', async () => {
  const common = commonAt(Hardfork.London)
  const vms = await Promise.all([vmWith(common, counting), vmWith(common, counting)])
  for (const [i, vm] of vms.entries()) {
    for (let number = 0; number < 4; number++) {
      const run = i === 0 || number % 2 === 1 ? originalRunBlock : runBlock
      const block = blockOf(vm.common, {
        number: 100n + BigInt(number),
        transactions: transactions(vm, [{ to: counter }, { to: counter }], 2n * BigInt(number)),
      })
      const { gasUsed } = await run(vm, { block, ...options })
      // Each block's first write pays for a slot that was not looked at before.
      assert.is(gasUsed, 2n * (21_000n + 5_012n))
    }
  }
  const roots = await Promise.all(vms.map((vm) => vm.stateManager.getStateRoot()))
  assert.is(hex(roots[1]), hex(roots[0]))
})

left('the refund is none where the floor of the data counts, and only there', async () => {
  // Contracts that clear one or three slots: a refund below a fifth of the gas, and one above.
  const alloc: Record<PrefixedHexString, VmAlloc[PrefixedHexString]> = {}
  const fields: object[] = []
  for (const [slots, step] of [
    [1, 1],
    [3, 40],
  ]) {
    for (let size = 0; size <= 16 * step; size += step) {
      const index = Object.keys(alloc).length
      const to: PrefixedHexString = `0x${'d3'.repeat(19)}${index.toString(16).padStart(2, '0')}`
      const numbers = Array.from({ length: slots }, (_, i) => i)
      alloc[to] = {
        nonce: 1n,
        code: `0x${numbers.map((number) => `6000600${number}55`).join('')}`,
        storage: Object.fromEntries(numbers.map((number) => [slot(number), '0x01'])),
      }
      fields.push({ to, data: `0x${'ab'.repeat(size)}` })
    }
  }
  const { results } = await onBoth(Hardfork.Prague, { ...system, ...alloc }, fields)
  const refunds = results.map(({ results: each }) => each.map(({ gasRefund }) => gasRefund))
  assert.equal(refunds[1], refunds[0])
  const spent = results.map(({ results: each }) => each.map((tx) => tx.totalGasSpent))
  assert.equal(spent[1], spent[0])
  const none = refunds[1].filter((refund) => refund === 0n).length
  assert.ok(none > 5 && none < refunds[1].length - 5, `${none} of ${refunds[1].length}`)
})

/** The contracts that blocks of Prague cannot do without (EIP-7002, EIP-7251). */
const system: VmAlloc = {
  '0x00000961ef480eb55e80d19ad83579a64c007002': { nonce: 1n, code: '0x00' },
  '0x0000bbddc7ce488642fb579f8b00f3a590007251': { nonce: 1n, code: '0x00' },
}

left.run()
