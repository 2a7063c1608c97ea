#include "sql/postgres/transaction.hpp"

#include "sql/postgres/server_text.hpp"

namespace remit::sql::pg {
namespace {

constexpr Sql kLastValue{"SELECT lastval()"};

std::int64_t each_row(const Answer &answer, const SqlRowFn &row) {
    for (int i = 0; i < answer.rows(); ++i)
        if (row && !row(Row(answer.result.get(), i))) return i + 1;
    return answer.rows();
}

// What the server said of a host's statement, as the host reads it.
Failure of_host(Failure failure) {
    const std::string_view state = failure.sqlstate;
    const std::string_view kind = state.substr(0, 2);
    Error &e = failure.error;
    if (state == "08P01")
        e = invalid("values", e.text);
    else if (kind == "23" || kind == "P0" || kind == "44")  // a constraint, a trigger's RAISE, a view's CHECK OPTION
        e = {Status::refused, "sql", e.text};
    else if (e.status == Status::broken || state == "42501")
        e = invalid("sql", e.text);
    return failure;
}

}  // namespace

// Remembers the first failure: from then on nothing more is done.
Result<Answer> Transaction::keep(Answer answer) {
    if (answer.ok()) return answer;
    failure_ = std::move(answer.failure);
    return failure_->error;
}

Result<Answer> Transaction::step(const Sql &sql, std::span<const SqlParam> params, bool last) {
    if (failure_) return failure_->error;
    if (state_ == State::over) return error(Status::broken, "a statement after the last one of a transaction");
    Session::Statement &statement = session_.statement(sql);
    const bool fresh = state_ == State::fresh;
    const bool alone = fresh && last;
    // An INSERT that finds its key taken must leave the decision to the function.
    const bool with_commit = last && !fresh && !statement.inserts;
    REMIT_TRY(Answer answer, keep(session_.run(statement, params, fresh && !last ? Before::begin : Before::nothing,
                                               with_commit ? After::commit : After::nothing, alone || with_commit)));
    state_ = alone || with_commit ? State::over : State::open;
    committed_ = state_ == State::over;
    return answer;
}

Result<Answer> Transaction::step_text(const std::string &sql, std::span<const SqlParam> params) {
    if (failure_) return failure_->error;
    if (state_ == State::over) return error(Status::broken, "a statement after the last one of a transaction");
    Answer answer = session_.run_text(sql, params, state_ == State::fresh ? Before::begin : Before::nothing);
    if (answer.ok()) state_ = State::open;
    return answer;
}

Result<std::int64_t> Transaction::query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) {
    REMIT_TRY(const Answer answer, step(sql, params, false));
    return each_row(answer, row);
}

Result<std::int64_t> Transaction::counted(const Sql &sql, std::span<const SqlParam> params, bool last) {
    REMIT_TRY(const Answer answer, step(sql, params, last));
    const std::int64_t changed = answer.changed();
    const Session::Statement &statement = session_.statement(sql);
    if (!statement.inserts) return changed;
    if (changed == 0) {
        if (state_ == State::over) {  // it did nothing: the function may go on
            state_ = State::fresh;
            committed_ = false;
        }
        return error(Status::mismatch, "a row with the same key is there already");
    }
    last_id_ = statement.returns_id ? Row(answer.result.get(), answer.rows() - 1).integer(0) : 0;
    return changed;
}

Result<std::int64_t> Transaction::exec(const Sql &sql, std::span<const SqlParam> params) {
    return counted(sql, params, false);
}

Result<std::int64_t> Transaction::exec_last(const Sql &sql, std::span<const SqlParam> params) {
    return counted(sql, params, true);
}

Result<std::int64_t> Transaction::exec_host(std::string_view sql, std::span<const SqlParam> params) {
    REMIT_CHECK(check_host_statement(sql));
    REMIT_TRY(Answer answer, step_text(std::string(sql), params));
    if (answer.failure) answer.failure = of_host(*std::move(answer.failure));
    if (answer.ok() && !session_.in_transaction())
        answer.failure = Failure{invalid("sql", "may not end the transaction"), false, {}};
    REMIT_TRY(answer, keep(std::move(answer)));
    return answer.changed();
}

Result<void> Transaction::script(const std::string &sql) {
    REMIT_TRY(Answer answer, step_text(sql, {}));
    REMIT_CHECK(keep(std::move(answer)));
    return {};
}

Result<std::int64_t> Transaction::last_insert_id() {
    if (last_id_ != 0) return last_id_;
    std::int64_t id = 0;
    REMIT_CHECK(query(kLastValue, {}, [&](const SqlRow &row) {
        id = row.integer(0);
        return false;
    }));
    return id;
}

Result<void> Transaction::finish(Result<void> said) {
    const bool open = session_.usable() && session_.begun();
    if (failure_ || !said.ok()) {
        if (open) (void)session_.rollback();
        // The function may have said more of it; of a commit's fate it knows nothing.
        const bool unknown = failure_ && failure_->error.status == Status::store_lost;
        return said.ok() || unknown ? Result<void>(failure_->error) : said;
    }
    if (state_ != State::open) return {};
    Answer done = session_.commit();
    if (!done.ok() && session_.usable() && session_.begun()) (void)session_.rollback();
    committed_ = done.ok();
    REMIT_CHECK(keep(std::move(done)));
    return {};
}

Result<std::int64_t> Snapshot::query(const Sql &sql, std::span<const SqlParam> params, const SqlRowFn &row) {
    if (!session_.usable()) return error(Status::store, "the connection was lost");
    const Answer answer = session_.run(session_.statement(sql), params, begun_ ? Before::nothing : Before::begin_read,
                                       After::nothing, false);
    begun_ = true;
    if (!answer.ok()) return answer.failure->error;
    return each_row(answer, row);
}

}  // namespace remit::sql::pg
