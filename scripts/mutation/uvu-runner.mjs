/**
 * Runs uvu tests for Stryker, one test at a time and in this very process: a mutant costs what the
 * tests that reach it cost, and the first that fails ends its run. Stryker restarts the process where a
 * mutant never ends, and for every mutant that is already at work while modules are loaded.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { register } from 'node:module'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  determineHitLimitReached,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import { suites } from './uvu.mjs'

register('./uvu-hooks.mjs', import.meta.url)

/** What the instrumented code looks at. */
globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {}
const instrumented = globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE]

/** What an error says, with its stack where it has one. */
function textOf(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Where the dry run leaves how long each test takes, in the sandbox, for the other processes. */
const durationsFile = 'build/test-durations.json'

/** A test that waits this long, and this many times its usual time, waits for what never comes. */
const hangMs = 5000
const hangFactor = 5

class UvuRunner {
  static inject = tokens(commonTokens.options)

  /** The compiled test files. */
  #files
  /** What the ids of tests that stay out look like. */
  #leftOut
  /** By file: its tests, in order. */
  #loaded = new Map()
  /** By mutated file: the tests that killed there, the latest first. */
  #killers = new Map()
  /** By id of the test, in ms. */
  #durations

  /** Whether a test still waits for what never comes, and may act up at any time. */
  #hangs = false

  /** Whether no mutant is at work while modules are loaded. */
  #ignoresStatic

  constructor(options) {
    this.#files = options.uvu.files
    this.#ignoresStatic = options.ignoreStatic
    this.#leftOut = options.uvu.leftOut.map((pattern) => new RegExp(pattern))
  }

  /**
   * Whether mutants that are reached while modules are loaded, too, need no process of their own: they
   * are switched on once everything is loaded, unless static ones are asked for.
   */
  capabilities() {
    return { reloadEnvironment: this.#ignoresStatic }
  }

  /** Runs everything once, and notes which test reaches which mutant. */
  async dryRun() {
    for (const file of this.#files) await this.#load(file)
    const tests = []
    for (const test of this.#testsOf(this.#files)) tests.push(await this.#run(test))
    const durations = tests.map(({ id, timeSpentMs }) => [id, timeSpentMs])
    writeFileSync(durationsFile, JSON.stringify(durations))
    return {
      status: DryRunStatus.Complete,
      tests,
      mutantCoverage: instrumented.mutantCoverage,
    }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, sandboxFileName }) {
    // Stryker tries again in a process of its own.
    if (this.#hangs) throw new Error('a test hangs')
    const isStatic = mutantActivation === 'static'
    instrumented.activeMutant = isStatic ? activeMutant.id : undefined
    instrumented.hitCount = hitLimit === undefined ? undefined : 0
    instrumented.hitLimit = hitLimit
    const wanted = testFilter && new Set(testFilter)
    const files = wanted ? this.#files.filter((file) => hasTestOf(wanted, file)) : this.#files
    for (const file of files) {
      const failure = await this.#loadMutated(file)
      if (failure === undefined) continue
      // A mutant that is not at work yet is not to blame.
      if (!isStatic) throw new Error(failure.failureMessage)
      return complete([failure])
    }
    instrumented.activeMutant = activeMutant.id
    const results = []
    const tests = this.#inOrder(files, wanted, sandboxFileName)
    if (tests.length < (wanted?.size ?? 1)) throw new Error('tests of the dry run are gone')
    for (const test of tests) {
      const result = await this.#runLimited(test)
      if (result === undefined) {
        this.#hangs = true
        return { status: MutantRunStatus.Timeout, reason: `'${test.id}' hangs` }
      }
      results.push(result)
      const tooMany = determineHitLimitReached(instrumented.hitCount, hitLimit)
      if (tooMany) return toMutantRunResult(tooMany)
      if (result.status !== TestStatus.Failed) continue
      if (!isStatic) await this.#checkInnocence(test)
      this.#killers.set(sandboxFileName, [
        test.id,
        ...this.#killersOf(sandboxFileName).filter((id) => id !== test.id),
      ])
      break
    }
    return complete(results)
  }

  async dispose() {
    // What hangs has no end to be looked at.
    if (this.#hangs) return
    for (const tests of this.#loaded.values()) {
      for (const run of new Set(tests.flatMap(({ suite }) => suite.after))) await run()
    }
  }

  /** The wanted tests: those first that killed other mutants of the file, then the fastest. */
  #inOrder(files, wanted, mutated) {
    this.#durations ??= new Map(JSON.parse(readFileSync(durationsFile, 'utf8')))
    const killers = this.#killersOf(mutated)
    const rank = ({ id }) => {
      const at = killers.indexOf(id)
      return at < 0 ? (this.#durations.get(id) ?? 0) : at - killers.length
    }
    return this.#testsOf(files)
      .filter(({ id }) => wanted === undefined || wanted.has(id))
      .sort((a, b) => rank(a) - rank(b))
  }

  #killersOf(mutated) {
    return this.#killers.get(mutated) ?? []
  }

  /** A kill counts where the same test passes without the mutant; else something was left broken. */
  async #checkInnocence(test) {
    instrumented.activeMutant = undefined
    instrumented.hitCount = undefined
    const { status, failureMessage } = await this.#run(test)
    if (status === TestStatus.Failed) {
      throw new Error(`'${test.id}' fails without a mutant as well: ${failureMessage}`)
    }
  }

  /** Loads a file; where a mutant makes that fail, the result of a test that failed. */
  async #loadMutated(file) {
    try {
      await this.#load(file)
      return undefined
    } catch (error) {
      const name = `${idPrefix(file)}loads`
      const failureMessage = textOf(error)
      return { id: name, name, status: TestStatus.Failed, timeSpentMs: 0, failureMessage }
    }
  }

  async #load(file) {
    if (this.#loaded.has(file)) return
    const first = suites.length
    await import(pathToFileURL(resolve(file)).href)
    const names = new Map()
    const tests = suites.slice(first).flatMap((suite) =>
      suite.tests.map(({ title, run }) => {
        const name = `${idPrefix(file)}${suite.name} › ${title}`
        const count = (names.get(name) ?? 0) + 1
        names.set(name, count)
        return { id: count === 1 ? name : `${name} (${count})`, file, suite, run }
      }),
    )
    for (const { before } of suites.slice(first)) {
      for (const run of before) await run()
    }
    this.#loaded.set(
      file,
      tests.filter(({ id }) => !this.#leftOut.some((pattern) => pattern.test(id))),
    )
  }

  #testsOf(files) {
    return files.flatMap((file) => this.#loaded.get(file))
  }

  /** Runs a test; undefined where it takes so much longer than in the dry run that it waits in vain. */
  async #runLimited(test) {
    const limit = hangMs + hangFactor * (this.#durations.get(test.id) ?? 0)
    let timer
    const expired = new Promise((resolve) => {
      timer = setTimeout(resolve, limit)
    })
    const result = await Promise.race([this.#run(test), expired])
    clearTimeout(timer)
    return result
  }

  async #run({ id, file, suite, run }) {
    instrumented.currentTestId = id
    const start = performance.now()
    let failure
    try {
      for (const hook of suite.beforeEach) await hook()
      await run()
    } catch (error) {
      failure = { error }
    }
    for (const hook of suite.afterEach) await hook()
    instrumented.currentTestId = undefined
    const timeSpentMs = performance.now() - start
    const result = { id, name: id, fileName: sourceOf(file), timeSpentMs }
    if (failure === undefined) return { ...result, status: TestStatus.Success }
    return { ...result, status: TestStatus.Failed, failureMessage: textOf(failure.error) }
  }
}

function complete(tests) {
  return toMutantRunResult({ status: DryRunStatus.Complete, tests })
}

/** The source of a compiled test file. */
function sourceOf(file) {
  return resolve('test', `${basename(file, '.js')}.ts`)
}

function idPrefix(file) {
  return `${basename(file, '.test.js')}: `
}

function hasTestOf(ids, file) {
  const prefix = idPrefix(file)
  for (const id of ids) if (id.startsWith(prefix)) return true
  return false
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'uvu', UvuRunner)]

export const strykerValidationSchema = {
  properties: {
    uvu: {
      type: 'object',
      properties: {
        files: { type: 'array', items: { type: 'string' } },
        leftOut: { type: 'array', items: { type: 'string' } },
      },
      required: ['files', 'leftOut'],
      additionalProperties: false,
    },
  },
}
