/** Which prebuilt addon fits this process: the system, the processor's kind and the C library. */

/** The C library of a Linux process: musl (Alpine) or glibc. */
function linuxLibrary(): 'gnu' | 'musl' {
  return glibcVersion() === undefined ? 'musl' : 'gnu'
}

/** The version of glibc that the process runs on; undefined on musl, and off Linux. */
export function glibcVersion(): string | undefined {
  const { report } = process
  // The network's interfaces take seconds on some machines, and nobody wants them here.
  const { excludeNetwork } = report as { excludeNetwork?: boolean }
  Object.assign(report, { excludeNetwork: true })
  try {
    const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } }
    return header?.glibcVersionRuntime
  } finally {
    Object.assign(report, { excludeNetwork })
  }
}

/**
 * The name of this platform in `@braid-evm/<platform>`: `linux-x64-gnu`, `linux-arm64-musl`,
 * `darwin-arm64`.
 */
export function platformName(): string {
  const { platform, arch } = process
  return platform === 'linux' ? `${platform}-${arch}-${linuxLibrary()}` : `${platform}-${arch}`
}
