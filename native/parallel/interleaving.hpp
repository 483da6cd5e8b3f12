/// Where the order of the workers' steps matters.
#pragma once

#include <cstddef>

namespace braid::parallel {

/// Told by the workers of a loop whenever one is about to do something that another could notice.
/// A test that lets one worker at a time go on from there decides the interleaving, and so can
/// replay it or go through all there are.
class Interleaving {
  public:
    Interleaving() = default;
    Interleaving(const Interleaving&) = delete;
    Interleaving& operator=(const Interleaving&) = delete;
    virtual ~Interleaving() = default;

    /// One of a block's `workers` workers begins; it may return only when the worker may go on. On
    /// the worker's thread.
    virtual void begin(size_t worker, size_t workers) noexcept = 0;

    /// A worker is between two steps. On the worker's thread.
    virtual void step(size_t worker) noexcept = 0;

    /// A worker cannot go on before another one has. On the worker's thread.
    virtual void stall(size_t worker) noexcept { step(worker); }

    /// A worker has ended. On the worker's thread.
    virtual void end(size_t worker) noexcept = 0;
};

} // namespace braid::parallel
