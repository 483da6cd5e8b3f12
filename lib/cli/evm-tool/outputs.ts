/** Outputs of commands that stand for other clients' tools: files in a folder, or members of documents on the outputs. */

import { join } from 'node:path'
import { InputError, writtenOn } from '../console.js'
import { makeFolder, writeBytes } from '../files.js'
import { ToolError, ToolExitCode } from './tool-error.js'

/** The outputs of a command. */
export class ToolOutputs {
  readonly #folder: string
  readonly #documents = { stdout: new Map<string, unknown>(), stderr: new Map<string, unknown>() }

  /** @param folder where files go; it is made where there is none */
  constructor(folder: string) {
    this.#folder = folder
    if (folder !== '') attempt(() => makeFolder(folder))
  }

  /** Writes a value to a file, or keeps it for one of the outputs; nowhere where no place is named. */
  put(place: string, name: string, value: unknown): void {
    if (place === 'stdout' || place === 'stderr') this.#documents[place].set(name, value)
    else if (place !== '') this.file(place, JSON.stringify(value, undefined, 1))
  }

  /** Writes a file. */
  file(name: string, content: string | Uint8Array): void {
    attempt(() => writeBytes(join(this.#folder, name), content))
  }

  /** Writes what is kept for the outputs, members by name. */
  async finish(): Promise<void> {
    for (const name of ['stdout', 'stderr'] as const) {
      const members = [...this.#documents[name]].sort(([a], [b]) => (a < b ? -1 : 1))
      if (members.length === 0) continue
      const text = JSON.stringify(Object.fromEntries(members), undefined, 2)
      await writtenOn(process[name], `${text}\n`)
    }
  }
}

function attempt(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (error instanceof InputError) throw new ToolError(ToolExitCode.Io, error.message)
    throw error
  }
}
