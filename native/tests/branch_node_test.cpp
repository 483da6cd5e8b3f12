#include "tests/evm/random.hpp"
#include "tests/harness.hpp"
#include "trie/branch_node.hpp"
#include "trie/trie_path.hpp"

#include <algorithm>
#include <bit>

namespace {

using namespace braid;
using namespace braid::trie;
using Bytes = std::vector<uint8_t>;

Bytes32 random_key(test::Random& random) {
    Bytes32 key;
    for (size_t i = 0; i < 4; ++i)
        store_be64(key.bytes + 8 * i, random.next());
    return key;
}

Bytes encoded(const Path& path) {
    Bytes bytes(max_encoded_path);
    bytes.resize(encode_path(path, bytes.data()));
    return bytes;
}

BranchNode random_branch(test::Random& random) {
    BranchNode branch;
    do {
        branch.present = static_cast<uint16_t>(random.next());
        branch.has_branch = static_cast<uint16_t>(branch.present & random.next());
        branch.has_hash = static_cast<uint16_t>(branch.present & random.next());
    } while (std::popcount(branch.present) < 2 || !branch.is_stored());
    for (Bytes32& hash : branch.hashes)
        hash = random_key(random);
    return branch;
}

} // namespace

TEST("paths: encodings are ordered as paths are, and come back") {
    test::Random random{1};
    for (int round = 0; round < 20000; ++round) {
        const Bytes32 key = random_key(random);
        Bytes32 other = key; // mostly the start is the same
        if (random.chance(70))
            other.bytes[random.below(32)] ^= static_cast<uint8_t>(random.next());
        if (random.chance(30))
            std::fill(other.bytes + random.below(32), std::end(other.bytes), uint8_t{0});
        const Path a = Path::of(key, static_cast<unsigned>(random.below(65)));
        const Path b = Path::of(other, static_cast<unsigned>(random.below(65)));
        const Bytes a_bytes = encoded(a);
        const Bytes b_bytes = encoded(b);
        CHECK((a < b) == (a_bytes < b_bytes));
        CHECK((a == b) == (a_bytes == b_bytes));
        CHECK_EQ(a.holds(b), b_bytes.size() >= a_bytes.size() &&
                                 std::equal(a_bytes.begin(), a_bytes.end(), b_bytes.begin()));
        Path back;
        CHECK(decode_path(a_bytes, back));
        CHECK(back == a);
    }
    Path path;
    CHECK(decode_path(Bytes(64, 15), path));
    CHECK(!decode_path(Bytes(65, 15), path));
    CHECK(!decode_path(Bytes{3, 16}, path));
    CHECK(decode_path({}, path) && path == Path{});
}

TEST("branch records come back as they were") {
    test::Random random{2};
    for (int round = 0; round < 5000; ++round) {
        const BranchNode branch = random_branch(random);
        Bytes record(max_branch_record);
        record.resize(encode_branch(branch, record.data()));
        BranchNode back;
        CHECK(decode_branch(record, back));
        CHECK_EQ(back.present, branch.present);
        CHECK_EQ(back.has_branch, branch.has_branch);
        CHECK_EQ(back.has_hash, branch.has_hash);
        for (unsigned nibble = 0; nibble < 16; ++nibble)
            if ((branch.has_hash >> nibble & 1) != 0)
                CHECK(back.hashes[nibble] == branch.hashes[nibble]);
    }
}

TEST("branch records of any bytes are taken only where the same bytes come back") {
    test::Random random{3};
    size_t taken = 0;
    for (int round = 0; round < 50000; ++round) {
        Bytes record(max_branch_record);
        record.resize(encode_branch(random_branch(random), record.data()));
        for (uint64_t i = random.below(3); i-- > 0;)
            record[random.below(6)] ^= static_cast<uint8_t>(1U << random.below(8));
        if (random.chance(30))
            record.resize(random.below(record.size() + 64));
        // Of exactly this size, so that a byte read behind it is noticed.
        const Bytes exact{record.begin(), record.end()};
        BranchNode branch;
        if (!decode_branch(exact, branch))
            continue;
        ++taken;
        Bytes again(max_branch_record);
        again.resize(encode_branch(branch, again.data()));
        CHECK(again == exact);
        CHECK(branch.is_stored());
    }
    CHECK(taken > 1000 && taken < 49000);
    BranchNode branch;
    CHECK(!decode_branch(Bytes{0, 3, 0, 0, 0, 0}, branch)); // only leaves
    CHECK(!decode_branch(Bytes{0, 1, 0, 1, 0, 0}, branch)); // one child
    CHECK(!decode_branch(Bytes{0, 3, 0, 4, 0, 0}, branch)); // a branch below nothing
    CHECK(decode_branch(Bytes{0, 3, 0, 1, 0, 0}, branch));
}
