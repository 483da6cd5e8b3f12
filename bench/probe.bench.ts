import { runBlock as theirRunBlock } from '@ethereumjs/vm'
import { mainnetCommon } from '../lib/chain/index.js'
import { runBlock } from '../lib/ethereumjs/index.js'
import { mainnetBlock } from './support/fixtures.js'
import { MerkleBlock } from './support/merkle-block.js'

const mode = process.env.MODE ?? 'both'
const name = process.env.BLOCK ?? '19426586'
const rounds = Number(process.env.ROUNDS ?? 5)
export async function run() {
  const b = await MerkleBlock.of(mainnetBlock(name), mainnetCommon())
  for (const hasCaches of process.env.CACHES ? [true] : [false]) {
    const t: number[][] = [[], []]
    const cpu: number[][] = [[], []]
    for (let i = 0; i < rounds; i++) {
      for (const [k, f] of [theirRunBlock, runBlock].entries()) {
        if (mode === 'ours' && k === 0) continue
        const vm = await b.vm({ hasCaches })
        const block = b.block(vm.common)
        globalThis.gc?.()
        const c0 = process.cpuUsage()
        const t0 = performance.now()
        await f(vm, { block, skipHeaderValidation: true })
        t[k]!.push(performance.now() - t0)
        const c1 = process.cpuUsage(c0)
        cpu[k]!.push((c1.user + c1.system) / 1000)
      }
    }
    const med = (a: number[]) => [...a].sort((x, y) => x - y)[a.length >> 1]!
    console.log(
      'cpu',
      ...cpu.map((a) => a.map((x) => x.toFixed(0)).join(' ')),
      'ratio min',
      (Math.min(...cpu[0]!) / Math.min(...cpu[1]!)).toFixed(2),
      'med',
      (med(cpu[0]!) / med(cpu[1]!)).toFixed(2),
    )
    console.log(
      'caches',
      hasCaches,
      'theirs med/min',
      med(t[0]!)?.toFixed(1),
      Math.min(...t[0]!).toFixed(1),
      'ours',
      med(t[1]!).toFixed(1),
      Math.min(...t[1]!).toFixed(1),
      'first',
      t[1]![0]!.toFixed(1),
      'ratio med',
      (med(t[0]!) / med(t[1]!)).toFixed(2),
      'min',
      (Math.min(...t[0]!) / Math.min(...t[1]!)).toFixed(2),
    )
  }
  return { title: '', text: '', verdicts: [], losses: [], data: {} }
}
