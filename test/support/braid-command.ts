/** The `braid` command as a user runs it. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from '../fixtures.js'

const command = join(root, 'dist/cli/braid.js')

/** Variables that say how to print, and what a test gives instead of them. */
const neutral = {
  BRAID_EVMONE: '',
  // Node colours no terminal of a CI job.
  CI: undefined,
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
  TERM: 'xterm',
}

/** How a command ended, and what it printed. */
export interface CommandOutput {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a command is given beside its arguments. */
export interface CommandInput {
  /** What comes on standard input. Default: nothing. */
  readonly input?: string | Uint8Array
  /** The user that it runs as. Default: the same. */
  readonly uid?: number
}

/** Runs the command with its output in pipes. */
export function braid(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  given: CommandInput = {},
): CommandOutput {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...neutral, ...env },
    maxBuffer: 256 << 20,
    ...given,
  })
  return { status, stdout, stderr }
}

/** Whether {@link braidOnTerminal} works here: it needs the `script` of util-linux. */
export const hasTerminal = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
)

/** What a terminal is like, and what of the output goes elsewhere. */
export interface TerminalOptions {
  readonly columns?: number
  readonly env?: NodeJS.ProcessEnv
  /** Redirections of the shell: `>FILE`, `2>FILE`. */
  readonly redirect?: string
}

/** Runs the command on a pseudo-terminal; gives everything that the terminal is sent. */
export function braidOnTerminal(
  args: readonly string[],
  { columns = 80, env = {}, redirect = '' }: TerminalOptions = {},
): { readonly status: number | null; readonly output: string } {
  const words = [process.execPath, command, ...args].map((word) => `'${word}'`).join(' ')
  const line = `stty cols ${columns} rows 24; exec ${words} ${redirect}`
  const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, ...neutral, ...env },
    timeout: 120_000,
  })
  return { status, output: stdout }
}

/** The lines that a terminal shows in the end, without colours. */
export function screenOf(output: string): string[] {
  const lines: string[] = []
  for (const written of output.split('\n')) {
    let line = ''
    // Each stretch is written over what is there, from the first column on.
    for (const stretch of written.replaceAll('\x1b[1G', '\r').split('\r')) {
      const isErased = stretch.includes('\x1b[2K') || stretch.includes('\x1b[0K')
      const text = stripVTControlCharacters(stretch)
      line = isErased ? text : text + line.slice(text.length)
    }
    lines.push(line)
  }
  return lines
}
