#!/usr/bin/env node
/** The `braid` command. */

import { readFileSync } from 'node:fs'
import { suggestion } from '../did-you-mean.js'
import { complainAbout, isUsageError } from './complaint.js'
import { ExitCode, InputError, ignoreClosedPipes, print, UsageError } from './console.js'
import { helpOf } from './help.js'
import { unknownOption } from './options.js'

type Command = (args: string[]) => Promise<ExitCode>

/** Loaded when they are used: help needs no native addon. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['execute', async () => (await import('./execute.js')).execute],
  ['inspect', async () => (await import('./inspect.js')).inspect],
  ['bench', async () => (await import('./bench.js')).bench],
  ['statetest', async () => (await import('./statetest.js')).stateTest],
  ['blocktest', async () => (await import('./blocktest.js')).blockTest],
  ['demo', async () => (await import('./demo.js')).demo],
])

async function main([name, ...rest]: readonly string[]): Promise<ExitCode> {
  if (name === '--version' || name === '-v') {
    print(packageVersion())
    return ExitCode.Success
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const about = rest.find((arg) => arg !== 'help' && !arg.startsWith('-'))
    if (about !== undefined) commandCalled(about)
    print(helpOf(about))
    return ExitCode.Success
  }
  if (name === undefined) throw new UsageError(`no command given: ${commandNames()}`)
  if (name.startsWith('-')) {
    throw new UsageError(`${unknownOption(name, ['version'])} (options follow their command)`)
  }
  const command = commandCalled(name)
  if (rest.includes('--help') || rest.includes('-h')) {
    print(helpOf(name))
    return ExitCode.Success
  }
  return (await command())(rest)
}

function commandCalled(name: string): () => Promise<Command> {
  const command = commands.get(name)
  if (command !== undefined) return command
  const meant = suggestion(name, [...commands.keys(), 'help'])
  throw new UsageError(`unknown command ${name}${meant || `: ${commandNames()}`}`)
}

function commandNames(): string {
  return `the commands are ${[...commands.keys()].join(', ')}`
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

ignoreClosedPipes()
const args = process.argv.slice(2)
try {
  process.exitCode = await main(args)
} catch (error) {
  complainAbout(error, { command: commands.has(args[0]) ? args[0] : undefined })
  const isOrdinary = error instanceof InputError || isUsageError(error)
  if (process.env.BRAID_DEBUG && !isOrdinary) console.error(error)
  process.exitCode = ExitCode.Trouble
}
