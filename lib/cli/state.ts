/** `braid state`: says what the state in a folder is. */

import { complainAbout } from './complaint.js'
import { ExitCode, print, printJson } from './console.js'
import { type DataFacts, isStoreError, readDataFacts } from './data-state.js'
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
  let facts: DataFacts
  try {
    facts = await readDataFacts(folder, check)
  } catch (error) {
    if (!isStoreError(error)) throw error
    complainAbout(error, { input: folder })
    return ExitCode.Trouble
  }
  return show(facts, { check, json })
}

function show(
  { computedRoot, problem, ...facts }: DataFacts,
  { check, json }: Required<StateOptions>,
): ExitCode {
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
