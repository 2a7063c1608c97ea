// What signing and SQLite themselves can do for payouts: the loops that Remit is measured against. Includes
// nothing of src/.
//
//   payouts_limit sign <seconds>                   libsecp256k1 alone: one recoverable signature after the other
//   payouts_limit send <folder> <payouts> <batch>  the tables, rows, indexes and commits of sending payouts: one
//                                                  transaction inserts all; then for each batch one stores what was
//                                                  signed, one stores that it was sent. Nothing is posted.
//
// Prints: signatures per second; or the seconds of inserting and the seconds of sending.
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;
using Hash = std::array<std::uint8_t, 32>;
using Bytes = std::vector<std::uint8_t>;

void check(bool ok, const char *what) {
    if (ok) return;
    std::fprintf(stderr, "%s failed\n", what);
    std::exit(2);
}

double seconds_since(Steady::time_point start) {
    return std::chrono::duration<double>(Steady::now() - start).count();
}

std::uint64_t rotate(std::uint64_t v, unsigned by) {
    return by == 0 ? v : v << by | v >> (64 - by);
}

// One lane of theta, rho and pi: from where it comes is known when compiling.
template <unsigned At>
void move(const std::uint64_t *a, const std::uint64_t *d, std::uint64_t *b) {
    constexpr unsigned kTurn[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                    25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
    constexpr unsigned x = At % 5, y = At / 5;
    b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[At] ^ d[x], kTurn[At]);
}

template <unsigned... At>
void keccak_f(std::uint64_t *a, std::integer_sequence<unsigned, At...>) {
    std::uint8_t lfsr = 1;
    for (int round = 0; round < 24; ++round) {
        std::uint64_t c[5], d[5], b[25];
        for (unsigned x = 0; x < 5; ++x) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (unsigned x = 0; x < 5; ++x) d[x] = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
        (move<At>(a, d, b), ...);
        ((a[At] = b[At] ^ (~b[At / 5 * 5 + (At + 1) % 5] & b[At / 5 * 5 + (At + 2) % 5])), ...);
        for (unsigned j = 0; j < 7; ++j) {
            if ((lfsr & 1) != 0) a[0] ^= std::uint64_t{1} << ((1U << j) - 1);
            lfsr = static_cast<std::uint8_t>(lfsr << 1 ^ ((lfsr & 0x80) != 0 ? 0x71 : 0));
        }
    }
}

Hash keccak(const Bytes &data) {
    constexpr std::size_t kRate = 136;
    std::uint64_t state[25] = {};
    Bytes padded = data;
    padded.push_back(1);
    padded.resize((padded.size() + kRate - 1) / kRate * kRate);
    padded.back() |= 0x80;
    for (std::size_t at = 0; at < padded.size(); at += kRate) {
        for (std::size_t i = 0; i < kRate / 8; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, padded.data() + at + 8 * i, 8);
            state[i] ^= word;
        }
        keccak_f(state, std::make_integer_sequence<unsigned, 25>());
    }
    Hash out;
    std::memcpy(out.data(), state, out.size());
    return out;
}

std::uint64_t next_random() {
    static std::uint64_t state = 7;
    std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
    std::array<std::uint8_t, N> out;
    for (auto &byte : out) byte = static_cast<std::uint8_t>(next_random());
    return out;
}

std::string hex(const std::uint8_t *data, std::size_t size) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out = "0x";
    for (std::size_t i = 0; i < size; ++i) out.append({kDigits[data[i] >> 4], kDigits[data[i] & 15]});
    return out;
}

struct Key {
    secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    Hash secret = random_bytes<32>();

    Key() { check(secp256k1_context_randomize(context, secret.data()) == 1, "randomize"); }
    ~Key() { secp256k1_context_destroy(context); }
    // r and s; gives the recovery id.
    int sign(const Hash &digest, std::array<std::uint8_t, 64> &out) const {
        secp256k1_ecdsa_recoverable_signature made;
        int id = 0;
        check(secp256k1_ecdsa_sign_recoverable(context, &made, digest.data(), secret.data(), nullptr, nullptr) == 1,
              "signing");
        secp256k1_ecdsa_recoverable_signature_serialize_compact(context, out.data(), &id, &made);
        return id;
    }
};

