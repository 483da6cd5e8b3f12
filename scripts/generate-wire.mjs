/**
 * Makes both sides of the packed boundary from lib/native/wire.schema.json:
 * lib/native/wire.ts and native/wire/layout.hpp. With --check it only says whether they are current.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from './steps.mjs'

const schema = JSON.parse(readFileSync(join(root, 'lib/native/wire.schema.json'), 'utf8'))

/** Size and alignment of every field type, and its C++ declaration. */
const types = {
  u8: { size: 1, align: 1, declare: (name) => `uint8_t ${name}` },
  u16: { size: 2, align: 2, declare: (name) => `uint16_t ${name}` },
  u32: { size: 4, align: 4, declare: (name) => `uint32_t ${name}` },
  i32: { size: 4, align: 4, declare: (name) => `int32_t ${name}` },
  u64: { size: 8, align: 8, declare: (name) => `uint64_t ${name}` },
  bytes20: { size: 20, align: 1, declare: (name) => `Address ${name}` },
  bytes32: { size: 32, align: 1, declare: (name) => `Bytes32 ${name}` },
  bytes256: { size: 256, align: 1, declare: (name) => `uint8_t ${name}[256]` },
  section: { size: 8, align: 4, declare: (name) => `Section ${name}` },
}

/** Where a field of the given alignment may start at or after `offset`. */
const alignUp = (offset, align) => Math.ceil(offset / align) * align

/** camelCase, PascalCase or UPPER_CASE to snake_case. */
function snake(name) {
  return /^[A-Z0-9_]+$/.test(name)
    ? name.toLowerCase()
    : name.replace(/[A-Z]/g, (letter, at) => `${at > 0 ? '_' : ''}${letter.toLowerCase()}`)
}

/** Lays the fields of a struct out at natural alignment. */
function layOut([name, fields]) {
  let offset = 0
  let align = 4
  const placed = fields.map(([field, type]) => {
    const info = types[type]
    if (info === undefined) {
      throw new Error(`${name}.${field} has the unknown type ${type}`)
    }
    offset = alignUp(offset, info.align)
    align = Math.max(align, info.align)
    const result = { field, type, offset }
    offset += info.size
    return result
  })
  return { name, fields: placed, size: alignUp(offset, align), end: offset }
}

const structs = Object.entries(schema.structs).map(layOut)
const enums = Object.entries(schema.enums)

/** Bit sets and magic numbers are plain constants; the other enums are closed sets of values. */
const isConstants = (name) => name.endsWith('Flag') || name === 'Magic'

const notice = 'Made by scripts/generate-wire.mjs from lib/native/wire.schema.json; do not edit.'

function typescript() {
  const lines = [
    `// ${notice}`,
    '',
    '/** The version both sides of the packed boundary must agree on. */',
    `export const WIRE_VERSION = ${schema.version}`,
  ]
  for (const { name, fields, size } of structs) {
    lines.push('', `/** Byte offsets of the fields of a ${name}, and the SIZE of one record. */`)
    lines.push(`export const ${name} = {`, `  SIZE: ${size},`)
    for (const { field, type, offset } of fields) {
      lines.push(`  /** ${type} */`, `  ${field}: ${offset},`)
    }
    lines.push('} as const')
  }
  for (const [name, values] of enums) {
    lines.push('', `/** ${isConstants(name) ? 'Constants' : 'Values'} of ${name}. */`)
    lines.push(`export const ${name} = {`)
    for (const [key, value] of Object.entries(values)) {
      lines.push(`  ${key}: ${value},`)
    }
    lines.push('} as const')
    if (!isConstants(name)) {
      lines.push('', `/** A value of ${name}. */`)
      lines.push(`export type ${name} = (typeof ${name})[keyof typeof ${name}]`)
    }
  }
  return `${lines.join('\n')}\n`
}

function cpp() {
  const lines = [
    `/// ${notice}`,
    '/// The records that cross the boundary between TypeScript and C++, in the byte order and at the',
    '/// offsets both sides agree on.',
    '#pragma once',
    '',
    '#include "base/bytes.hpp"',
    '',
    '#include <bit>',
    '#include <cstddef>',
    '#include <cstdint>',
    '',
    'namespace braid::wire {',
    '',
    'static_assert(std::endian::native == std::endian::little, "the records are little-endian");',
    '',
    '/// The version both sides of the packed boundary must agree on.',
    `inline constexpr uint32_t version = ${schema.version};`,
    '',
    '/// A run of records: the offset in bytes from the start of the buffer and the number of records',
    '/// (of bytes, for a pool).',
    'struct Section {',
    '    uint32_t offset;',
    '    uint32_t count;',
    '};',
  ]
  for (const { name, fields, size, end } of structs) {
    lines.push('', `struct ${name} {`)
    for (const { field, type } of fields) {
      lines.push(`    ${types[type].declare(snake(field))};`)
    }
    if (size !== end) {
      lines.push(`    uint8_t padding_[${size - end}];`)
    }
    lines.push('};', `static_assert(sizeof(${name}) == ${size});`)
    for (const { field, offset } of fields) {
      lines.push(`static_assert(offsetof(${name}, ${snake(field)}) == ${offset});`)
    }
  }
  for (const [name, values] of enums) {
    const constants = isConstants(name)
    lines.push('', constants ? `namespace ${snake(name)} {` : `enum class ${name} : uint32_t {`)
    for (const [key, value] of Object.entries(values)) {
      lines.push(
        constants
          ? `inline constexpr uint32_t ${snake(key)} = ${value};`
          : `    ${snake(key)} = ${value},`,
      )
    }
    lines.push(constants ? `} // namespace ${snake(name)}` : '};')
  }
  lines.push('', '} // namespace braid::wire')
  return `${lines.join('\n')}\n`
}

const outputs = [
  ['lib/native/wire.ts', typescript()],
  ['native/wire/layout.hpp', cpp()],
]
for (const [path, text] of outputs) {
  const file = join(root, path)
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
    say(`wrote ${path}`)
  } else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${path} is not current: run npm run generate:wire\n`)
    process.exitCode = 1
  }
}
