#include "transaction/precompile_set.hpp"

#include "precompiles/precompiles.hpp"
#include "state/cached_state.hpp"
#include "state/delayed_state.hpp"
#include "state/layer_stack.hpp"
#include "state/memory_state.hpp"
#include "tests/block_fixture.hpp"
#include "tests/harness.hpp"

namespace braid::test {
namespace {

using state::PrecompileOverride;
using transaction::PrecompileSet;

const Address identity = address_of(4);
const Address far{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

std::optional<PrecompileSet> set_of(std::vector<PrecompileOverride> overrides,
                                    std::optional<Address>& wrong) {
    return PrecompileSet::make(EVMC_CANCUN, overrides, wrong);
}

} // namespace

TEST("precompile set: overrides of other accounts leave the revision's") {
    std::optional<Address> wrong;
    CHECK(!set_of({}, wrong));
    CHECK(!set_of({{far, std::nullopt}, {address_of(0x0b), std::nullopt}}, wrong)); // Prague's
    CHECK(!wrong);
}

TEST("precompile set: contracts go, and are found where they went") {
    std::optional<Address> wrong;
    const auto set = set_of({{identity, far}, {address_of(2), std::nullopt}}, wrong);
    CHECK(set && !wrong);
    CHECK(set->find(far) == precompiles::find(EVMC_CANCUN, identity));
    CHECK(!set->find(identity) && !set->find(address_of(2)));
    CHECK(set->find(address_of(3)) == precompiles::find(EVMC_CANCUN, address_of(3)));
    CHECK(precompiles::has_only(set->address_bits(), far));
    CHECK(!set->find(address_of(0x0b)));
}

TEST("precompile set: what is no precompile at its turn cannot move") {
    for (const Address& address : {far, address_of(0x0b)}) {
        std::optional<Address> wrong;
        set_of({{address, identity}}, wrong);
        CHECK(wrong && *wrong == address);
    }
    std::optional<Address> wrong;
    set_of({{identity, far}, {identity, far}}, wrong);
    CHECK(wrong && *wrong == identity);
}

TEST("precompile overrides: layers hand on those below, caches and delays those of their base") {
    auto lower = std::make_shared<state::Layer>();
    lower->override_precompile({identity, far});
    auto upper = std::make_shared<state::Layer>();
    upper->override_precompile({far, std::nullopt});
    const auto view_over = [](std::shared_ptr<state::StateView> below, auto layer) {
        state::LayerStack layers;
        layers.push(std::move(layer));
        return std::make_shared<state::LayeredView>(std::move(below), std::move(layers));
    };
    const auto once = view_over(std::make_shared<state::MemoryState>(), lower);
    const auto twice = view_over(once, upper);
    CHECK_EQ(once->precompile_overrides().size(), size_t{1});
    CHECK_EQ(twice->precompile_overrides().size(), size_t{2});
    CHECK(twice->precompile_overrides()[0].address == identity);
    state::CachedState cached{*twice};
    state::DelayedState delayed{cached, std::chrono::nanoseconds{1}};
    CHECK_EQ(delayed.precompile_overrides().size(), size_t{2});
    lower->absorb(*upper);
    CHECK_EQ(lower->precompile_overrides().size(), size_t{2});
}

} // namespace braid::test