struct Rlp {
    Bytes out;

    void bytes(const std::uint8_t *data, std::size_t size) {
        if (size != 1 || data[0] >= 0x80) head(0x80, size);
        out.insert(out.end(), data, data + size);
    }
    void number(const std::uint8_t *data, std::size_t size) {
        for (; size > 0 && *data == 0; --size) ++data;
        bytes(data, size);
    }
    void number(std::uint64_t v) {
        std::uint8_t big[8];
        for (unsigned i = 0; i < 8; ++i) big[i] = static_cast<std::uint8_t>(v >> (56 - 8 * i));
        number(big, 8);
    }
    // As a list, behind the byte of the transaction's type.
    Bytes typed() const {
        Rlp all;
        all.out.push_back(2);
        all.head(0xc0, out.size());
        all.out.insert(all.out.end(), out.begin(), out.end());
        return all.out;
    }

private:
    void head(std::uint8_t base, std::size_t size) {
        if (size < 56) return out.push_back(static_cast<std::uint8_t>(base + size));
        out.push_back(static_cast<std::uint8_t>(base + (size < 256 ? 56 : 57)));
        if (size >= 256) out.push_back(static_cast<std::uint8_t>(size >> 8));
        out.push_back(static_cast<std::uint8_t>(size));
    }
};

constexpr std::int64_t kChain = 1'337;
constexpr std::int64_t kGas = 60'000;
constexpr std::int64_t kMaxFee = 21'500'000'000;
constexpr std::int64_t kTip = 1'500'000'000;

struct Blob {
    const std::uint8_t *data;
    std::size_t size;
};
template <class T>
Blob blob(const T &bytes) {
    return {bytes.data(), bytes.size()};
}

class Statement {
public:
    Statement(sqlite3 *db, const char *sql) {
        check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt_, nullptr) == SQLITE_OK, sql);
    }
    ~Statement() { sqlite3_finalize(stmt_); }
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;

    template <class... Values>
    void run(const Values &...values) {
        start(values...);
        check(!step(), sqlite3_sql(stmt_));
    }
    template <class... Values>
    void start(const Values &...values) {
        int index = 0;
        (bind(++index, values), ...);
    }
    bool step() {
        const int code = sqlite3_step(stmt_);
        if (code == SQLITE_ROW) return true;
        check(code == SQLITE_DONE, sqlite3_sql(stmt_));
        sqlite3_reset(stmt_);
        return false;
    }
    sqlite3_stmt *row() { return stmt_; }

private:
    void bind(int index, std::int64_t v) { sqlite3_bind_int64(stmt_, index, v); }
    void bind(int index, std::string_view v) {
        sqlite3_bind_text(stmt_, index, v.data(), static_cast<int>(v.size()), SQLITE_STATIC);
    }
    void bind(int index, Blob v) { sqlite3_bind_blob(stmt_, index, v.data, static_cast<int>(v.size), SQLITE_STATIC); }
    sqlite3_stmt *stmt_ = nullptr;
};

