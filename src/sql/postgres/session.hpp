// One connection to the server, in pipeline mode: its settings, its prepared statements, its errors as ours. Used by
// one thread at a time.
//
// A round trip carries one statement and what begins and ends its transaction. What is known when one fails:
//   the server said no            the transaction is undone, also when the commit was sent along
//   no answer, no commit sent     Store: the server undoes what it has
//   no answer, commit sent        StoreLost: it may have been done
// After either of the last two the connection is over.
#pragma once

#include "sql/postgres/postgres.hpp"
#include "sql/postgres/values.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace remit::sql::pg {

// What all connections of one database share.
struct Shared {
    PostgresOptions options;
    std::string owner;
    std::string where;     // host, port and name of the database, as errors may show them
    std::string password;  // of the URL; cut out of whatever text the library gives
    std::mutex mutex;
    std::set<std::string, std::less<>> tables_with_id;  // under the mutex
};

struct Failure {
    Error error;
    bool again = false;    // a deadlock or a serialization failure: the whole transaction may be run again
    std::string sqlstate;  // of the server's answer; empty when there was none
};

// An answer, or why there is none.
struct Answer {
    ResultPtr result;
    std::optional<Failure> failure;
    bool ok() const { return !failure.has_value(); }
    int rows() const { return PQntuples(result.get()); }
    std::int64_t changed() const;
};

enum class Before { nothing, begin, begin_read };
enum class After { nothing, commit };

class Session {
public:
    // Connects and sets the session up. Invalid for a server that cannot be used, else Store.
    static Result<std::unique_ptr<Session>> open(Shared &shared);
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    struct Statement {
        std::string name;  // the server's; empty until it is prepared
        std::string text;
        std::vector<Oid> types;
        int params = 0;
        bool inserts = false;
        bool returns_id = false;
    };
    // The statement as this connection knows it; valid as long as the session.
    Statement &statement(const Sql &sql);
    // `commits` says that the server makes it durable when it answers: alone, or with a COMMIT after it.
    Answer run(Statement &statement, std::span<const SqlParam> params, Before before, After after, bool commits);
    // Text that is not kept, inside a transaction that is begun first unless it was.
    Answer run_text(const std::string &sql, std::span<const SqlParam> params, Before before);
    Answer commit();
    Answer rollback();
    // Ends a reading transaction; its answer is taken when the connection is used next.
    void end_later();

    // Microseconds of the server's clock, and how long asking took.
    struct ServerTime {
        std::int64_t now_us, took_us;
    };
    Result<ServerTime> server_time();

    bool usable() const { return !over_; }
    // The server's process at the other end.
    struct Backend {
        std::int64_t pid = 0, started_us = 0;
    };
    // When a commit was sent and not answered: the process that may still be at it.
    const std::optional<Backend> &in_doubt() const { return in_doubt_; }
    // Whether the connection stands, before it is used after a pause.
    bool alive();
    bool in_transaction() const { return PQtransactionStatus(connection_) == PQTRANS_INTRANS; }
    // The same, also of one in which something failed.
    bool begun() const { return in_transaction() || PQtransactionStatus(connection_) == PQTRANS_INERROR; }
    // How long an answer is waited for from here on.
    void be_quick(std::int64_t answer_ms) { patience_ms_ = answer_ms; }
    // Forgets the connection without a word to the server: it is the parent process's.
    void abandon() { connection_ = nullptr; }

private:
    // The server gives up first, by statement_timeout; ours is for one that is gone without a word.
    explicit Session(Shared &shared) : shared_(shared), patience_ms_(shared.options.answer_ms + kMoreMs) {}
    static constexpr std::int64_t kMoreMs = 5'000;
    Result<void> connect();
    Result<void> check_server();
    Result<void> set_up();
    bool send(Statement &statement, std::span<const SqlParam> params);
    Answer settle(int wanted, bool commits);
    Answer receive(int wanted, bool commits);
    bool wait();
    Answer refuse(Error error);
    Answer lost(bool commits);
    Failure failure(const PGresult *result) const;
    std::string cleaned(std::string text) const;

    Shared &shared_;
    std::int64_t patience_ms_;
    PGconn *connection_ = nullptr;
    std::unordered_map<const char *, Statement> statements_;
    Values values_;
    int named_ = 0;
    int sent_ = 0;                             // entries of the round trip in the making
    std::vector<Statement *> being_prepared_;  // by entry; null for what is not a Parse
    int unread_ = 0;                           // round trips whose answers were left for later
    bool over_ = false;
    Backend backend_;
    std::optional<Backend> in_doubt_;
};

}  // namespace remit::sql::pg
