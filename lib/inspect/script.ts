/** The page's script: the compiled modules of `client/`, made into one. */

import { readFileSync } from 'node:fs'

/** The modules, each after those that it imports. Their top-level names are all different. */
const modules = [
  'dom',
  'format',
  'wording',
  'time-view',
  'scene',
  'layout',
  'palette',
  'timelines',
  'links',
  'overview',
  'chart',
  'tooltip',
  'details',
  'pointer',
  'keyboard',
  'search',
  'theme',
  'main',
]

/** The script as text: one function that holds all modules and starts the page. */
export function pageScript(): string {
  return `(() => {\n'use strict';\n${modules.map(readModule).join('')}start();\n})();`
}

/** A compiled module without its imports and exports: inside one function, names need neither. */
function readModule(name: string): string {
  const text = readFileSync(new URL(`./client/${name}.js`, import.meta.url), 'utf8')
  return text.replace(/^import [^;]*;\n/gm, '').replace(/^export /gm, '')
}