constexpr const char *kSetup =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
    "CREATE TABLE sequence (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value BIGINT NOT NULL);"
    "CREATE TABLE events (id INTEGER PRIMARY KEY, position BIGINT NULL UNIQUE, event_id TEXT NOT NULL UNIQUE,"
    " tenant TEXT NOT NULL, subject TEXT NOT NULL, subject_sequence BIGINT NOT NULL, type TEXT NOT NULL,"
    " version INTEGER NOT NULL, time_us BIGINT NOT NULL, data TEXT NOT NULL, UNIQUE (subject, subject_sequence));"
    "CREATE TABLE lanes (id INTEGER PRIMARY KEY, chain BIGINT NOT NULL, sender BLOB NOT NULL, next_nonce BIGINT,"
    " owner TEXT NOT NULL, epoch BIGINT NOT NULL, lease_until BIGINT NOT NULL, lease_clock TEXT NOT NULL,"
    " quarantine TEXT NOT NULL, nudge BIGINT NOT NULL, version BIGINT NOT NULL, UNIQUE (chain, sender));"
    "CREATE TABLE payouts (id INTEGER PRIMARY KEY, payout_id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL,"
    " external_id TEXT NOT NULL, request_hash BLOB NOT NULL, chain BIGINT NOT NULL, token BLOB NOT NULL,"
    " symbol TEXT NOT NULL, decimals INTEGER NOT NULL, recipient BLOB NOT NULL, amount TEXT NOT NULL,"
    " from_sender BLOB, rank_no BIGINT NOT NULL, not_before BIGINT NOT NULL, deadline BIGINT NOT NULL,"
    " state INTEGER NOT NULL, reason TEXT NOT NULL, doubt TEXT NOT NULL, sender BLOB, nonce BIGINT,"
    " tx_hash BLOB, block_number BIGINT, block_hash BLOB, mined_ok INTEGER NOT NULL, fee_paid TEXT NOT NULL,"
    " created_us BIGINT NOT NULL, signed_us BIGINT, sent_us BIGINT NOT NULL, mined_us BIGINT NOT NULL,"
    " finished_us BIGINT NOT NULL, version BIGINT NOT NULL,"
    " UNIQUE (tenant, external_id), UNIQUE (chain, sender, nonce));"
    "CREATE INDEX payouts_due ON payouts (chain, state, rank_no, id);"
    "CREATE TABLE attempts (id INTEGER PRIMARY KEY, payout BIGINT NOT NULL, k INTEGER NOT NULL, raw BLOB NOT NULL,"
    " hash BLOB NOT NULL UNIQUE, gas BIGINT NOT NULL, max_fee TEXT NOT NULL, tip TEXT NOT NULL,"
    " signed_us BIGINT NOT NULL, posts INTEGER NOT NULL, answer INTEGER NOT NULL, answer_text TEXT NOT NULL,"
    " UNIQUE (payout, k));"
    "INSERT INTO sequence (name, value) VALUES ('events', 0);"
    "INSERT INTO lanes VALUES (1, 1337, zeroblob(20), 0, 'own_00000000000000000000000000', 1, 0,"
    " '00000000-0000-0000-0000-000000000000', '', 0, 0)";

sqlite3 *open(const std::string &path) {
    for (const char *end : {"", "-wal", "-shm"}) unlink((path + end).c_str());
    sqlite3 *db = nullptr;
    check(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr) == SQLITE_OK,
          "open");
    check(sqlite3_exec(db, kSetup, nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(db));
    return db;
}

struct Signed {
    std::int64_t row = 0;
    std::int64_t nonce = 0;
    std::string payout_id;
    std::string external_id;
    std::array<std::uint8_t, 20> to{};
    std::int64_t amount = 0;
    Bytes raw;
    Hash hash{};
};

class Store {
public:
    explicit Store(const std::string &folder) : db_(open(folder + "/limit.db")) {}

    void insert_all(std::int64_t count) {
        begin_.run();
        for (std::int64_t i = 0; i < count; ++i) {
            const std::string id = "po_" + letters(26);
            const std::string external = "order-" + std::to_string(i);
            const auto to = random_bytes<20>();
            const auto request_hash = random_bytes<32>();
            const std::string amount = std::to_string(1'000'000 + i);
            insert_.run(id, std::string_view(""), external, blob(request_hash), kChain, blob(token_),
                        std::string_view("USDT"), std::int64_t{6}, blob(to), amount, std::int64_t{0}, std::int64_t{0},
                        std::int64_t{0}, now());
            tell(id, 1, "payout.pending", external, to, amount, "pending\",\"state\":\"accepted\"}");
        }
        advance_.run(count);
        commit_.run();
    }

