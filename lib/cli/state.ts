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
  const { computedRoot, problem, ...facts } = await readDataFacts(folder, check)
  const hasRoot = computedRoot === undefined || computedRoot === facts.stateRoot
  const isRight = hasRoot && problem === undefined
  if (json) {
    const found = check ? { computedRoot, problem } : {}
    printJson({ ...facts, ...found })
  } else {
    print(`head       ${facts.number} ${facts.hash}`)
    print(`state root ${facts.stateRoot}`)
    print(`accounts   ${facts.accounts}`)
    print(`slots      ${facts.slots}`)
    print(`on disk    ${(facts.size / 1e6).toFixed(1)} MB`)
    if (computedRoot !== undefined) {
      print(hasRoot ? toned('pass', 'the root is right') : toned('fail', `but is ${computedRoot}`))
    }
    if (problem !== undefined) print(toned('fail', problem))
  }
  return isRight ? ExitCode.Success : ExitCode.Difference
}
