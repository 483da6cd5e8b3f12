/** What Stryker's reports come to: results by room, and docs/mutation.md out of them. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../steps.mjs'
import { rooms } from './rooms.mjs'

const resultsFolder = join(root, 'scripts', 'mutation', 'results')
const reasonsFile = join(root, 'scripts', 'mutation', 'reasons.json')
const documentFile = join(root, 'docs', 'mutation.md')
const begin = '<!-- results: written by `npm run test:mutation` -->'

/** The source text between two positions of a report, on one line. */
function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1)
  lines[0] = lines[0].slice(start.column - 1)
  return lines.join(' ').replace(/\s+/g, ' ').trim()
}

function short(text, size = 90) {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= size ? line : `${line.slice(0, size - 1)}…`
}

function* mutantsOf(report) {
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    for (const mutant of mutants) yield { file, source, mutant }
  }
}

function countsOf(report) {
  const counts = {}
  for (const { mutant } of mutantsOf(report)) {
    counts[mutant.status] = (counts[mutant.status] ?? 0) + 1
  }
  const { Killed = 0, Timeout = 0, Survived = 0, NoCoverage = 0, Ignored = 0 } = counts
  const { RuntimeError = 0, CompileError = 0, Pending = 0 } = counts
  const failed = RuntimeError + CompileError + Pending
  return {
    killed: Killed,
    timeout: Timeout,
    survived: Survived,
    unreached: NoCoverage,
    ignored: Ignored,
    failed,
  }
}

/** Killed ones of all that count, in percent. */
function scoreOf({ killed, timeout, survived, unreached }) {
  const detected = killed + timeout
  return (100 * detected) / (detected + survived + unreached)
}

/** One line about a report. */
export function summaryOf(report) {
  const counts = countsOf(report)
  const listed = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return `score ${scoreOf(counts).toFixed(1)} %: ${listed.join(', ')}`
}

/** Keeps what a report about a whole room says. */
export function record(room, report, { minutes, commit }) {
  const survivors = mutantsWith(report, ['Survived', 'NoCoverage']).map(({ status, ...mutant }) => {
    return { ...mutant, isReached: status === 'Survived' }
  })
  mkdirSync(resultsFolder, { recursive: true })
  const date = new Date().toISOString().slice(0, 10)
  const result = { date, commit, minutes, counts: countsOf(report), survivors }
  writeFileSync(join(resultsFolder, `${room}.json`), `${JSON.stringify(result, null, 2)}\n`)
}

