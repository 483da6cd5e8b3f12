/** `braid state`: says what the state in a folder is. */

import { ExitCode, print, printJson } from './console.js'
import { readDataFacts } from './data-state.js'
import { toned } from './terminal.js'

/** The options of the command. */
interface StateOptions {
  readonly check?: boolean
  readonly json?: boolean
}

/** Runs the command on a folder. */
export async function showState(
  folder: string,
  { check = false, json = false }: StateOptions,
): Promise<ExitCode> {
  const { computedRoot, ...facts } = await readDataFacts(folder, check)
  const isRight = computedRoot === undefined || computedRoot === facts.stateRoot
  if (json) {
    printJson({ ...facts, ...(computedRoot === undefined ? {} : { computedRoot }) })
  } else {
    print(`head       ${facts.number} ${facts.hash}`)
    print(`state root ${facts.stateRoot}`)
    print(`accounts   ${facts.accounts}`)
    print(`slots      ${facts.slots}`)
    print(`on disk    ${(facts.size / 1e6).toFixed(1)} MB`)
    if (computedRoot !== undefined) {
      print(isRight ? toned('pass', 'the root is right') : toned('fail', `but is ${computedRoot}`))
    }
  }
  return isRight ? ExitCode.Success : ExitCode.Difference
}
