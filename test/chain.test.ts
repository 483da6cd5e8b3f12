import { Common, createCustomCommon, Hardfork, Holesky, Mainnet, Sepolia } from '@ethereumjs/common'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  blobBaseFee,
  canonicalHardfork,
  hardforkAt,
  mainnetCommon,
  maxBlobGas,
  Revision,
  rulesetAt,
  rulesetForFork,
  rulesetOf,
} from '../lib/chain/index.js'
import type { ErrorCode } from '../lib/error-codes.js'
import { errorIn } from './support/thrown.js'

const chain = suite('chain')
const mainnet = mainnetCommon()

function codeOf(run: () => unknown): ErrorCode | undefined {
  return errorIn(run)?.code
}

/** First blocks and times of mainnet's hardforks. */
const boundaries: [number: bigint, time: bigint, hardfork: string, revision: number][] = [
  [0n, 0n, 'chainstart', Revision.Frontier],
  [1_149_999n, 1_457_981_342n, 'chainstart', Revision.Frontier],
  [1_150_000n, 1_457_981_393n, 'homestead', Revision.Homestead],
  [1_920_000n, 1_469_020_840n, 'dao', Revision.Homestead],
  [2_463_000n, 1_476_796_771n, 'tangerineWhistle', Revision.TangerineWhistle],
  [2_675_000n, 1_479_831_344n, 'spuriousDragon', Revision.SpuriousDragon],
  [4_370_000n, 1_508_131_331n, 'byzantium', Revision.Byzantium],
  [7_280_000n, 1_551_383_524n, 'petersburg', Revision.Petersburg],
  [9_069_000n, 1_575_764_709n, 'istanbul', Revision.Istanbul],
  [9_200_000n, 1_577_953_849n, 'muirGlacier', Revision.Istanbul],
  [12_244_000n, 1_618_481_223n, 'berlin', Revision.Berlin],
  [12_965_000n, 1_628_166_822n, 'london', Revision.London],
  [13_773_000n, 1_639_079_723n, 'arrowGlacier', Revision.London],
  [15_537_393n, 1_663_224_162n, 'grayGlacier', Revision.London],
  [15_537_394n, 1_663_224_179n, 'paris', Revision.Paris],
  [17_034_869n, 1_681_338_443n, 'paris', Revision.Paris],
  [17_034_870n, 1_681_338_455n, 'shanghai', Revision.Shanghai],
  [19_426_587n, 1_710_338_135n, 'cancun', Revision.Cancun],
  [22_431_084n, 1_746_612_311n, 'prague', Revision.Prague],
  [23_935_694n, 1_764_798_551n, 'osaka', Revision.Osaka],
  [23_975_778n, 1_765_290_071n, 'bpo1', Revision.Osaka],
  [24_180_000n, 1_767_747_671n, 'bpo2', Revision.Osaka],
]

chain('the hardforks of mainnet', () => {
  for (const [number, timestamp, hardfork, revision] of boundaries) {
    assert.is(hardforkAt(mainnet, number, timestamp), hardfork, `${number}`)
    const ruleset = rulesetAt(mainnet, number, timestamp)
    assert.is(ruleset.hardfork, hardfork)
    assert.is(ruleset.revision, revision)
    assert.is(ruleset.chainId, 1n)
  }
})

chain('agrees with Common on every boundary of its chains', () => {
  for (const config of [Mainnet, Sepolia, Holesky]) {
    const common = new Common({ chain: config })
    const forks = common.hardforks()
    for (const { block, timestamp } of forks) {
      if (block === null && timestamp === undefined) continue
      for (const offset of [-1n, 0n, 1n]) {
        // Common wants a time and a number that belong together.
        const time = timestamp === undefined ? 0n : BigInt(timestamp) + offset
        const number = timestamp === undefined ? BigInt(block ?? 0) + offset : 100_000_000n
        if (number < 0n) continue
        const expected =
          timestamp === undefined
            ? common.getHardforkBy({ blockNumber: number })
            : common.getHardforkBy({ blockNumber: number, timestamp: time })
        assert.is(hardforkAt(common, number, time), expected, `${config.name} ${number} ${time}`)
      }
    }
  }
})

chain('asking leaves the Common as it was set', () => {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.London })
  assert.is(rulesetAt(common, 20_000_000n, 1_720_000_000n).hardfork, 'cancun')
  assert.is(common.hardfork(), 'london')
})

