/** How the commands read their options: wrong ones are told with what was most likely meant. */

import { type ParseArgsConfig, parseArgs } from 'node:util'
import { didYouMean, suggestion } from '../did-you-mean.js'
import type { PolicyName } from '../schedule/policy.js'
import { UsageError } from './console.js'

/** `parseArgs`, which says of an unknown option which known one is like it. */
export function parseOptions<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const given = /^Unknown option '(-[^']*)'/.exec(message)?.[1]
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || given === undefined) throw error
    throw new UsageError(unknownOption(given, Object.keys(config.options ?? {})))
  }
}

/** What is said of an option that is not among the known ones, which have no dashes here. */
export function unknownOption(given: string, known: readonly string[]): string {
  const name = didYouMean(given.replace(/^-+/, ''), [...known, 'help'])
  return `unknown option ${given}${name === undefined ? '' : `, did you mean '--${name}'?`}`
}

/** The whole number that an option says, in decimal digits. */
export function wholeNumber(
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  const range =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw new UsageError(`--${option} takes a whole number ${range}, not ${shown(text)}`)
}

/** The share that an option says: a decimal number from 0 to 1. */
export function share(option: string, text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 1) return value
  throw new UsageError(`--${option} takes a number from 0 to 1, not ${shown(text)}`)
}

/** The number of threads that `--threads` says; 0: one per core. */
export function threadCount(text: string, least = 0): number {
  return wholeNumber('threads', text, least, 1024)
}

const policyNames: readonly PolicyName[] = ['sequential', 'optimistic', 'adaptive', 'ahead']

/** The policy that `--policy` names. */
export function policyName(text: string): PolicyName {
  return choice('policy', text, policyNames)
}

/** One of the names that an option can be. */
export function choice<Name extends string>(
  option: string,
  text: string,
  names: readonly Name[],
): Name {
  const name = names.find((candidate) => candidate === text)
  if (name !== undefined) return name
  const meant = suggestion(text, names) || `: it takes ${names.join(', ')}`
  throw new UsageError(`--${option} knows no ${shown(text)}${meant}`)
}

function shown(text: string): string {
  return text === '' ? 'an empty text' : text
}
