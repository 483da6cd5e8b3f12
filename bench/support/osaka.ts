/** The chain that the blocks of eest/benchmark are on. */

import { Common, Hardfork, Mainnet } from '@ethereumjs/common'

/** Mainnet's parameters, with all hardforks up to Osaka active from the genesis block on. */
export function osakaCommon(): Common {
  const last = Mainnet.hardforks.findIndex(({ name }) => name === Hardfork.Osaka)
  const hardforks = Mainnet.hardforks
    .slice(0, last + 1)
    .map(({ timestamp, ...fork }) =>
      timestamp === undefined ? { ...fork, block: 0 } : { ...fork, block: null, timestamp: 0 },
    )
  return new Common({ chain: { ...Mainnet, hardforks }, hardfork: Hardfork.Osaka })
}