/** The mutants that ended in one of the given ways, in order. */
function mutantsWith(report, statuses) {
  const found = []
  for (const { file, source, mutant } of mutantsOf(report)) {
    if (!statuses.includes(mutant.status)) continue
    const { line, column } = mutant.location.start
    found.push({
      file,
      line,
      column,
      mutator: mutant.mutatorName,
      code: short(source.split('\n')[line - 1]),
      original: short(textAt(source, mutant.location)),
      replacement: short(mutant.replacement ?? ''),
      status: mutant.status,
    })
  }
  return found.sort((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  )
}

/**
 * Takes the survivors off a room's record that a run over a part of it has killed since. Returns how
 * many those are.
 */
export function strike(room, report) {
  const file = join(resultsFolder, `${room}.json`)
  if (!existsSync(file)) return 0
  const result = JSON.parse(readFileSync(file, 'utf8'))
  const { counts } = result
  const alive = new Set(mutantsWith(report, ['Survived', 'NoCoverage']).map(placeOf))
  const killed = new Map(
    mutantsWith(report, ['Killed', 'Timeout']).map((mutant) => [placeOf(mutant), mutant.status]),
  )
  const survivors = result.survivors.filter((survivor) => {
    const place = placeOf(survivor)
    const status = killed.get(place)
    if (status === undefined || alive.has(place)) return true
    counts[survivor.isReached ? 'survived' : 'unreached']--
    counts[status === 'Timeout' ? 'timeout' : 'killed']++
    return false
  })
  writeFileSync(file, `${JSON.stringify({ ...result, survivors }, null, 2)}\n`)
  return result.survivors.length - survivors.length
}

/** What tells mutants apart whatever line they are on, but for those in lines that read the same. */
function placeOf(mutant) {
  return JSON.stringify([mutant.column, mutant.mutator, keyOf(mutant)])
}

/** What names a survivor whatever line it is on. */
function keyOf({ file, code, original, replacement }) {
  return `${file.replace(/^lib\//, '')}: ${code} | ${original} => ${replacement}`
}

/**
 * Why a survivor may live. reasons.json is a list of { reason, mutants } with the keys of mutants;
 * a key that ends with `*` stands for all that begin so.
 */
function reasonFinder() {
  const groups = existsSync(reasonsFile) ? JSON.parse(readFileSync(reasonsFile, 'utf8')) : []
  const exact = new Map()
  const prefixes = []
  for (const { reason, mutants } of groups) {
    for (const key of mutants) {
      if (key.endsWith('*')) prefixes.push([key.slice(0, -1), reason])
      else exact.set(key, reason)
    }
  }
  return (survivor) => {
    const key = keyOf(survivor)
    return exact.get(key) ?? prefixes.find(([prefix]) => key.startsWith(prefix))?.[1]
  }
}

/** Renews the part of docs/mutation.md below the mark. */
export function writeDocument() {
  const reasonOf = reasonFinder()
  const known = Object.keys(rooms).filter((room) => existsSync(join(resultsFolder, `${room}.json`)))
  const results = known.map((room) => [
    room,
    JSON.parse(readFileSync(join(resultsFolder, `${room}.json`), 'utf8')),
  ])
  const out = [
    begin,
    '',
    '## Scores',
    '',
    '| room | score | killed | timed out | survived | reached by no test | left out | failed | date, commit | minutes |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ]
  for (const [room, { date, commit, minutes, counts }] of results) {
    const { killed, timeout, survived, unreached, ignored, failed } = counts
    const score = `${scoreOf(counts).toFixed(1)} %`
    const cells = [room, score, killed, timeout, survived, unreached, ignored, failed]
    out.push(`| ${[...cells, `${date}, ${commit}`, minutes].join(' | ')} |`)
  }
  for (const [room, { survivors }] of results) {
    out.push('', `## Survivors: ${room}`, '')
    const byReason = new Map()
    for (const survivor of survivors) {
      const reason = reasonOf(survivor) ?? ''
      byReason.set(reason, [...(byReason.get(reason) ?? []), survivor])
    }
    for (const [reason, list] of [...byReason].sort(([a], [b]) => (a < b ? -1 : 1))) {
      out.push(reason === '' ? 'Not looked at yet:' : `${reason}`, '')
      for (const survivor of list) out.push(`- ${shown(survivor)}`)
      out.push('')
    }
    out.pop()
  }
  const text = readFileSync(documentFile, 'utf8')
  const head = text.slice(0, text.indexOf(begin))
  writeFileSync(documentFile, `${head}${out.join('\n')}\n`)
}

function shown({ file, line, mutator, original, replacement, isReached }) {
  // What looks like a link must not be one.
  const code = (text) => `\`\` ${text.replaceAll('](', '] (')} \`\``
  const change = `${code(original)} → ${replacement === '' ? 'nothing' : code(replacement)}`
  return `${file.replace(/^lib\//, '')}:${line} (${mutator}${isReached ? '' : ', reached by no test'}): ${change}`
}

/** The keys of survivors without a reason, to be sorted into reasons.json. */
export function unexplained() {
  const reasonOf = reasonFinder()
  return readdirSync(resultsFolder).flatMap((name) => {
    const { survivors } = JSON.parse(readFileSync(join(resultsFolder, name), 'utf8'))
    return survivors.filter((survivor) => reasonOf(survivor) === undefined).map(keyOf)
  })
}
