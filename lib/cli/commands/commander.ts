/** commander, with types of options and arguments that follow from their declarations. */

import type * as Typed from '@commander-js/extra-typings'
import * as commander from 'commander'

/** The classes of commander; the package with the types adds nothing that runs. */
export const { Command, Option } = commander as unknown as Pick<typeof Typed, 'Command' | 'Option'>

/** The `braid` command that the others are declared under. */
export type Program = Typed.Command
