/**
 * The public surface of the package, out of the built declarations: what package.json exports, without
 * what is private or `@internal`. Writes docs/api-report.md. With --check: fails where that page is not
 * current.
 *
 * Always fails where something public has no doc comment, or names a type that is not exported.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { SyntaxKind } from 'typescript/unstable/ast'
import { API, SymbolFlags } from 'typescript/unstable/sync'
import { die, root, say } from './steps.mjs'

const page = join(root, 'docs/api-report.md')
const dist = join(root, 'dist')

/** Entry points by the name they are imported by. */
const entries = Object.entries(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports)
  .map(([path, target]) => [join('braid-evm', path), declarationsOf(target)])
  .filter(([, file]) => file !== undefined)

/** The declarations file of an entry of `exports`, whichever conditions it stands under. */
function declarationsOf(target) {
  if (typeof target === 'string') return undefined
  if (typeof target.types === 'string') return join(root, target.types)
  return Object.values(target).map(declarationsOf).find(Boolean)
}

/** Opens the entry points as a project that needs no file of its own. */
function openProject() {
  const config = join(root, 'api-report.tsconfig.json')
  const text = JSON.stringify({
    compilerOptions: { module: 'nodenext', target: 'es2023', strict: true, types: ['node'] },
    files: entries.map(([, file]) => file),
  })
  const fs = {
    fileExists: (name) => (name === config ? true : undefined),
    readFile: (name) => (name === config ? text : undefined),
  }
  const api = new API({ cwd: root, fs })
  const [project] = api.updateSnapshot({ openProjects: [config] }).getProjects()
  return { api, project }
}

const { api, project } = openProject()
const { checker, program } = project

/** The symbol that a name stands for, behind all exports and imports. */
function resolved(symbol) {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

const exported = new Map()
for (const [name, file] of entries) {
  const source = program.getSourceFile(file)
  if (source === undefined) die(`${relative(root, file)} is missing: npm run build:ts`)
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source))
  exported.set(
    name,
    symbols.map((symbol) => ({ name: symbol.name, symbol: resolved(symbol) })),
  )
}
const isExported = new Set([...exported.values()].flat().map(({ symbol }) => symbol.id))

const faults = new Set()

/** The doc comments in front of a node, as one text. */
function comments(node) {
  const text = node.getSourceFile().text.slice(node.pos, node.getStart())
  return (text.match(/\/\*\*[\s\S]*?\*\//g) ?? []).join('\n')
}

/** Whether users see a member of a class or an interface. */
function isPublic(member) {
  if (member.name?.kind === SyntaxKind.PrivateIdentifier) return false
  if (/@internal\b/.test(comments(member))) return false
  const isPrivate = member.modifiers?.some(({ kind }) => kind === SyntaxKind.PrivateKeyword)
  return !isPrivate || member.kind === SyntaxKind.Constructor
}

const memberKinds = [
  SyntaxKind.PropertySignature,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodSignature,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]

/** What is given to these and comes from them is described with them. */
const functionKinds = [
  SyntaxKind.FunctionType,
  SyntaxKind.Parameter,
  SyntaxKind.MethodSignature,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
]

/** Where a declaration is, for people. */
function placeOf(node, name) {
  return `${relative(dist, node.getSourceFile().fileName)}: ${name}`
}

/** Finds members without comments and types that are not exported, below a public declaration. */
function inspect(node, name, isDocumented) {
  node.forEachChild((child) => {
    const isMember = memberKinds.includes(child.kind)
    if ((isMember || child.kind === SyntaxKind.Constructor) && !isPublic(child)) return
    const path = isMember ? `${name}.${child.name.getText()}` : name
    if (isMember && !isDocumented && comments(child) === '') {
      faults.add(`${placeOf(child, path)} has no doc comment`)
    }
    if (child.kind === SyntaxKind.Identifier) checkReference(child, name)
    const isShape = functionKinds.includes(child.kind)
    inspect(child, path, isDocumented || isShape)
  })
}

/** Names that were looked up, by file: there a name stands for one thing. */
const seen = new Set()

/** A name in a declaration stands for something that users can name as well, or that is not ours. */
function checkReference(identifier, name) {
  const key = `${identifier.getSourceFile().fileName} ${identifier.text}`
  if (seen.has(key)) return
  seen.add(key)
  const found = checker.getSymbolAtLocation(identifier)
  if (found === undefined) return
  const symbol = resolved(found)
  const isDeclared = SymbolFlags.Class | SymbolFlags.Interface | SymbolFlags.TypeAlias
  if (!(symbol.flags & (isDeclared | SymbolFlags.Variable | SymbolFlags.Function))) return
  const [declaration] = symbol.declarations
  const isTopLevel = declaration?.resolve(project)?.parent?.kind
  const own = declaration !== undefined && String(declaration.path).startsWith(dist)
  const topLevel = [SyntaxKind.SourceFile, SyntaxKind.VariableDeclarationList]
  if (own && topLevel.includes(isTopLevel) && !isExported.has(symbol.id)) {
    faults.add(`${placeOf(identifier, name)} names ${symbol.name}, which is not exported`)
  }
}

/** Source text on its own: without comments and blank lines. */
function bare(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n')
}

/** A declaration as users see it. */
function print(declaration) {
  const node =
    declaration.kind === SyntaxKind.VariableDeclaration ? declaration.parent.parent : declaration
  const { text } = node.getSourceFile()
  const isBody = [SyntaxKind.ClassDeclaration, SyntaxKind.InterfaceDeclaration]
  if (!isBody.includes(node.kind)) return bare(text.slice(node.getStart(), node.end))
  const head = text.slice(node.getStart(), node.members.pos)
  const members = node.members.filter(isPublic).map((member) => `    ${bare(member.getText())}`)
  return [bare(head), ...members, '}'].join('\n')
}

/** The lines of the report about an entry point. */
function reportOf(name, symbols) {
  const sorted = symbols.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const parts = sorted.flatMap(({ name: exportName, symbol }) => {
    const declarations = symbol.declarations.map((handle) => handle.resolve(project))
    const carriers = declarations.map((node) =>
      node.kind === SyntaxKind.VariableDeclaration ? node.parent.parent : node,
    )
    if (!carriers.some((node) => comments(node) !== '')) {
      faults.add(`${placeOf(declarations[0], exportName)} has no doc comment`)
    }
    for (const node of declarations) inspect(node, exportName, false)
    return declarations.map(print)
  })
  return [`## ${name}`, '', '```ts', parts.join('\n\n'), '```', '']
}

const lines = [
  '<!-- Made by scripts/api-report.mjs: `npm run generate:api`. -->',
  '',
  '# Public API',
  '',
  'Everything that the package exports, as declarations without comments. This page is there so that a change of the',
  'public surface is seen in review; for reading, the declarations with their comments come with the package.',
  '',
  ...[...exported].flatMap(([name, symbols]) => reportOf(name, symbols)),
]
api.close()
const text = lines.join('\n')

for (const fault of faults) process.stderr.write(`${fault}\n`)
if (faults.size > 0) process.exitCode = 1
if (!process.argv.includes('--check')) {
  writeFileSync(page, text)
  say(`wrote ${relative(root, page)}`)
} else if (readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/api-report.md is not current: npm run generate:api\n')
  process.exitCode = 1
}
