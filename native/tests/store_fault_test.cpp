#include "store/checker.hpp"
#include "store/folder.hpp"
#include "store/importer.hpp"
#include "tests/sampling.hpp"
#include "tests/store_fixture.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/mount.h>
#include <sys/wait.h>

using namespace braid;
using namespace braid::test;
using store::StoreCode;

namespace {

StoreCode open_code(const std::string& folder, const store::StoreOptions& options) {
    std::unique_ptr<store::Store> store;
    return store::Store::open(folder, options, store).code;
}

store::StoreOptions existing() {
    store::StoreOptions options = small_store();
    options.create = false;
    return options;
}

/// A store with some blocks; its model is left as its head is.
void make_store(const std::string& folder, StateModel& model, int blocks = 4) {
    auto store = open_store(folder, small_store());
    for (int i = 0; i < blocks; ++i) {
        commit_block(*store, model, model.make_block(i == 0 ? 100 : 20));
        CHECK(!store->flush().failed());
    }
}

std::vector<char> read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const std::string& path, const std::vector<char>& bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc}.write(
        bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Whether a store that opens is in every way what it says.
bool is_whole(const std::string& folder) {
    std::unique_ptr<store::Store> store;
    if (store::Store::open(folder, existing(), store).failed())
        return false;
    std::atomic<uint64_t> done{0};
    store::CheckReport report;
    return !store::check_state(*store->snapshot(), done, nullptr, report).failed();
}

} // namespace

