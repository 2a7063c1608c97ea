// The kit of database_conformance.hpp, in two files: what one user of a database sees, and what many and a host see.
#pragma once

#include <remit/testing/database_conformance.hpp>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace remit::testing::kit {

inline constexpr Sql kInsert{"INSERT INTO remit_conformance_rows (k, n) VALUES (?, ?)"};
inline constexpr Sql kByKey{"SELECT n, t, b, id FROM remit_conformance_rows WHERE k = ?"};
inline constexpr Sql kAdd{"UPDATE remit_conformance_rows SET n = n + ? WHERE k = ?"};

inline Result<void> done(const Result<std::int64_t> &result) {
    return result.ok() ? Result<void>() : Result<void>(result.error());
}

class Kit {
public:
    explicit Kit(DatabaseBench &bench) : bench_(bench) {}
    std::vector<std::string> run();

private:
    void that(bool holds, std::string promise) {
        if (!holds) broken_.push_back(std::move(promise));
    }
    void ok(const Result<void> &result, const std::string &what) {
        that(result.ok(), what + " fails: " + (result.ok() ? "" : result.error().field + " " + result.error().text));
    }
    void is(const Result<void> &result, Status status, const std::string &what) {
        if (result.status() == status) return;
        that(false, what + " is " + std::string(status_name(result.status())) + ", not " +
                        std::string(status_name(status)) + (result.ok() ? "" : ": " + result.error().text));
    }
    // -1: no row.
    std::int64_t number(const Sql &sql, SqlParams params) { return number(*db_, sql, params); }
    std::int64_t number(Database &db, const Sql &sql, SqlParams params) {
        std::int64_t out = -1;
        ok(db.read([&](SqlReader &reader) {
            return done(reader.query(sql, params, [&](const SqlRow &row) {
                out = row.integer(0);
                return true;
            }));
        }),
           "a read");
        return out;
    }
    bool has(const char *key) { return number(kByKey, {key}) >= 0; }
    std::string host(const Sql &sql) { return db_->text_of(sql); }
    Result<void> host_run(const std::string &sql, const std::vector<SqlParam> &params) {
        return db_->transact([&](SqlTx &tx) -> Result<void> {
            REMIT_CHECK(tx.exec(kInsert, {"with_host", 1}));
            return done(tx.exec_host(sql, params));
        });
    }
    void at_once(const std::function<void(int)> &work) {
        std::vector<std::thread> threads;
        for (int i = 0; i < bench_.threads; ++i) threads.emplace_back([&work, i] { work(i); });
        for (std::thread &thread : threads) thread.join();
    }

    void migrations();
    void values();
    void counts();
    void conflicts();
    void undone();
    void last();
    void nested();
    void readers();
    void submitted();
    void host_statements();
    void host_refusals();
    void leases();
    void owners();
    void many_writers();
    void crossing();

    DatabaseBench &bench_;
    std::unique_ptr<Database> db_;
    std::vector<std::string> broken_;
};

}  // namespace remit::testing::kit