chain('rulesets are made once', () => {
  const first = rulesetAt(mainnet, 20_000_000n, 1_720_000_000n)
  assert.is(rulesetAt(mainnet, 20_000_001n, 1_720_000_012n), first)
})

chain('rewards', () => {
  const ether = 10n ** 18n
  const reward = (name: string) => rulesetForFork(name).blockReward
  assert.is(reward('Frontier'), 5n * ether)
  assert.is(reward('EIP158'), 5n * ether)
  assert.is(reward('Byzantium'), 3n * ether)
  assert.is(reward('Constantinople'), 2n * ether)
  assert.is(reward('London'), 2n * ether)
  assert.is(reward('Paris'), 0n)
  assert.is(reward('Osaka'), 0n)
})

chain('system calls and deposits', () => {
  const names = (fork: string) => rulesetForFork(fork).systemCalls.map(({ name }) => name)
  assert.equal(names('Shanghai'), [])
  assert.equal(names('Cancun'), ['beaconRoots'])
  const prague = ['beaconRoots', 'blockHashes', 'withdrawalRequests', 'consolidationRequests']
  assert.equal(names('Prague'), prague)
  assert.equal(names('BPO2'), prague)
  assert.is(rulesetForFork('Cancun').depositContract, undefined)
  assert.is(rulesetForFork('Prague').depositContract, '0x00000000219ab540356cbb839cbe05303d7705fa')
  const sepolia = new Common({ chain: Sepolia })
  assert.is(
    rulesetOf(sepolia, 'prague').depositContract,
    '0x7f02c3e3c98b133055b8b348b2ac625669ed295d',
  )
})

chain('blob schedules', () => {
  const schedule = (name: string) => rulesetForFork(name).blobSchedule
  assert.is(schedule('Shanghai'), undefined)
  assert.equal(schedule('Cancun'), { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477n })
  assert.equal(schedule('Prague'), { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716n })
  assert.equal(schedule('Osaka'), schedule('Prague'))
  assert.equal(schedule('BPO1'), { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193n })
  assert.equal(schedule('BPO2'), { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671n })
  assert.is(maxBlobGas(rulesetForFork('Shanghai')), 0n)
  assert.is(maxBlobGas(rulesetForFork('Cancun')), 786_432n)
  assert.is(rulesetForFork('Cancun').maxBlobsPerTransaction, 6)
  assert.is(rulesetForFork('Prague').maxBlobsPerTransaction, 9)
  assert.is(rulesetForFork('BPO2').maxBlobsPerTransaction, 6)
  for (const name of ['cancun', 'prague', 'osaka', 'bpo1', 'bpo2']) {
    assert.equal(rulesetOf(mainnet, name).blobSchedule, schedule(name), name)
  }
})

chain('blob schedules given with fixtures', () => {
  const blobSchedule = { target: '0x15', max: '0x20', baseFeeUpdateFraction: '0x13a7731' }
  const ruleset = rulesetForFork('BPO3', { blobSchedule, chainId: 7n })
  assert.equal(ruleset.blobSchedule, { target: 21, max: 32, baseFeeUpdateFraction: 20_608_817n })
  assert.is(ruleset.chainId, 7n)
  assert.is(rulesetForFork('London', { blobSchedule }).blobSchedule, undefined)
  for (const wrong of [
    { ...blobSchedule, baseFeeUpdateFraction: 0 },
    { ...blobSchedule, max: -1 },
    { ...blobSchedule, max: 2n ** 40n },
    { ...blobSchedule, target: 'six' },
  ]) {
    assert.is(
      codeOf(() => rulesetForFork('Osaka', { blobSchedule: wrong })),
      'CHAIN_CONFIG_INVALID',
    )
  }
})

chain('blob schedules of a Common with parameters', () => {
  const params = {
    4844: {
      targetBlobGasPerBlock: 4 * 131_072,
      maxBlobGasPerBlock: 8 * 131_072,
      blobGasPriceUpdateFraction: 1234,
    },
  }
  const common = new Common({ chain: Mainnet, params })
  assert.equal(rulesetOf(common, 'cancun').blobSchedule, {
    target: 4,
    max: 8,
    baseFeeUpdateFraction: 1234n,
  })
})