TEST("store faults: nothing there, or something else") {
    const TemporaryFolder folder;
    CHECK(open_code(folder.store(), existing()) == StoreCode::not_found);
    CHECK(open_code(folder.path(), existing()) == StoreCode::not_found);
    CHECK(!std::filesystem::exists(folder.path() + "/braid.lock"));
    CHECK(open_code(folder.path() + "/a/b", small_store()) == StoreCode::not_found);
    write_file(folder.path() + "/file", {'x'});
    CHECK(open_code(folder.path() + "/file", existing()) == StoreCode::not_found);
    std::filesystem::create_directory(folder.store());
    for (const size_t size : {size_t{1}, size_t{4096}, size_t{100'000}}) {
        write_file(folder.store() + "/data.mdb", std::vector<char>(size, 'x'));
        CHECK(open_code(folder.store(), small_store()) == StoreCode::corrupt);
    }
}

TEST("store faults: a second opener is told, in this process and in another") {
    const TemporaryFolder folder;
    StateModel model{41};
    make_store(folder.store(), model);
    auto reading = existing();
    reading.read_only = true;
    auto store = open_store(folder.store(), existing());
    CHECK(open_code(folder.store(), existing()) == StoreCode::locked);
    CHECK(open_code(folder.store(), small_store()) == StoreCode::locked);
    CHECK(open_code(folder.store(), reading) == StoreCode::locked);
    std::unique_ptr<store::Importer> importer;
    CHECK(store::Importer::begin(folder.store(), {}, importer).code == StoreCode::locked);
    const auto view = store->view();
    store.reset();
    CHECK(open_code(folder.store(), existing()) == StoreCode::locked); // a view has it
    model.check(*view);
}

TEST("store faults: several read, none writes") {
    const TemporaryFolder folder;
    StateModel model{42};
    make_store(folder.store(), model);
    auto reading = existing();
    reading.read_only = true;
    auto first = open_store(folder.store(), reading);
    auto second = open_store(folder.store(), reading);
    CHECK(open_code(folder.store(), existing()) == StoreCode::locked);
    model.check(*first->view());
    first.reset();
    model.check(*second->view());
    Bytes32 root{};
    CHECK(second->stage(model.make_block(3).view(), root).code == StoreCode::read_only);
    CHECK(second->revert().code == StoreCode::read_only);
    second.reset();
    CHECK(is_whole(folder.store()));
}

TEST("store faults: a folder that can't be written can be read") {
    const TemporaryFolder folder;
    StateModel model{43};
    make_store(folder.store(), model);
    // Nobody keeps root from writing but the file system itself.
    if (::mount(folder.store().c_str(), folder.store().c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(nullptr, folder.store().c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
                nullptr) != 0) {
        lacking().emplace_back("the right to mount a folder read-only");
        return;
    }
    auto reading = existing();
    reading.read_only = true;
    CHECK(open_code(folder.store(), existing()) == StoreCode::read_only);
    model.check(*open_store(folder.store(), reading)->view());
    CHECK(::umount(folder.store().c_str()) == 0);
    CHECK(is_whole(folder.store()));
}

TEST("store faults: files of another version") {
    const TemporaryFolder folder;
    StateModel model{44};
    make_store(folder.store(), model);
    const std::string path = folder.store() + "/data.mdb";
    std::vector<char> bytes = read_file(path);
    for (const size_t meta : {size_t{0}, size_t{4096}})
        bytes[meta + 28] = 3;
    write_file(path, bytes);
    CHECK(open_code(folder.store(), existing()) == StoreCode::version_mismatch);

    store::Meta meta;
    meta.version = 2;
    store::Meta read;
    CHECK(store::decode_meta(store::encode_meta(meta), read).code == StoreCode::version_mismatch);
    meta.version = store::Meta::current_version;
    std::vector<uint8_t> record = store::encode_meta(meta);
    CHECK(!store::decode_meta(record, read).failed());
    for (uint8_t& byte : record) {
        byte ^= 4;
        CHECK(store::decode_meta(record, read).code == StoreCode::corrupt);
        byte ^= 4;
    }
    record.pop_back();
    CHECK(store::decode_meta(record, read).code == StoreCode::corrupt);
}

TEST("store faults: a file that was cut off is never read beyond its end") {
    const TemporaryFolder folder;
    StateModel model{45};
    make_store(folder.store(), model);
    const std::string path = folder.store() + "/data.mdb";
    const std::vector<char> whole = read_file(path);
    CHECK(is_whole(folder.store()));
    for (size_t size = 0; size < whole.size(); size += 1024) {
        write_file(path, {whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)});
        const StoreCode code = open_code(folder.store(), existing());
        CHECK(code == (size == 0 ? StoreCode::not_found : StoreCode::corrupt));
        CHECK(store::check_pages(folder.store()).code == StoreCode::corrupt);
    }
    write_file(path, whole);
    CHECK(is_whole(folder.store()));
    CHECK(!store::check_pages(folder.store()).failed());
}

TEST("store faults: a flipped bit on any page is found, or does no harm") {
    const TemporaryFolder folder;
    StateModel model{46};
    make_store(folder.store(), model, 3);
    const std::string path = folder.store() + "/data.mdb";
    const std::vector<char> whole = read_file(path);
    constexpr size_t page = 4096;
    std::mt19937_64 random{46};
    size_t found = 0;
    size_t harmless = 0;
    for (size_t begin = 0; begin < whole.size(); begin += page * single_threaded_stride()) {
        // The header and the places of nodes, then anywhere.
        for (int flip = 0; flip < 6; ++flip) {
            std::vector<char> bytes = whole;
            const size_t at = begin + (flip < 3 ? random() % 40 : random() % page);
            bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
            write_file(path, bytes);
            // Whoever asks before opening is told of all that LMDB would stumble over.
            if (store::check_pages(folder.store()).failed() || !is_whole(folder.store())) {
                ++found;
                continue;
            }
            ++harmless;
            auto store = open_store(folder.store(), existing());
            // The other meta page, space that nobody uses: the head, or the state one commit
            // before.
            if (store != nullptr && store->head().number == 3)
                model.check(*store->view());
        }
    }
    CHECK(found > single_threaded(20));
    CHECK(harmless != 0);
    write_file(path, whole);
    CHECK(is_whole(folder.store()));
}

TEST("store faults: what makes LMDB write where it must not, or use what is in use, is found") {
    const TemporaryFolder folder;
    StateModel model{51, 3000};
    {
        auto store = open_store(folder.store(), small_store());
        for (int i = 0; i < 5; ++i) {
            commit_block(*store, model, model.make_block(i == 0 ? 3000 : 60));
            CHECK(!store->flush().failed());
        }
    }
    const std::string path = folder.store() + "/data.mdb";
    const std::vector<char> whole = read_file(path);
    constexpr size_t page = 4096;
    const auto number = [](const std::vector<char>& bytes, size_t at) {
        uint64_t value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof(value));
        return value;
    };
    const auto flags = [&](size_t at) { return number(whole, at + 18) & 0xffff; };
    const auto says_corrupt = [&](size_t at, uint64_t value) {
        std::vector<char> bytes = whole;
        std::memcpy(bytes.data() + at, &value, sizeof(value));
        write_file(path, bytes);
        auto checked = existing();
        checked.check = true;
        const StoreCode code = open_code(folder.store(), checked);
        return store::check_pages(folder.store()).code == StoreCode::corrupt &&
               code == StoreCode::corrupt;
    };
    CHECK(!store::check_pages(folder.store()).failed());
    const size_t meta = number(whole, 24 + 24 + 96 + 8) < number(whole, page + 24 + 24 + 96 + 8)
                            ? page + 24
                            : size_t{24};
    const uint64_t transaction = number(whole, meta + 24 + 96 + 8);
    const uint64_t free_root = number(whole, meta + 24 + 40);
    const uint64_t main_root = number(whole, meta + 72 + 40);
    size_t used = 0;
    size_t moved = 0;
    for (size_t at = 2 * page; at < whole.size(); at += page * single_threaded_stride()) {
        // A page of a transaction to come looks like one of LMDB's own, which it writes to.
        const bool is_tree = number(whole, at) == at / page && (flags(at) == 1 || flags(at) == 2);
        if (!is_tree || number(whole, at + 8) > transaction)
            continue;
        used += says_corrupt(at + 8, transaction + 1) ? 1 : 0;
        // LMDB moves records by their sizes.
        const size_t node = at + 24 + (number(whole, at + 24) & 0xffff);
        const uint64_t size = number(whole, node);
        if (flags(at) == 2 && used % 4 == 0)
            for (const uint64_t other : {size - 2, size + 2})
                moved += says_corrupt(node, other) ? 1 : 0;
    }
    CHECK(used > single_threaded(40));
    CHECK(moved > single_threaded(20));
    // Meta pages: which is the newer one, flags, numbers of pages and records.
    for (const uint64_t bit : {0, 2, 7, 40}) // without the second it is the commit before
        CHECK(says_corrupt(meta + 24 + 96 + 8, transaction ^ uint64_t{1} << bit));
    for (const size_t table : {meta + 24, meta + 72}) {
        CHECK(says_corrupt(table, number(whole, table) ^ uint64_t{4} << 32));
        for (const size_t field : {8, 16, 24, 32})
            CHECK(says_corrupt(table + field, number(whole, table + field) + 1));
    }
    // The free list names a page that is in use, one behind the end, one twice, a row of them.
    size_t list = free_root * page;
    const auto first_node = [&] { return list + 24 + (number(whole, list + 24) & 0xffff); };
    while (flags(list) == 1)
        list = (number(whole, first_node()) & 0xffffffffffff) * page;
    const size_t node = first_node();
    const uint64_t size = number(whole, node) & 0xffffffff;
    CHECK_EQ(number(whole, list + 18) & 0xffff, uint64_t{2});
    CHECK((number(whole, node + 4) & 0xffff) == 0 && size > 24);
    const size_t record = node + 16;
    for (const uint64_t wrong :
         {main_root, free_root, uint64_t{1}, uint64_t{whole.size() / page}, ~uint64_t{0} / 2})
        CHECK(says_corrupt(record + 8, wrong));
    CHECK(says_corrupt(record, size / 8));
    CHECK(says_corrupt(record, ~uint64_t{0}));
    CHECK(says_corrupt(record + 8, ~uint64_t{0} - 100));
    write_file(path, whole);
    CHECK(is_whole(folder.store()));
}

TEST("store faults: the number of a slot is compared with its hash") {
    const TemporaryFolder folder;
    StateModel model{52};
    make_store(folder.store(), model, 1);
    const std::string path = folder.store() + "/data.mdb";
    const std::vector<char> whole = read_file(path);
    const Bytes32 number = word(11);
    size_t found = 0;
    for (auto at = whole.begin();; ++at) {
        at = std::search(at, whole.end(), std::begin(number.bytes), std::end(number.bytes),
                         [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
        if (at == whole.end())
            break;
        std::vector<char> bytes = whole;
        bytes[static_cast<size_t>(at - whole.begin()) + 20] ^= 1;
        write_file(path, bytes);
        found += is_whole(folder.store()) ? 0 : 1;
    }
    CHECK(found > 5);
}

TEST("store faults: a full map changes nothing, and a larger one goes on") {
    const TemporaryFolder folder;
    StateModel model{47, 4000};
    auto options = small_store();
    options.size_limit = uint64_t{1} << 20;
    auto store = open_store(folder.store(), options);
    const MadeOutput small = model.make_block(200);
    commit_block(*store, model, small);
    CHECK(!store->flush().failed());
    const Bytes32 root = store->head().root;
    commit_block(*store, model, model.make_block(4000));
    for (int i = 0; i < 3; ++i)
        CHECK(store->flush().code == StoreCode::map_full);
    CHECK_EQ(store->pending_count(), size_t{1});
    model.check(*store->view()); // the block is still the head
    store.reset();
    CHECK(is_whole(folder.store()));
    options.size_limit = uint64_t{1} << 26;
    store = open_store(folder.store(), options);
    CHECK(store->head().root == root);
    StateModel again{47, 4000};
    again.apply(small);
    commit_block(*store, again, again.make_block(4000));
    CHECK(!store->flush().failed());
    again.check(*store->view());
    store.reset();
    CHECK(is_whole(folder.store()));
}

TEST("store faults: a full disk changes nothing, and space lets it go on") {
    const TemporaryFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=12m") != 0) {
        lacking().emplace_back("the right to mount a small file system");
        return;
    }
    {
        StateModel model{48, 3000};
        auto store = open_store(folder.store(), small_store());
        commit_block(*store, model, model.make_block(300));
        CHECK(!store->flush().failed());
        commit_block(*store, model, model.make_block(3000));
        std::vector<char> ballast(std::filesystem::space(folder.path()).available - 20'000);
        write_file(folder.path() + "/ballast", ballast);
        for (int i = 0; i < 2; ++i)
            CHECK_EQ(static_cast<unsigned>(store->flush().code),
                     static_cast<unsigned>(StoreCode::disk_full));
        model.check(*store->view());
        std::filesystem::remove(folder.path() + "/ballast");
        CHECK(!store->flush().failed());
        model.check(*store->view());
        store.reset();
        CHECK(is_whole(folder.store()));
        // An import that runs out of space leaves room for the next one.
        const std::string other = folder.path() + "/other";
        std::unique_ptr<store::Importer> importer;
        store::ImportOptions options;
        options.memory = 1 << 18;
        CHECK(!store::Importer::begin(other, options, importer).failed());
        store::Status status;
        for (uint64_t i = 0; i < 100'000 && !status.failed(); ++i)
            status = importer->add_account(address_of(i), 1, uint256{i}, empty_code_hash);
        Bytes32 root{};
        if (!status.failed())
            status = importer->finish({}, nullptr, root);
        CHECK(status.code == StoreCode::disk_full);
        importer.reset();
        CHECK(open_code(other, existing()) == StoreCode::not_found);
        CHECK(open_code(other, small_store()) == StoreCode::ok);
    }
    CHECK(::umount(folder.path().c_str()) == 0);
}

TEST("store faults: what a dead import leaves counts for nothing") {
    const TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        store::ImportOptions options;
        options.memory = 1 << 16; // files of runs
        std::unique_ptr<store::Importer> importer;
        if (store::Importer::begin(folder.store(), options, importer).failed())
            ::_exit(1);
        for (uint64_t i = 0; i < 5000; ++i)
            if (importer->add_account(address_of(i), 1, uint256{i}, empty_code_hash).failed())
                ::_exit(1);
        ::raise(SIGKILL);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK(std::filesystem::exists(store::run_path(folder.store(), "accounts", 0)));
    CHECK(open_code(folder.store(), existing()) == StoreCode::not_imported);
    std::unique_ptr<store::Importer> importer;
    CHECK(!store::Importer::begin(folder.store(), {}, importer).failed());
    CHECK(!std::filesystem::exists(store::run_path(folder.store(), "accounts", 0)));
    Bytes32 root{};
    CHECK(!importer->finish({}, nullptr, root).failed());
    importer.reset();
    CHECK(is_whole(folder.store()));
}

TEST("store faults: more states open at once than there may be") {
    const TemporaryFolder folder;
    StateModel model{49};
    auto options = small_store();
    options.threads = 1;
    options.max_readers = 30;
    auto store = open_store(folder.store(), options);
    std::vector<std::unique_ptr<store::StoreView>> views;
    for (int block = 0; block < 40; ++block) {
        commit_block(*store, model, model.make_block(20));
        CHECK(!store->flush().failed());
        views.push_back(store->view());
        model.check(*views.back());
    }
    views.clear();
    commit_block(*store, model, model.make_block(20));
    CHECK(!store->flush().failed());
    model.check(*store->view());
    store.reset();
    CHECK(is_whole(folder.store()));
}

TEST("store: a copy that is made while it is in use is a store") {
    const TemporaryFolder folder;
    StateModel model{50};
    auto store = open_store(folder.store(), small_store());
    commit_block(*store, model, model.make_block(100));
    CHECK(!store->flush().failed());
    const std::string copy = folder.path() + "/copy";
    std::filesystem::create_directory(copy);
    CHECK(!store->copy_to(copy).failed());
    CHECK(is_whole(copy));
    model.check(*open_store(copy, existing())->view());
}
