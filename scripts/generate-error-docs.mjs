/**
 * Makes docs/errors.md from lib/error-codes.ts, error-details.ts and errors.ts. With --check: fails where the page is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './steps.mjs'

const source = ['error-codes', 'error-details', 'errors']
  .map((name) => readFileSync(join(root, `lib/${name}.ts`), 'utf8'))
  .join('\n')
const page = join(root, 'docs/errors.md')

/** The part of the source from a line to the next one that ends its block. */
function block(start) {
  const from = source.indexOf(start)
  if (from < 0) throw new Error(`no source has '${start}'`)
  return source.slice(from, source.indexOf('\n}', from))
}

/** The text of a doc comment on one line, without its marks. */
function textOf(comment) {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*)?\s?/, ''))
  const text = lines.join(' ').replace(/\*\/\s*$/, '')
  return text
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Codes with their messages and explanations, in the order of the source. */
function readCodes() {
  const entry = /\/\*\*((?:(?!\*\/).)*)\*\/\s*([A-Z_]+): '([^']*)'/gs
  const codes = [...block('export const errorMeanings').matchAll(entry)].map(
    ([, comment, code, message]) => ({ code, message, explanation: textOf(comment) }),
  )
  const names = [...block('export const errorMeanings').matchAll(/^ {2}([A-Z_]+):/gm)]
  if (codes.length !== names.length) throw new Error('a code has no comment')
  return codes
}

/** Classes by the first word of their codes. */
function readFamilies() {
  const table = source.slice(source.indexOf('const classes:'))
  const entries = table.slice(table.indexOf('= {'), table.indexOf('\n}'))
  return new Map(
    [...entries.matchAll(/^ {2}([A-Z]+): (\w+),/gm)].map(([, family, name]) => [family, name]),
  )
}

/** What the comment in front of a class says. */
function classComment(name) {
  const [, comment] =
    source.match(new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\nexport class ${name} `, 's')) ?? []
  if (comment === undefined) throw new Error(`class ${name} has no comment`)
  return textOf(comment)
}

/** Members of an interface with their comments. */
function readMembers(name) {
  const member = /\/\*\*((?:(?!\*\/).)*)\*\/\s*readonly (\w+)\?: ([^\n]+)/gs
  return [...block(`export interface ${name}`).matchAll(member)].map(
    ([, comment, field, type]) => ({
      field,
      type,
      explanation: textOf(comment),
    }),
  )
}

/** A row of a table; bars in a cell would end it. */
function row(...cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const codes = readCodes()
const families = readFamilies()
const classOf = ({ code }) => families.get(code.split('_', 1)[0]) ?? 'BraidError'
const classes = [...new Set(codes.map(classOf))].sort((a, b) => {
  const order = ['BraidError', ...families.values()]
  return order.indexOf(a) - order.indexOf(b)
})

const lines = [
  '<!-- Made from lib/error-codes.ts, error-details.ts and errors.ts by scripts/generate-error-docs.mjs: edit that, then run `npm run generate:errors`. -->',
  '',
  '# Errors',
  '',
  'Every failure that this package reports is a `BraidError`:',
  '',
  '| member | |',
  '|---|---|',
  row('`code`', 'what went wrong; a published code keeps its name and its meaning'),
  row('`message`', 'the same for people, with the place; it may change'),
  row('`details`', 'where it went wrong, and what was there'),
  row('`cause`', 'the error that led to this one, where there is one'),
  row('`name`', 'the name of the class'),
  '',
  '`JSON.stringify` writes `name`, `code`, `message` and `details`, numbers that are bigint as hex.',
  '',
  '```ts',
  "import { Engine, isBraidError } from 'braid-evm'",
  '',
  'try {',
  '  await engine.executeBlock(block, { state })',
  '} catch (error) {',
  "  if (!isBraidError(error, 'BLOCK_FIELD_MISMATCH')) throw error",
  '  const { field, expected, actual } = error.details',
  "  console.error(field, 'the header says', expected, 'executing gives', actual)",
  '}',
  '```',
  '',
  'Classes follow from the first word of the code. Two copies of the package in one process have two classes of each name:',
  '`instanceof` knows those of its own copy, `isBraidError` the errors of all.',
  '',
  'Errors that are not of these classes are mistakes in the calling code (a `RangeError` for an index that does not exist),',
  'or were thrown by code of yours that the package called and had no reason to wrap.',
  '',
  '## Details',
  '',
  'All members are optional; which of them are set depends on the code. `isBraidError(error, code)` tells TypeScript, too:',
  'members that a code always has are not optional behind it.',
  '',
  '| member | type | |',
  '|---|---|---|',
  ...readMembers('ErrorDetails').map(({ field, type, explanation }) =>
    row(`\`${field}\``, `\`${type}\``, explanation),
  ),
]
for (const name of classes) {
  lines.push('', `## ${name}`, '', classComment(name), '', '| code | message | |', '|---|---|---|')
  for (const entry of codes.filter((each) => classOf(each) === name)) {
    lines.push(row(`\`${entry.code}\``, entry.message, entry.explanation))
  }
}
const text = `${lines.join('\n')}\n`

if (!process.argv.includes('--check')) {
  writeFileSync(page, text)
} else if (readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/errors.md is not current: npm run generate:errors\n')
  process.exitCode = 1
}
