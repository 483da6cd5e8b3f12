/// Layers of differences, one on top of the other.
#pragma once

#include "state/layer.hpp"

#include <memory>

namespace braid::state {

/// Some layers, which others may have as well. What is read through it is the word of the newest
/// layer that has one, else that of the state below.
///
/// Any number of threads may ask at once; who changes the stack has it alone. A layer may be
/// changed only by who finds that nobody else has it (see alone_on_top()).
class LayerStack {
  public:
    [[nodiscard]] bool empty() const noexcept { return layers_.empty(); }
    [[nodiscard]] size_t size() const noexcept { return layers_.size(); }

    /// A layer, 0 for the oldest.
    [[nodiscard]] const Layer& operator[](size_t index) const noexcept { return *layers_[index]; }

    /// Reads an account through the layers.
    ReadStatus load_account(StateView& below, const Address& address, AccountState& account,
                            bool& exists) const noexcept {
        return load_account(layers_.size(), below, address, account, exists);
    }

    /// Reads a slot through the layers.
    ReadStatus load_storage(StateView& below, const Address& address, const Bytes32& key,
                            Bytes32& value) const noexcept;

    /// Finds code in the layers, else below.
    ReadStatus load_code(StateView& below, const Address& address, const Bytes32& code_hash,
                         const Code*& code) const noexcept;

    /// What the state below and, on top of that, the layers do to the precompiles.
    [[nodiscard]] std::vector<PrecompileOverride>
    precompile_overrides(const StateView& below) const;

    /// Whether a layer from `first` on says something of an account, or of one of its slots.
    [[nodiscard]] bool is_account_said(const Address& address, size_t first) const noexcept;
    [[nodiscard]] bool is_slot_said(const Address& address, const Bytes32& key,
                                    size_t first) const noexcept;

    /// Puts a layer on top.
    void push(std::shared_ptr<Layer> layer) { layers_.push_back(std::move(layer)); }

    /// The newest layer, where nobody else has it; else null. The layers below `first` do not
    /// count.
    [[nodiscard]] Layer* alone_on_top(size_t first) noexcept;

    /// Merges the newest layers where one is not much smaller than the one below it, so that there
    /// are only so many as the logarithm of what they say. Those below `first` stay as they are.
    void compact(size_t first);

    /// Takes the oldest layer away.
    void drop_oldest() { layers_.erase(layers_.begin()); }

    /// Bytes that the records of its layers take.
    [[nodiscard]] size_t record_bytes() const noexcept;

  private:
    ReadStatus load_account(size_t level, StateView& below, const Address& address,
                            AccountState& account, bool& exists) const noexcept;

    std::vector<std::shared_ptr<Layer>> layers_; ///< the oldest first
};

/// A state under layers of differences, as it is for ever: what a snapshot reads.
///
/// Any number of threads may read at once, where the state below bears it.
class LayeredView final : public StateView {
  public:
    /// The state below must not change any more.
    LayeredView(std::shared_ptr<StateView> below, LayerStack layers)
        : below_{std::move(below)}, layers_{std::move(layers)},
          precompile_overrides_{layers_.precompile_overrides(*below_)} {}

    ReadStatus load_account(const Address& address, AccountState& account,
                            bool& exists) noexcept override {
        return layers_.load_account(*below_, address, account, exists);
    }
    ReadStatus load_storage(const Address& address, const Bytes32& key,
                            Bytes32& value) noexcept override {
        return layers_.load_storage(*below_, address, key, value);
    }
    ReadStatus load_code(const Address& address, const Bytes32& code_hash,
                         const Code*& code) noexcept override {
        return layers_.load_code(*below_, address, code_hash, code);
    }
    [[nodiscard]] bool is_slow() const noexcept override { return below_->is_slow(); }
    [[nodiscard]] bool keeps_reads() const noexcept override { return below_->keeps_reads(); }
    [[nodiscard]] std::span<const PrecompileOverride>
    precompile_overrides() const noexcept override {
        return precompile_overrides_;
    }
    [[nodiscard]] std::unique_ptr<StateView> reader(Misses& misses) override {
        std::shared_ptr<StateView> below = below_->reader(misses);
        return below == nullptr ? nullptr
                                : std::make_unique<LayeredView>(std::move(below), layers_);
    }

  private:
    const std::shared_ptr<StateView> below_;
    const LayerStack layers_;
    const std::vector<PrecompileOverride> precompile_overrides_; ///< those below included
};

} // namespace braid::state
