/** The page's script: the modules of `client/`, which the build makes into one file. */

import { readFileSync } from 'node:fs'

/** The script as text: it starts the page. */
export function pageScript(): string {
  return readFileSync(new URL('./page-script.js', import.meta.url), 'utf8')
}
