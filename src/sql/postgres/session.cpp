#include "sql/postgres/session.hpp"

#include "sql/dialect.hpp"
#include "sql/postgres/server_text.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace remit::sql::pg {
namespace {

constexpr Sql kBegin{"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
constexpr Sql kBeginRead{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Sql kCommit{"COMMIT"};
constexpr Sql kRollback{"ROLLBACK"};
constexpr Sql kTime{"SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"};

constexpr int kOldestServer = 120'000;

// A signal to the host's process says nothing of the server.
int poll_on(pollfd &ready, std::int64_t ms) {
    int found = -1;
    do found = ::poll(&ready, 1, static_cast<int>(ms));
    while (found < 0 && errno == EINTR);
    return found;
}

}  // namespace

std::int64_t Answer::changed() const {
    return std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
}

Session::~Session() {
    if (connection_ != nullptr) PQfinish(connection_);
}

Result<std::unique_ptr<Session>> Session::open(Shared &shared) {
    std::unique_ptr<Session> session(new Session(shared));
    REMIT_CHECK(session->connect());
    REMIT_CHECK(session->check_server());
    REMIT_CHECK(session->set_up());
    return session;
}

Result<void> Session::connect() {
    const std::string timeout = std::to_string(std::max<std::int64_t>(1, (shared_.options.connect_ms + 999) / 1'000));
    const std::string name = "remit " + shared_.owner;
    // What the URL says goes over what stands before it, and what stands after goes over the URL.
    const char *const words[] = {"connect_timeout",
                                 "fallback_application_name",
                                 "keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 "tcp_user_timeout",
                                 "dbname",
                                 "client_encoding",
                                 nullptr};
    const char *const texts[] = {timeout.c_str(), name.c_str(), "10", "5", "3", "30000", shared_.options.url.c_str(),
                                 "UTF8",          nullptr};
    connection_ = PQconnectdbParams(words, texts, 1);
    if (connection_ == nullptr) return error(Status::no_memory, "no memory for a connection");
    if (PQstatus(connection_) != CONNECTION_OK)
        return error(Status::store, shared_.where + ": " + cleaned(PQerrorMessage(connection_)));
    PQsetNoticeReceiver(
        connection_, [](void *, const PGresult *) {}, nullptr);
    return {};
}

Result<void> Session::check_server() {
    const int version = PQserverVersion(connection_);
    if (version < kOldestServer)
        return invalid("database", "is on PostgreSQL " + std::to_string(version / 10'000) + "; 12 or newer is needed");
    const char *encoding = PQparameterStatus(connection_, "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8")
        return invalid("database", std::string("must be in UTF8; its encoding is ") +
                                       (encoding == nullptr ? "not known" : encoding));
    const ResultPtr told(PQexec(connection_,
                                "SELECT pg_is_in_recovery(), pid, (extract(epoch FROM backend_start) * 1000000)::bigint"
                                " FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()"));
    if (PQresultStatus(told.get()) != PGRES_TUPLES_OK || PQntuples(told.get()) != 1) return failure(told.get()).error;
    backend_.pid = std::strtoll(PQgetvalue(told.get(), 0, 1), nullptr, 10);
    backend_.started_us = std::strtoll(PQgetvalue(told.get(), 0, 2), nullptr, 10);
    if (PQgetvalue(told.get(), 0, 0)[0] == 't')
        return invalid("database", "is on a standby, which only reads; the primary is needed");
    return {};
}

Result<void> Session::set_up() {
    const PostgresOptions &o = shared_.options;
    std::string sql = "SET synchronous_commit = on; SET standard_conforming_strings = on;"
                      " SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off;"
                      " SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
                      " SET client_min_messages = error;";
    sql += " SET lock_timeout = " + std::to_string(o.lock_ms) + ";";
    sql += " SET statement_timeout = " + std::to_string(o.answer_ms) + ";";
    sql += " SET idle_in_transaction_session_timeout = " + std::to_string(o.idle_ms) + ";";
    // A transaction that waits for a lock ends with its client, too.
    if (PQserverVersion(connection_) >= 140'000) sql += " SET client_connection_check_interval = '1s';";
    if (!o.schema.empty()) sql += " SET search_path = " + quoted(o.schema) + ";";
    const ResultPtr set(PQexec(connection_, sql.c_str()));
    if (PQresultStatus(set.get()) != PGRES_COMMAND_OK) return failure(set.get()).error;
    if (PQsetnonblocking(connection_, 1) != 0 || PQenterPipelineMode(connection_) != 1)
        return error(Status::store, shared_.where + ": no pipeline");
    return {};
}

Session::Statement &Session::statement(const Sql &sql) {
    Statement &found = statements_[sql.text];
    if (!found.text.empty()) return found;
    Numbered numbered = with_numbers(with_prefix(sql.text, shared_.options.prefix));
    found.text = std::move(numbered.text);
    found.params = numbered.params;
    if (const auto table = insert_table(sql.text)) {
        const std::lock_guard lock(shared_.mutex);
        found.inserts = true;
        found.returns_id = shared_.tables_with_id.contains(*table);
        found.text += found.returns_id ? " ON CONFLICT DO NOTHING RETURNING id" : " ON CONFLICT DO NOTHING";
    }
    return found;
}

// Puts one statement into the round trip, and before it, once, its preparation.
bool Session::send(Statement &statement, std::span<const SqlParam> params) {
    if (statement.name.empty()) {
        statement.types = types_of(params);
        statement.name = "r" + std::to_string(++named_);
        if (PQsendPrepare(connection_, statement.name.c_str(), statement.text.c_str(),
                          static_cast<int>(statement.types.size()), statement.types.data()) != 1) {
            statement.name.clear();
            return false;
        }
        being_prepared_.push_back(&statement);
        ++sent_;
    }
    values_.set(params, statement.types);
    being_prepared_.push_back(nullptr);
    ++sent_;
    return PQsendQueryPrepared(connection_, statement.name.c_str(), values_.count(), values_.values(),
                               values_.lengths(), values_.formats(), 1) == 1;
}

Answer Session::refuse(Error error) {
    Answer out;
    out.failure = Failure{std::move(error), false, {}};
    return out;
}

Answer Session::run(Statement &statement, std::span<const SqlParam> params, Before before, After after, bool commits) {
    if (auto fits = check_values(params); !fits.ok()) return refuse(std::move(fits).error());
    if (static_cast<std::size_t>(statement.params) != params.size())
        return refuse(error(Status::broken, "wrong number of parameters for: " + statement.text));
    bool sent = true;
    if (before != Before::nothing) sent = send(this->statement(before == Before::begin ? kBegin : kBeginRead), {});
    sent = sent && send(statement, params);
    const int wanted = sent_ - 1;
    if (after == After::commit) sent = sent && send(this->statement(kCommit), {});
    if (!sent) return lost(false);
    return settle(wanted, commits);
}

Answer Session::run_text(const std::string &sql, std::span<const SqlParam> params, Before before) {
    if (auto fits = check_values(params); !fits.ok()) return refuse(std::move(fits).error());
    bool sent = before == Before::nothing || send(statement(kBegin), {});
    values_.set(params, {});
    being_prepared_.push_back(nullptr);
    const int wanted = sent_++;
    sent = sent && PQsendQueryParams(connection_, sql.c_str(), values_.count(), nullptr, values_.values(),
                                     values_.lengths(), values_.formats(), 1) == 1;
    return sent ? settle(wanted, false) : lost(false);
}

Answer Session::commit() {
    Answer done = run(statement(kCommit), {}, Before::nothing, After::nothing, true);
    // A transaction in which something failed answers a COMMIT with ROLLBACK.
    if (done.ok() && std::string_view(PQcmdStatus(done.result.get())) != "COMMIT")
        return refuse(error(Status::broken, "the server rolled the transaction back"));
    return done;
}

Answer Session::rollback() {
    return run(statement(kRollback), {}, Before::nothing, After::nothing, false);
}

void Session::end_later() {
    if (!send(statement(kCommit), {}) || PQpipelineSync(connection_) != 1 || PQflush(connection_) < 0) {
        over_ = true;
        return;
    }
    sent_ = 0;
    being_prepared_.clear();
    ++unread_;
}

// Ends the round trip with a synchronisation point and takes the answers up to it.
Answer Session::settle(int wanted, bool commits) {
    if (PQpipelineSync(connection_) != 1) return lost(commits);
    for (; unread_ > 0; --unread_)
        if (receive(-1, false); over_) return lost(commits);
    return receive(wanted, commits);
}

// Waits until the server can be read from, writing meanwhile what is not sent yet.
bool Session::wait() {
    const int flushed = PQflush(connection_);
    if (flushed < 0) return false;
    pollfd ready{PQsocket(connection_), static_cast<short>(flushed == 1 ? POLLIN | POLLOUT : POLLIN), 0};
    if (poll_on(ready, patience_ms_) <= 0) return false;
    return (ready.revents & (POLLIN | POLLERR | POLLHUP)) == 0 || PQconsumeInput(connection_) == 1;
}

Answer Session::receive(int wanted, bool commits) {
    Answer out;
    for (int entry = 0, nothing = 0;;) {
        while (PQisBusy(connection_) != 0)
            if (!wait()) return lost(commits);
        ResultPtr result(PQgetResult(connection_));
        if (result == nullptr) {
            ++entry;  // what follows is of the next entry
            if (PQstatus(connection_) == CONNECTION_BAD || ++nothing > 2) return lost(commits);
            continue;
        }
        nothing = 0;
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_PIPELINE_SYNC) break;
        if (status == PGRES_PIPELINE_ABORTED) continue;
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            if (wanted >= 0 && entry < sent_ && being_prepared_[static_cast<std::size_t>(entry)] != nullptr)
                being_prepared_[static_cast<std::size_t>(entry)] = nullptr;
            if (entry == wanted) out.result = std::move(result);
            continue;
        }
        const char *severity = PQresultErrorField(result.get(), PG_DIAG_SEVERITY_NONLOCALIZED);
        if (severity == nullptr || std::string_view(severity) != "ERROR") return lost(commits);
        if (!out.failure) out.failure = failure(result.get());
    }
    if (wanted < 0) return out;
    for (Statement *unprepared : being_prepared_)
        if (unprepared != nullptr) unprepared->name.clear();
    being_prepared_.clear();
    sent_ = 0;
    if (out.ok() && out.result == nullptr) return lost(commits);
    return out;
}

Answer Session::lost(bool commits) {
    over_ = true;
    if (commits) in_doubt_ = backend_;
    const std::string why = cleaned(PQerrorMessage(connection_));
    return refuse(error(commits ? Status::store_lost : Status::store,
                        shared_.where + ": the connection was lost" + (why.empty() ? "" : ": " + why)));
}

bool Session::alive() {
    if (over_) return false;
    pollfd ready{PQsocket(connection_), POLLIN, 0};
    const int readable = poll_on(ready, 0);
    if (readable == 0) return true;
    if (readable < 0 || unread_ == 0) return false;  // the server says something unasked: mostly that it ends
    for (; unread_ > 0; --unread_)
        if (receive(-1, false); over_) return false;
    return true;
}

Result<Session::ServerTime> Session::server_time() {
    Clock &clock = *shared_.options.clock;
    const std::int64_t began = clock.boot_us();
    const Answer got = run(statement(kTime), {}, Before::nothing, After::nothing, false);
    if (!got.ok()) return got.failure->error;
    return ServerTime{Row(got.result.get(), 0).integer(0), clock.boot_us() - began};
}

std::string Session::cleaned(std::string text) const {
    if (shared_.password.size() >= 3)
        for (std::size_t at; (at = text.find(shared_.password)) != std::string::npos;)
            text.replace(at, shared_.password.size(), "...");
    const auto control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
    std::ranges::replace_if(text, control, ' ');
    text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }), text.end());
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

// The first message only: details may carry values of rows.
Failure Session::failure(const PGresult *result) const {
    const auto field = [result](int which) {
        const char *text = PQresultErrorField(result, which);
        return std::string(text == nullptr ? "" : text);
    };
    const std::string state = field(PG_DIAG_SQLSTATE);
    const std::string_view kind = std::string_view(state).substr(0, 2);
    const std::string text = cleaned(field(PG_DIAG_MESSAGE_PRIMARY)) + " (" + state + ")";
    const auto is = [&](Status status, bool where) {
        return Failure{error(status, where ? shared_.where + ": " + text : text), false, state};
    };
    if (state == "23505" || state == "23P01") return is(Status::mismatch, false);
    if (kind == "23") return is(Status::state, false);
    if (state == "40001" || state == "40P01") return {is(Status::store, true).error, true, state};
    if (state == "22021" || state == "22P05") return {invalid("values", text), false, state};
    if (state == "53200") return is(Status::no_memory, true);
    if (state == "XX001" || state == "XX002") return is(Status::corrupt, true);
    const bool mistake = state == "08P01" || (kind == "42" && state != "42501") || kind == "22" || kind == "0A" ||
                         (kind == "25" && state != "25006") || kind == "54";
    // What is left: full, shutting down, timed out, not allowed.
    return mistake ? is(Status::broken, false) : is(Status::store, true);
}

}  // namespace remit::sql::pg
