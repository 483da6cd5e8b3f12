/** The chain that tests are on. */

import { Common, type Hardfork, Mainnet } from '@ethereumjs/common'

/** A Common of mainnet set to a hardfork; nothing here needs KZG proofs. */
export function commonAt(hardfork: Hardfork | string): Common {
  return new Common({ chain: Mainnet, hardfork, customCrypto: { kzg: {} as never } })
}
