/** The public networks whose rules come with the package. */

import { type ChainConfig, Common, Holesky, Hoodi, Mainnet, Sepolia } from '@ethereumjs/common'
import type { Hex } from '../hex/index.js'

/** A public network. */
export interface KnownChain {
  readonly config: ChainConfig
  readonly genesisHash: Hex
}

/** The networks by name. */
export const knownChains = {
  mainnet: {
    config: Mainnet,
    genesisHash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
  },
  sepolia: {
    config: Sepolia,
    genesisHash: '0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9',
  },
  hoodi: {
    config: Hoodi,
    genesisHash: '0xbbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b',
  },
  holesky: {
    config: Holesky,
    genesisHash: '0xb5f7f912443c940f21fd611f12828d75b534364ed9e95ca4e307729a4661bde4',
  },
} as const satisfies Readonly<Record<string, KnownChain>>

/** The name of a public network. */
export type KnownChainName = keyof typeof knownChains

/** A Common of a public network; undefined where the name is none. */
export function knownChain(name: string): Common | undefined {
  return isKnown(name) ? new Common({ chain: knownChains[name].config }) : undefined
}

/** The public network that a genesis block is of. */
export function knownChainOf(genesisHash: Hex): KnownChainName | undefined {
  for (const [name, chain] of Object.entries(knownChains)) {
    if (chain.genesisHash === genesisHash) return name as KnownChainName
  }
  return undefined
}

function isKnown(name: string): name is KnownChainName {
  return Object.hasOwn(knownChains, name)
}
