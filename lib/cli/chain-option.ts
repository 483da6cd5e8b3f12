/** `--chain`: the rules that blocks are executed by. */

import { existsSync } from 'node:fs'
import type { Common } from '@ethereumjs/common'
import { knownChain, knownChains } from '../chain/index.js'
import { readChainConfig } from '../chain-files/index.js'
import { suggestion } from '../did-you-mean.js'
import { UsageError } from './console.js'

/** The names of the networks that need no file. */
export const chainNames: readonly string[] = Object.keys(knownChains)

/**
 * The Common that `--chain` asks for: of a public network by its name, or of a genesis file in geth's form.
 * A file is named by its path; where it has no slash and is not there, a name is what was meant.
 */
export async function chainOf(text: string): Promise<Common> {
  const known = knownChain(text)
  if (known !== undefined) return known
  if (!existsSync(text)) {
    const meant = suggestion(text, chainNames) || `: it takes ${chainNames.join(', ')}`
    const shown = text === '' ? 'an empty text' : text
    throw new UsageError(
      `--chain knows no ${shown}${meant}${meant.endsWith('?') ? '' : ', or the path of a genesis file'}`,
    )
  }
  return readChainConfig(text)
}
