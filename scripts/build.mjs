/**
 * `npm run build [ts|native]`: installs what is missing and builds TypeScript and the addon. In an
 * installed package `native` builds the addon where no prebuilt one fits.
 */
import { buildInstalledPackage, isInstalledPackage } from './native-build.mjs'
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
  if (isInstalledPackage()) {
    buildInstalledPackage()
  } else {
    installDependencies()
    buildNative()
  }
} else {
  die(`unknown part '${part}': ts or native, or nothing for both`)
}
