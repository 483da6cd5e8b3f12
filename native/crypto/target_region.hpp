/// Compiling a stretch of code for instruction sets above the build's baseline.
///
/// Everything between the two macros may use the named features, so whoever calls into it checks
/// cpu_features() first. Includes of other headers stay outside of the region.
#pragma once

#define BRAID_PRAGMA_(text) _Pragma(#text)

#if defined(__clang__)
#define BRAID_TARGET_BEGIN(features)                                                               \
    BRAID_PRAGMA_(clang attribute push(__attribute__((target(features))), apply_to = function))
#define BRAID_TARGET_END BRAID_PRAGMA_(clang attribute pop)
#else
#define BRAID_TARGET_BEGIN(features)                                                               \
    BRAID_PRAGMA_(GCC push_options)                                                                \
    BRAID_PRAGMA_(GCC target(features))
#define BRAID_TARGET_END BRAID_PRAGMA_(GCC pop_options)
#endif
