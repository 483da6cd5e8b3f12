/** Inputs of commands that stand for other clients' tools: files, or members of one JSON document on standard input. */

import type { Hex } from '../../hex/index.js'
import { InputError } from '../console.js'
import { readBytes, standardInput } from '../files.js'
import { bytesOf, objectOf } from './json-fields.js'
import { ToolError, ToolExitCode } from './tool-error.js'

/** What stands for standard input. */
const stdin = 'stdin'

/** The inputs of a command. Standard input is read once, when the first of them is there. */
export class ToolInputs {
  #document: Readonly<Record<string, unknown>> | undefined

  /** The value of an input in JSON; `members`: what it may be called on standard input. */
  json(path: string, ...members: readonly string[]): unknown {
    if (path !== stdin) return parsed(textOf(path), path)
    this.#document ??= objectOf(parsed(textOf(standardInput), stdin), stdin)
    const found = members.find((member) => this.#document?.[member] !== undefined)
    return found === undefined ? undefined : this.#document[found]
  }

  /** The bytes of an input that is hex, quoted or not. */
  hex(path: string, ...members: readonly string[]): Hex {
    if (path === stdin) return bytesOf(this.json(path, ...members), members[0])
    const text = textOf(path).trim()
    return bytesOf(text.startsWith('"') ? parsed(text, path) : text, path)
  }
}

function textOf(path: string): string {
  try {
    return readBytes(path).toString('utf8')
  } catch (error) {
    if (error instanceof InputError) throw new ToolError(ToolExitCode.Io, error.message)
    throw error
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ToolError(ToolExitCode.Json, `${path} is not JSON: ${(error as Error).message}`)
  }
}
