/** `npm run build [ts|native]`: installs what is missing and builds TypeScript and the addon. */
import {
  buildNative,
  buildTypeScript,
  checkTools,
  die,
  installDependencies,
  prepare,
} from './steps.mjs'

const part = process.argv[2] ?? 'all'
if (part === 'all') {
  prepare()
} else if (part === 'ts') {
  installDependencies()
  buildTypeScript()
} else if (part === 'native') {
  checkTools()
  installDependencies()
  buildNative()
} else {
  die(`unknown part '${part}': ts or native, or nothing for both`)
}