    std::vector<Signed> pick(std::int64_t most) {
        std::vector<Signed> out;
        pick_.start(kChain, now(), most);
        while (pick_.step()) {
            Signed &s = out.emplace_back();
            s.row = sqlite3_column_int64(pick_.row(), 0);
            s.payout_id = reinterpret_cast<const char *>(sqlite3_column_text(pick_.row(), 1));
            s.external_id = reinterpret_cast<const char *>(sqlite3_column_text(pick_.row(), 2));
            std::memcpy(s.to.data(), sqlite3_column_blob(pick_.row(), 3), s.to.size());
            s.amount = sqlite3_column_int64(pick_.row(), 4);
        }
        return out;
    }

    void sign(Signed &s) {
        s.nonce = nonce_++;
        Rlp rlp;
        rlp.number(static_cast<std::uint64_t>(kChain));
        rlp.number(static_cast<std::uint64_t>(s.nonce));
        for (const std::int64_t v : {kTip, kMaxFee, kGas}) rlp.number(static_cast<std::uint64_t>(v));
        rlp.bytes(token_.data(), token_.size());
        rlp.number(0);
        std::array<std::uint8_t, 68> data{0xa9, 0x05, 0x9c, 0xbb};
        std::memcpy(data.data() + 16, s.to.data(), s.to.size());
        for (std::size_t i = 0; i < 8; ++i) data[67 - i] = static_cast<std::uint8_t>(s.amount >> (8 * i));
        rlp.bytes(data.data(), data.size());
        rlp.out.push_back(0xc0);
        std::array<std::uint8_t, 64> signature;
        rlp.number(static_cast<std::uint64_t>(key_.sign(keccak(rlp.typed()), signature)));
        rlp.number(signature.data(), 32);
        rlp.number(signature.data() + 32, 32);
        s.raw = rlp.typed();
        s.hash = keccak(s.raw);
    }

    void store_signed(const std::vector<Signed> &batch) {
        begin_.run();
        lane_.run(nonce_);
        for (const Signed &s : batch) {
            sign_.run(blob(sender_), s.nonce, blob(s.hash), now(), s.row);
            attempt_.run(s.row, blob(s.raw), blob(s.hash), kGas, std::to_string(kMaxFee), std::to_string(kTip), now());
        }
        commit_.run();
    }

    void store_sent(const std::vector<Signed> &batch) {
        begin_.run();
        guard_.run();
        for (const Signed &s : batch) post_.run(now(), s.row);
        for (const Signed &s : batch)
            tell(s.payout_id, 2, "payout.sent", s.external_id, s.to, std::to_string(s.amount),
                 "sent\",\"state\":\"sent\",\"sender\":\"" + hex(sender_.data(), sender_.size()) + "\",\"nonce\":" +
                     std::to_string(s.nonce) + ",\"tx_hash\":\"" + hex(s.hash.data(), s.hash.size()) + "\"}");
        advance_.run(static_cast<std::int64_t>(batch.size()));
        commit_.run();
    }

private:
    static std::int64_t now() {
        timespec t{};
        clock_gettime(CLOCK_REALTIME, &t);
        return t.tv_sec * 1'000'000 + t.tv_nsec / 1'000;
    }
    static std::string letters(std::size_t count) {
        std::string out;
        while (out.size() < count) out += "0123456789abcdefghjkmnpqrstvwxyz"[next_random() & 31];
        return out;
    }
    // Ids of events are in the order of time.
    void tell(const std::string &subject, std::int64_t sequence, std::string_view type, const std::string &external,
              const std::array<std::uint8_t, 20> &to, const std::string &amount, const std::string &rest) {
        char id[32];
        std::snprintf(id, sizeof id, "ev_%010lld", static_cast<long long>(++position_));
        const std::string data = "{\"payout\":\"" + subject + "\",\"external_id\":\"" + external +
                                 "\",\"chain_id\":1337,\"token\":\"USDT\",\"to\":\"" + hex(to.data(), to.size()) +
                                 "\",\"amount\":\"" + amount + "\",\"status\":\"" + rest;
        event_.run(position_, id + letters(16), std::string_view(""), subject, sequence, type, now(), data);
    }

