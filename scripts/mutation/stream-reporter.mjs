/**
 * Writes every mutant's outcome to build/mutation/ROOM.jsonl as it comes, so that a run of hours can be
 * looked at before its end.
 */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'

class StreamReporter {
  static inject = []
  #file = `build/mutation/${process.env.BRAID_MUTATION_ROOM}.jsonl`

  constructor() {
    mkdirSync('build/mutation', { recursive: true })
    rmSync(this.#file, { force: true })
  }

  onMutantTested({ fileName, location, mutatorName, replacement, status, killedBy }) {
    const line = {
      status,
      at: `${fileName}:${location.start.line}`,
      mutatorName,
      replacement,
      killedBy,
    }
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'stream', StreamReporter)]
