/** The codes of what is wrong with files of accounts. */

import type { InputCodes } from './byte-input.js'

export const stateCodes: InputCodes = {
  unreadable: 'STATE_UNAVAILABLE',
  damaged: 'STATE_FILE_DAMAGED',
}
