/**
 * Makes lib/biome.json, the rules for imports between the rooms of lib/, from the table of rooms in
 * ARCHITECTURE.md. With --check: fails where the file is not current. Fails too where the table allows a
 * room what it does not use.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { die, root, say } from './steps.mjs'

const everything = 'every room'

/** The rows of lib/: the room's path below it, and the cell that says what it may know. */
function readRows(text) {
  return [...text.matchAll(/^\| (`lib\/[^|]*) \|[^|]*\|([^|]*)\|$/gm)].flatMap(([, names, cell]) =>
    [...names.matchAll(/`lib\/([^`]+)`/g)].map(([, path]) => ({ path, cell: cell.trim() })),
  )
}

/** What each room may know: paths below lib/, the floor apart from what is named; or everything. */
function readRooms(text) {
  const rows = readRows(text)
  const isAbove = rows.findIndex(({ cell }) => /\bfloor\b/.test(cell))
  const floor = rows.slice(0, isAbove).map(({ path }) => path)
  const rooms = new Map()
  for (const { path, cell } of rows) {
    const names = cell === '' || cell === everything ? [] : cell.split(', ')
    const named = names
      .filter((name) => name !== 'floor')
      .map((name) => {
        const row = [name, `${name}.ts`].find((each) => rooms.has(each))
        if (row === undefined) die(`no row above lib/${path} is about ${name}`)
        return row
      })
    const known = [...(names.includes('floor') ? floor : []), ...named]
    rooms.set(path, { named, known: cell === everything ? undefined : known })
  }
  return rooms
}

/** The TypeScript of lib/, relative to it. */
function readFiles() {
  return readdirSync(join(root, 'lib'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replaceAll(sep, '/'))
    .sort()
}

/** The room that a file belongs to. */
function roomOf(file, rooms) {
  const fitting = [...rooms.keys()].filter((room) => `${file}/`.startsWith(`${room}/`))
  if (fitting.length === 0) die(`lib/${file} is in no room of ARCHITECTURE.md`)
  return fitting.sort((a, b) => b.length - a.length)[0]
}

/** Throws where a room may know another that none of its files imports. */
function checkUse(files, rooms) {
  const uses = new Set(
    files.flatMap((file) => {
      const text = readFileSync(join(root, 'lib', file), 'utf8')
      return [...text.matchAll(/\bfrom '(\.[^']+)\.js'/g)].map(([, path]) => {
        const target = `${posix.join(posix.dirname(file), path)}.ts`
        return `${roomOf(file, rooms)} ${roomOf(target, rooms)}`
      })
    }),
  )
  for (const [room, { named }] of rooms) {
    const idle = named.find((name) => !uses.has(`${room} ${name}`))
    if (idle !== undefined) die(`lib/${room} may know lib/${idle}, and does not`)
  }
}

/**
 * The rule for a file right in lib/, or for those of a folder. Biome compares imports as they are
 * written: what lies outside of a room begins with a `../` for each folder up to the room's.
 */
function ruleFor(includes, room, known) {
  const depth = includes.split('/').length - 1
  const toLib = depth === 0 ? './' : '../'.repeat(depth)
  const outside = depth === 0 ? './' : '../'.repeat(depth - room.split('/').length + 1)
  const allowed = known.map((path) =>
    path.endsWith('.ts') ? `!${toLib}${path.slice(0, -3)}.js` : `!${toLib}${path}/**`,
  )
  const message = `lib/${room} may not know this: see the rooms in ARCHITECTURE.md.`
  const patterns = [
    { group: [`${outside}**`, ...allowed], message },
    // Down into a folder and up again.
    { group: ['./*/**/../**', `${toLib}*/**/../**`], message },
  ]
  const noRestrictedImports = { level: 'error', options: { patterns } }
  return { includes: [includes], linter: { rules: { style: { noRestrictedImports } } } }
}

const rooms = readRooms(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))
const files = readFiles()
checkUse(files, rooms)
const places = new Map(
  files.map((file) => {
    const folder = posix.dirname(file)
    return [folder === '.' ? file : `${folder}/*.ts`, roomOf(file, rooms)]
  }),
)
const overrides = [...places].flatMap(([includes, room]) => {
  const { known } = rooms.get(room)
  return known === undefined ? [] : [ruleFor(includes, room, known)]
})
const lines = [...overrides, { includes: ['biome.json'], formatter: { enabled: false } }]
const list = lines.map((line) => `    ${JSON.stringify(line)}`).join(',\n')
const text = `{\n  "root": false,\n  "extends": "//",\n  "overrides": [\n${list}\n  ]\n}\n`

const path = 'lib/biome.json'
if (!process.argv.includes('--check')) {
  writeFileSync(join(root, path), text)
  say(`wrote ${path}`)
} else if (readFileSync(join(root, path), 'utf8') !== text) {
  process.stderr.write(`${path} is not current: run npm run generate:rooms\n`)
  process.exitCode = 1
}