chain('the price of blob gas', () => {
  const cancun = 3_338_477n
  const cases: [excess: bigint, fraction: bigint, fee: bigint][] = [
    [0n, cancun, 1n],
    [2_314_057n, cancun, 1n],
    [2_314_058n, cancun, 2n],
    [10n * 1024n * 1024n, cancun, 23n],
    [148_099_578n, cancun, 18_446_739_238_971_471_609n],
    [148_099_579n, cancun, 18_446_744_762_204_311_910n],
    [161_087_488n, cancun, 902_580_055_246_494_526_580n],
  ]
  for (const [excess, fraction, fee] of cases) assert.is(blobBaseFee(excess, fraction), fee)
  const most = (1n << 256n) - 1n
  assert.is(blobBaseFee((1n << 64n) - 1n, cancun), most)
  assert.is(blobBaseFee((1n << 64n) - 1n, 1n), most)
  assert.is(blobBaseFee(178n * cancun, cancun), most)
  assert.ok(blobBaseFee(177n * cancun, cancun) < most)
})

chain('the DAO fork', () => {
  const dao = rulesetAt(mainnet, 1_920_000n, 1_469_020_840n).irregularTransition
  assert.is(dao?.block, 1_920_000n)
  assert.is(dao?.beneficiary, '0xbf4ed7b27f1d666546e30d74d50d173d20bca754')
  assert.is(dao?.accounts.length, 116)
  assert.is(new Set(dao?.accounts).size, 116)
  assert.ok(dao?.accounts.every((account) => /^0x[0-9a-f]{40}$/.test(account)))
  // The DAO and its extra balance, named in EIP-779.
  assert.ok(dao?.accounts.includes('0xbb9bc244d798123fde783fcc1c72d3bb8c189413'))
  assert.ok(dao?.accounts.includes('0x807640a13483f8ac783c557fcdf27be11ea4ac7a'))
  assert.is(rulesetOf(new Common({ chain: Sepolia }), 'london').irregularTransition, undefined)
})

chain('names of hardforks in test suites', () => {
  const names: [string, string | undefined][] = [
    ['Frontier', 'chainstart'],
    ['Homestead', 'homestead'],
    ['EIP150', 'tangerineWhistle'],
    ['EIP158', 'spuriousDragon'],
    ['Byzantium', 'byzantium'],
    ['Constantinople', 'constantinople'],
    ['ConstantinopleFix', 'petersburg'],
    ['Petersburg', 'petersburg'],
    ['Istanbul', 'istanbul'],
    ['Berlin', 'berlin'],
    ['London', 'london'],
    ['Merge', 'paris'],
    ['Paris', 'paris'],
    ['Shanghai', 'shanghai'],
    ['Cancun', 'cancun'],
    ['Prague', 'prague'],
    ['Osaka', 'osaka'],
    ['BPO1', 'bpo1'],
    ['tangerineWhistle', 'tangerineWhistle'],
    ['Atlantis', undefined],
    ['', undefined],
    ['__proto__', undefined],
  ]
  for (const [name, expected] of names) assert.is(canonicalHardfork(name), expected, name)
})

chain('what is not supported is refused', () => {
  assert.is(
    codeOf(() => rulesetForFork('Amsterdam')),
    'UNSUPPORTED_HARDFORK',
  )
  const hardforks = [...Mainnet.hardforks.slice(0, -1), { name: 'amsterdam', block: 0 }]
  const amsterdam = new Common({ chain: { ...Mainnet, hardforks } })
  assert.is(
    codeOf(() => rulesetAt(amsterdam, 1n, 0n)),
    'UNSUPPORTED_HARDFORK',
  )
  const withEip = new Common({ chain: Mainnet, hardfork: Hardfork.London, eips: [3855] })
  assert.is(
    codeOf(() => rulesetAt(withEip, 13_000_000n, 1_630_000_000n)),
    'UNSUPPORTED_EIP',
  )
  // The same EIP is part of Shanghai.
  assert.is(rulesetAt(withEip, 18_000_000n, 1_700_000_000n).hardfork, 'shanghai')
  const clique = createCustomCommon(
    { chainId: 5, consensus: { type: 'poa', algorithm: 'clique' } },
    Mainnet,
  )
  assert.is(
    codeOf(() => rulesetOf(clique, 'berlin')),
    'UNSUPPORTED_CONSENSUS',
  )
  const later = new Common({
    chain: { ...Mainnet, hardforks: [{ name: 'chainstart', block: 10 }] },
    hardfork: 'chainstart',
  })
  assert.is(
    codeOf(() => rulesetAt(later, 1n, 0n)),
    'CHAIN_CONFIG_INVALID',
  )
})

chain.run()
