#!/usr/bin/env node
/** The `braid` command. */

import { CommanderError } from 'commander'
import { braidProgram } from './commands/program.js'
import { complainAbout, isUsageError } from './complaint.js'
import { ExitCode, InputError, ignoreClosedPipes, UsageError } from './console.js'
import { withoutFlagValues } from './evm-tool/trace-flags.js'

ignoreClosedPipes()
const args = withoutFlagValues(process.argv.slice(2))
const program = braidProgram()
const names = program.commands.map((command) => command.name())
try {
  if (args.length === 0) throw new UsageError(`no command given: there are ${names.join(', ')}`)
  await program.parseAsync(args, { from: 'user' })
} catch (error) {
  const isDone = error instanceof CommanderError && error.exitCode === 0
  if (!isDone) {
    complainAbout(error, { command: names.find((name) => name === args[0]) })
    const isOrdinary = error instanceof InputError || isUsageError(error)
    if (process.env.BRAID_DEBUG && !isOrdinary) console.error(error)
    process.exitCode = ExitCode.Trouble
  }
}