    struct Close {
        sqlite3 *db;
        ~Close() { sqlite3_close(db); }
    };
    sqlite3 *db_;
    Close close_{db_};
    Key key_;
    const std::array<std::uint8_t, 20> token_ = random_bytes<20>();
    const std::array<std::uint8_t, 20> sender_ = random_bytes<20>();
    std::int64_t nonce_ = 0;
    std::int64_t position_ = 0;
    Statement begin_{db_, "BEGIN IMMEDIATE"};
    Statement commit_{db_, "COMMIT"};
    Statement insert_{db_, "INSERT INTO payouts (payout_id, tenant, external_id, request_hash, chain, token, symbol,"
                           " decimals, recipient, amount, rank_no, not_before, deadline, state, reason, doubt,"
                           " mined_ok, fee_paid, created_us, sent_us, mined_us, finished_us, version)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 10, '', '', 0, '0', ?, 0, 0, 0, 0)"};
    Statement event_{db_, "INSERT INTO events (position, event_id, tenant, subject, subject_sequence, type, version,"
                          " time_us, data) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)"};
    Statement advance_{db_, "UPDATE sequence SET value = value + ? WHERE name = 'events'"};
    Statement pick_{db_, "SELECT id, payout_id, external_id, recipient, amount FROM payouts WHERE chain = ?"
                         " AND state = 10 AND not_before <= ? ORDER BY rank_no, id LIMIT ?"};
    Statement lane_{db_, "UPDATE lanes SET next_nonce = ?, version = version + 1 WHERE id = 1 AND epoch = 1"};
    Statement guard_{db_, "UPDATE lanes SET version = version + 1 WHERE id = 1 AND epoch = 1"};
    Statement sign_{db_, "UPDATE payouts SET state = 20, sender = ?, nonce = ?, tx_hash = ?, signed_us = ?,"
                         " version = version + 1 WHERE id = ? AND state = 10"};
    Statement attempt_{db_, "INSERT INTO attempts (payout, k, raw, hash, gas, max_fee, tip, signed_us, posts, answer,"
                            " answer_text) VALUES (?, 0, ?, ?, ?, ?, ?, ?, 0, -1, '')"};
    Statement post_{db_, "UPDATE payouts SET state = 30, sent_us = ?, version = version + 1 WHERE id = ? AND state = "
                         "20"};
};

void sign_loop(double seconds) {
    const Key key;
    Hash digest{};
    std::array<std::uint8_t, 64> signature;
    std::size_t count = 0;
    const auto start = Steady::now();
    double elapsed = 0;
    for (; elapsed < seconds; elapsed = seconds_since(start))
        for (int i = 0; i < 100; ++i, ++count) {
            std::memcpy(digest.data(), &count, sizeof count);
            key.sign(digest, signature);
        }
    std::printf("%.1f\n", static_cast<double>(count) / elapsed);
}

void send_loop(const std::string &folder, std::int64_t count, std::int64_t size) {
    Store store(folder);
    const auto start = Steady::now();
    store.insert_all(count);
    const double inserting = seconds_since(start);
    const auto then = Steady::now();
    std::int64_t sent = 0;
    for (auto batch = store.pick(size); !batch.empty(); batch = store.pick(size)) {
        for (Signed &s : batch) store.sign(s);
        store.store_signed(batch);
        store.store_sent(batch);
        sent += static_cast<std::int64_t>(batch.size());
    }
    const double sending = seconds_since(then);
    check(sent == count, "sending all");
    std::printf("%.6f %.6f\n", inserting, sending);
}

}  // namespace

int main(int argc, char **argv) {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "sign" && argc == 3)
        sign_loop(std::atof(argv[2]));
    else if (mode == "send" && argc == 5)
        send_loop(argv[2], std::atoll(argv[3]), std::atoll(argv[4]));
    else
        check(false, "usage: payouts_limit sign <seconds> | send <folder> <payouts> <batch>");
    return 0;
}
