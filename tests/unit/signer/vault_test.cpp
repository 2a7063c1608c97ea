#include "store.hpp"

#include "crypto/ecdsa.hpp"
#include "crypto/hash.hpp"
#include "signer/keystore/envelope.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

using namespace remit;
using crypto::Secp256k1;

namespace {

const std::int64_t kMinute = 60 * kMicrosPerSecond;

Secret password(std::string_view text = "correct horse battery staple") {
    return Secret::from_text(text);
}
Secret key_of(std::uint8_t last) {
    Secret key(32);
    key.data()[31] = last;
    return key;
}
const Address kAddressOfOne = *fixed_from_hex<Address>("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", "address");

Result<std::vector<Signature>> signed_by(signer::Vault &vault, const Address &who, std::vector<Hash32> digests) {
    vault.sign(7, who, std::move(digests));
    std::vector<SignOutcome> out;
    vault.poll(out);
    REQUIRE(out.size() == 1);
    REQUIRE(out[0].token == 7);
    return out[0].result;
}

bool file_has(const std::string &path, ByteView wanted) {
    for (const char *tail : {"", "-wal"}) {
        std::ifstream file(path + tail, std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(file), {}};
        if (all.find(std::string(wanted.begin(), wanted.end())) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("signer: the first password is the one from then on, for any process") {
    Store store;
    {
        auto vault = store.vault();
        CHECK_FALSE(vault->unlocked());
        CHECK(vault->unlock(Secret(), 0).error().field == "password");
        CHECK(vault->unlock(password(), -1).error().field == "ttl_us");
        REQUIRE(vault->unlock(password(), 0).ok());
        CHECK(vault->unlocked());
        REQUIRE(vault->import_raw(key_of(1), "hot").ok());
    }
    auto other = store.vault();
    CHECK(other->unlock(password("correct horse"), 0).status() == Status::wrong_key);
    CHECK_FALSE(other->unlocked());
    CHECK(signed_by(*other, kAddressOfOne, {Hash32{}}).status() == Status::state);
    REQUIRE(other->unlock(password(), 0).ok());
    CHECK(signed_by(*other, kAddressOfOne, {Hash32{}}).ok());
}

TEST_CASE("signer: a wrong password leaves an open store open") {
    Store store;
    auto vault = store.vault();
    REQUIRE(vault->unlock(password(), 0).ok());
    CHECK(vault->unlock(password("no"), 0).status() == Status::wrong_key);
    CHECK(vault->unlocked());
}

TEST_CASE("signer: a host's key-encryption key opens the store without a derivation") {
    Store store;
    auto vault = store.vault();
    CHECK(vault->unlock_with_kek(Secret(16), 0).error().field == "kek");
    REQUIRE(vault->unlock_with_kek(key_of(9), 0).ok());
    REQUIRE(vault->import_raw(key_of(1), "").ok());
    vault->lock();
    CHECK(vault->unlock_with_kek(key_of(8), 0).status() == Status::wrong_key);
    CHECK(vault->unlock(password(), 0).status() == Status::state);
    REQUIRE(vault->unlock_with_kek(key_of(9), 0).ok());
    CHECK(signed_by(*vault, kAddressOfOne, {Hash32{}}).ok());
}

TEST_CASE("signer: the store locks when its time is over, on the boot clock") {
    Store store;
    auto vault = store.vault();
    REQUIRE(vault->unlock(password(), kMinute).ok());
    REQUIRE(vault->import_raw(key_of(1), "").ok());
    store.clock.jump_utc_us(100 * kMinute);  // somebody set the time
    store.clock.advance_us(kMinute - 1);
    CHECK(signed_by(*vault, kAddressOfOne, {Hash32{}}).ok());
    store.clock.advance_us(1);
    CHECK(signed_by(*vault, kAddressOfOne, {Hash32{}}).status() == Status::state);
    CHECK(vault->create("").status() == Status::state);
    CHECK(vault->export_v3(kAddressOfOne, password()).status() == Status::state);

    REQUIRE(vault->unlock(password(), kMinute).ok());
    REQUIRE(vault->unlock(password(), 3 * kMinute).ok());  // more time
    store.clock.advance_us(2 * kMinute);
    CHECK(vault->unlocked());
    store.clock.advance_us(2 * kMinute);
    const std::string before = store.log.text();
    vault->tick();
    CHECK(store.log.text() == before + "signer.locked why=time is over\n");

    REQUIRE(vault->unlock(password(), 0).ok());
    store.clock.advance_us(1'000'000 * kMinute);
    CHECK(vault->unlocked());
    vault->lock();
    CHECK_FALSE(vault->unlocked());
}

TEST_CASE("signer: keys are listed without unlocking, in the order in which they came") {
    Store store;
    {
        auto vault = store.vault();
        CHECK(vault->create("early").status() == Status::state);
        REQUIRE(vault->unlock(password(), 0).ok());
        const auto made = vault->create("made here");
        REQUIRE(made.ok());
        CHECK(made->id.starts_with("key_"));
        CHECK(made->created_us == store.clock.utc_us());
        REQUIRE(vault->import_raw(key_of(1), "imported").ok());
        CHECK(vault->create(std::string(256, 'x')).error().field == "label");
        CHECK(vault->create("two\nlines").error().field == "label");
    }
    auto vault = store.vault();
    const auto listed = vault->list();
    REQUIRE(listed.ok());
    REQUIRE(listed->size() == 2);
    CHECK((*listed)[0].label == "made here");
    CHECK((*listed)[1].label == "imported");
    CHECK((*listed)[1].address == kAddressOfOne);
    CHECK(vault->addresses().size() == 2);
}

TEST_CASE("signer: a key is stored once, and only if it is one") {
    Store store;
    auto vault = store.vault();
    REQUIRE(vault->unlock(password(), 0).ok());
    REQUIRE(vault->import_raw(key_of(1), "").ok());
    const auto again = vault->import_raw(key_of(1), "again");
    CHECK(again.status() == Status::mismatch);
    CHECK(again.error().text.find("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf") != std::string::npos);
    CHECK(vault->import_raw(Secret(32), "").error().field == "key");
    CHECK(vault->import_raw(Secret(31), "").error().field == "key");
    CHECK(vault->list()->size() == 1);
}

TEST_CASE("signer: signatures come at the next poll, in order, and are the key's") {
    Store store;
    auto vault = store.vault();
    REQUIRE(vault->unlock(password(), 0).ok());
    const auto made = vault->create("");
    REQUIRE(made.ok());
    std::vector<Hash32> digests;
    for (std::uint8_t i = 0; i < 50; ++i) digests.push_back(crypto::keccak256(Bytes{i}));
    vault->sign(1, made->address, digests);
    vault->sign(2, kAddressOfOne, {Hash32{}});
    vault->sign(3, made->address, {});
    std::vector<SignOutcome> out;
    vault->poll(out);
    REQUIRE(out.size() == 3);
    CHECK(out[0].token == 1);
    REQUIRE(out[0].result.ok());
    REQUIRE(out[0].result->size() == digests.size());
    for (std::size_t i = 0; i < digests.size(); ++i) {
        CHECK(*Secp256k1::recover(digests[i], (*out[0].result)[i]) == made->address);
        CHECK(crypto::is_low_s((*out[0].result)[i].s));
    }
    CHECK(out[1].token == 2);
    CHECK(out[1].result.status() == Status::not_found);
    CHECK(out[2].result->empty());
    out.clear();
    vault->poll(out);
    CHECK(out.empty());
}

TEST_CASE("signer: a key that another process added signs here") {
    Store store;
    auto here = store.vault();
    REQUIRE(here->unlock(password(), 0).ok());
    CHECK(here->addresses().empty());
    const auto elsewhere_db = store.open();
    auto elsewhere = signer::make_vault(*elsewhere_db, store.clock, store.random, store.log, {2, 8, 1});
    REQUIRE(elsewhere->unlock(password(), 0).ok());
    REQUIRE(elsewhere->import_raw(key_of(1), "").ok());
    CHECK(signed_by(*here, kAddressOfOne, {Hash32{}}).ok());
    REQUIRE(elsewhere->import_raw(key_of(2), "").ok());
    store.clock.advance_us(kMicrosPerSecond);
    CHECK(here->addresses().size() == 2);
}

TEST_CASE("signer: an envelope that was moved or changed does not open") {
    Store store;
    {
        auto vault = store.vault();
        REQUIRE(vault->unlock(password(), 0).ok());
        REQUIRE(vault->import_raw(key_of(1), "one").ok());
        REQUIRE(vault->import_raw(key_of(2), "two").ok());
    }
    static constexpr Sql kRead{"SELECT envelope FROM remit_keys WHERE label = ?"};
    static constexpr Sql kWrite{"UPDATE remit_keys SET envelope = ? WHERE label = ?"};
    const auto put_into_one = [&](const char *from, std::size_t touch) {
        const auto done = store.database->transact([&](SqlTx &tx) -> Result<void> {
            Bytes envelope;
            REMIT_CHECK(tx.query(kRead, {from}, [&](const SqlRow &row) {
                envelope.assign(row.blob(0).begin(), row.blob(0).end());
                return true;
            }));
            if (touch < envelope.size()) envelope[touch] ^= 1;
            REMIT_CHECK(tx.exec(kWrite, {envelope, "one"}));
            return {};
        });
        REQUIRE(done.ok());
        auto vault = store.vault();
        REQUIRE(vault->unlock(password(), 0).ok());
        return signed_by(*vault, kAddressOfOne, {Hash32{}}).status();
    };
    constexpr std::size_t kSize = 1 + 12 + 32 + 16;
    for (std::size_t byte : {std::size_t{0}, std::size_t{1}, std::size_t{13}, kSize - 1}) {
        CHECK(put_into_one("one", byte) == Status::corrupt);
        CHECK(put_into_one("one", byte) == Status::ok);  // as it was
    }
    CHECK(put_into_one("two", kSize) == Status::corrupt);
}

TEST_CASE("signer: a row that holds another address's key is found by its first signature") {
    Store store;
    auto vault = store.vault();
    REQUIRE(vault->unlock_with_kek(key_of(9), 0).ok());
    const auto info = vault->import_raw(key_of(1), "one");
    REQUIRE(info.ok());
    crypto::Aead aead;
    const auto envelope = signer::seal_key(aead, key_of(9), key_of(2), *info, store.random);
    REQUIRE(envelope.ok());
    static constexpr Sql kWrite{"UPDATE remit_keys SET envelope = ? WHERE label = ?"};
    REQUIRE(store.database
                ->transact([&](SqlTx &tx) -> Result<void> {
                    REMIT_CHECK(tx.exec(kWrite, {*envelope, "one"}));
                    return {};
                })
                .ok());
    auto fresh = store.vault();
    REQUIRE(fresh->unlock_with_kek(key_of(9), 0).ok());
    CHECK(signed_by(*fresh, kAddressOfOne, {Hash32{}}).status() == Status::corrupt);
}

TEST_CASE("signer: how the key-encryption key is made cannot be weakened unseen") {
    Store store;
    REQUIRE(store.vault()->unlock(password(), 0).ok());
    static constexpr Sql kWeaken{"UPDATE remit_vault SET scrypt_p = 2"};
    REQUIRE(store.database
                ->transact([](SqlTx &tx) -> Result<void> {
                    REMIT_CHECK(tx.exec(kWeaken, {}));
                    return {};
                })
                .ok());
    CHECK(store.vault()->unlock(password(), 0).status() == Status::wrong_key);
}

TEST_CASE("signer: neither the database nor the log has a secret in clear") {
    Store store;
    auto vault = store.vault();
    REQUIRE(vault->unlock(password(), kMinute).ok());
    Secret key(32);
    store.random.fill({key.data(), 32});
    const auto info = vault->import_raw(key, "hot wallet");
    REQUIRE(info.ok());
    REQUIRE(signed_by(*vault, info->address, {Hash32{}}).ok());
    REQUIRE(vault->export_v3(info->address, password("another")).ok());
    const std::string password_text = "correct horse battery staple";
    if (!store.place.on_postgres()) {
        CHECK(file_has(store.file(), view("hot wallet")));  // the search itself works
        CHECK_FALSE(file_has(store.file(), key.bytes()));
        CHECK_FALSE(file_has(store.file(), view(password_text)));
    }
    const std::string log = store.log.text();
    CHECK(log.find("signer.key_exported") != std::string::npos);
    CHECK(log.find(password_text) == std::string::npos);
    CHECK(log.find(to_hex(key.bytes()).substr(2)) == std::string::npos);
}

TEST_CASE("signer: v3 files go in and out, each under its own password") {
    Store store;
    auto vault = store.vault();
    CHECK(vault->import_v3("{}", password(), "").status() == Status::state);
    REQUIRE(vault->unlock(password(), 0).ok());
    REQUIRE(vault->import_raw(key_of(1), "").ok());
    CHECK(vault->export_v3(Address{}, password("x")).status() == Status::not_found);
    CHECK(vault->export_v3(kAddressOfOne, Secret()).error().field == "password");
    const auto file = vault->export_v3(kAddressOfOne, password("x"));
    REQUIRE(file.ok());

    Store elsewhere;
    auto other = elsewhere.vault();
    REQUIRE(other->unlock(password("y"), 0).ok());
    CHECK(other->import_v3(*file, password("y"), "").status() == Status::wrong_key);
    std::string of_other = *file;
    of_other.replace(of_other.find("7e5f"), 4, "0000");
    const auto mismatch = other->import_v3(of_other, password("x"), "");
    CHECK(mismatch.status() == Status::mismatch);
    CHECK(mismatch.error().field == "address");
    const auto info = other->import_v3(*file, password("x"), "from a file");
    REQUIRE(info.ok());
    CHECK(info->address == kAddressOfOne);
    CHECK(signed_by(*other, kAddressOfOne, {Hash32{}}).ok());
}

TEST_CASE("signer: two processes that set the first password at once agree on one") {
    Store store;
    const auto other_db = store.open();
    auto first = store.vault();
    auto second = signer::make_vault(*other_db, store.clock, store.random, store.log, {1U << 12, 8, 1});
    Status left{}, right{};
    std::thread a([&] { left = first->unlock(password("left"), 0).status(); });
    std::thread b([&] { right = second->unlock(password("right"), 0).status(); });
    a.join();
    b.join();
    CHECK(((left == Status::ok) != (right == Status::ok)));
    CHECK((left == Status::wrong_key || right == Status::wrong_key));
}

TEST_CASE("signer: keys are made on several threads while another signs") {
    Store store;
    auto vault = store.vault();
    REQUIRE(vault->unlock(password(), 0).ok());
    REQUIRE(vault->import_raw(key_of(1), "").ok());
    std::vector<std::thread> makers;
    for (int i = 0; i < 3; ++i)
        makers.emplace_back([&] {
            for (int n = 0; n < 10; ++n) static_cast<void>(vault->create(""));
        });
    for (int n = 0; n < 100; ++n) {
        const auto result = signed_by(*vault, kAddressOfOne, {Hash32{}});
        CHECK(result.ok());
    }
    for (auto &maker : makers) maker.join();
    CHECK(vault->list()->size() == 31);
}
