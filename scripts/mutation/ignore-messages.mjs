/**
 * Leaves the words of messages unmutated: what an error says to people (`expected: 'an Engine'`, the
 * texts given to errors and to `demand`) may be put differently without being wrong. Names of fields,
 * error codes, and every other text stay mutated.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** The functions that take words for people, and where among their arguments, from the end if negative. */
const wordsAt = new Map([
  ['demand', 2],
  ['invalid', 0],
  ['malformed', -2],
  ['wrongType', 1],
  ['Error', 0],
  ['TypeError', 0],
  ['RangeError', 0],
])

const reason = 'words of a message'

export const ignoreMessages = {
  shouldIgnore(path) {
    if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined
    const { node, parent } = path
    if (path.parentPath.isObjectProperty() && parent.value === node) {
      const name = parent.key.name ?? parent.key.value
      return name === 'message' || name === 'expected' ? reason : undefined
    }
    if (path.parentPath.isCallExpression() || path.parentPath.isNewExpression()) {
      const at = wordsAt.get(parent.callee.name ?? parent.callee.property?.name)
      return at !== undefined && parent.arguments.at(at) === node ? reason : undefined
    }
    return undefined
  },
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'messages', ignoreMessages)]
