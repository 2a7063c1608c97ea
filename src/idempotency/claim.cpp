// The claim in the host's hands.
#include "idempotency/claims.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <utility>

namespace remit::idempotency {

namespace {

constexpr std::size_t kPointMax = 255;
constexpr std::size_t kDataMax = 256 * 1024;
constexpr std::size_t kStatementsMax = 1'000;
constexpr std::size_t kHeadersMax = 16 * 1024;
constexpr std::int64_t kReleasedKeptUs = 7LL * 86'400 * kMicrosPerSecond;
constexpr std::int64_t kRetryMs = 1'000;

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

bool kept_header(std::string_view name) {
    constexpr std::string_view kKept[] = {
        "Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "ETag", "Last-Modified",
        "Link",         "Location"};
    return std::ranges::any_of(kKept, [&](std::string_view kept) { return same_name(kept, name); });
}

Result<void> check_header(const HttpHeader &header, const std::string &at) {
    const auto token = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    };
    if (header.name.empty() || !std::ranges::all_of(header.name, token)) return invalid(at, "is no header's name");
    const auto bad = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; };
    if (std::ranges::any_of(header.value, bad)) return invalid(at, "has a control character in its value");
    return {};
}

Error misuse(const char *text) {
    return Error{Status::misuse, "claim", text};
}

}  // namespace

Result<Reply> checked(const Reply &reply) {
    if (reply.status < 100 || reply.status > 599) return invalid("reply.status", "must be from 100 to 599");
    REMIT_CHECK(core::check_host_text(reply.result_ref, 0, 255, "reply.result_ref"));
    Reply out;
    out.status = reply.status;
    out.body = reply.body;
    out.result_ref = reply.result_ref;
    std::size_t size = 0;
    for (std::size_t i = 0; i < reply.headers.size(); ++i) {
        const HttpHeader &header = reply.headers[i];
        REMIT_CHECK(check_header(header, "reply.headers[" + std::to_string(i) + "]"));
        if (!kept_header(header.name)) continue;
        size += header.name.size() + header.value.size();
        out.headers.push_back(header);
    }
    if (size > kHeadersMax) return invalid("reply.headers", "are longer than 16 KiB together");
    out.body_len = static_cast<std::int64_t>(out.body.size());
    out.body_sha256 = crypto::sha256(view(out.body));
    return out;
}

Verdict verdict_of(const Record &record, std::int64_t utc_us) {
    switch (record.state) {
    case KeyState::in_progress:
    case KeyState::released: return Verdict::running;
    case KeyState::completed: return utc_us < record.expires_us ? Verdict::replay : Verdict::expired;
    case KeyState::unknown: return Verdict::unknown;
    case KeyState::tombstone: return Verdict::expired;
    }
    return Verdict::unknown;
}

namespace {

enum class Act { effect_begin, checkpoint, complete, release };

// One write of a claim: what it writes, and whether it found its row.
struct Write {
    Act act;
    EffectClass effect = EffectClass::none;
    std::string point, data;
    Reply reply;
    std::vector<HostStatement> statements;
};

// Of the claim object and its calls under way. The last of them gives back what is not completed.
struct Body {
    std::weak_ptr<Claims> claims;
    ClaimRequest request;
    Found found;
    std::shared_ptr<Right> right;  // none: nothing to work on

    // One call at a time, and in their order: one that does not wait follows the last.
    bool enter() {
        const std::lock_guard lock(mutex);
        return !std::exchange(busy, true);
    }
    void enter_or_follow(std::function<void()> begin) {
        {
            const std::lock_guard lock(mutex);
            if (std::exchange(busy, true)) return following.push_back(std::move(begin));
        }
        begin();
    }
    void leave() {
        std::function<void()> next;
        {
            const std::lock_guard lock(mutex);
            busy = !following.empty();
            if (!busy) return;
            next = std::move(following.front());
            following.pop_front();
        }
        next();
    }

    ~Body() {
        if (!right || right->over) return;
        if (const auto alive = claims.lock()) alive->give_back(right);
    }

private:
    std::mutex mutex;
    bool busy = false;
    std::deque<std::function<void()>> following;
};

SqlParam param_of(const HostValue &value) {
    switch (value.kind) {
    case HostValue::Kind::null: return {};
    case HostValue::Kind::integer: return value.integer;
    case HostValue::Kind::text: return std::string_view(value.data);
    case HostValue::Kind::bytes: return view(value.data);
    }
    return {};
}

Result<void> run_hosts(SqlTx &tx, const std::vector<HostStatement> &statements) {
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const HostStatement &s = statements[i];
        const std::string at = "statements[" + std::to_string(i) + "]";
        std::vector<SqlParam> params;
        for (const HostValue &value : s.values) params.push_back(param_of(value));
        auto rows = tx.exec_host(s.sql, params);
        if (!rows) {
            Error e = std::move(rows).error();
            e.field = e.field.empty() ? at : at + "." + e.field;
            return e;
        }
        const std::int64_t wanted = s.row_count < 0 ? 0 : s.row_count;
        if (s.row_count != 0 && *rows != wanted)
            return Error{Status::state, at,
                         "found " + std::to_string(*rows) + " rows instead of " + std::to_string(wanted)};
    }
    return {};
}

Error fenced_error() {
    return error(Status::fenced, "another has taken over, or the key is settled: look what became of it");
}

Result<void> write_row(const Claims &claims, SqlTx &tx, const Right &right, const Write &write) {
    const std::int64_t utc = claims.ports().clock.utc_us();
    Result<bool> done(false);
    switch (write.act) {
    case Act::effect_begin: done = rows::effect_begin(tx, right.row, right.epoch, write.effect); break;
    case Act::checkpoint: done = rows::checkpoint(tx, right.row, right.epoch, write.point, write.data); break;
    case Act::release: done = rows::release(tx, right.row, right.epoch, utc + kReleasedKeptUs, true); break;
    case Act::complete:
        done = rows::complete(tx,
                              {right.row, right.epoch, KeyState::in_progress, &write.reply, write.reply.body_sha256,
                               utc, utc + right.keep_us},
                              write.statements.empty());
        // Only then the host's: one that is too late, or was done before, must not hear of their constraints.
        if (done && *done) REMIT_CHECK(run_hosts(tx, write.statements));
        break;
    }
    REMIT_TRY(const bool found, std::move(done));
    if (!found) return fenced_error();
    return {};
}

// A write found no row in our epoch: it was done before all the same, or the key went on without us.
Result<void> learn(const Claims &claims, SqlReader &reader, Body &body, const Write &write) {
    REMIT_TRY(auto record, rows::by_id(reader, body.right->row));
    if (!record) {
        body.right->fenced = true;
        return fenced_error();
    }
    const bool same_epoch = record->ownership.epoch == body.right->epoch;
    if (same_epoch && write.act == Act::release && record->state == KeyState::released) return {};
    if (same_epoch && write.act == Act::release && record->state == KeyState::in_progress)
        return error(Status::state, "an effect was started: the key cannot be given back");
    if (same_epoch && record->state == KeyState::completed && write.act == Act::complete) {
        const bool same = record->reply.body_sha256 == write.reply.body_sha256 &&
                          record->reply.status == write.reply.status && record->reply.headers == write.reply.headers;
        if (same) return {};
        return Error{Status::mismatch, "reply", "the key was completed with another reply"};
    }
    if (same_epoch && record->state == KeyState::in_progress) {
        if (write.act == Act::effect_begin && record->effect != EffectClass::none)
            return Error{Status::state, "effect",
                         std::string("an effect is under way that is ") + effect_class_name(record->effect) +
                             ": put its result in a checkpoint first"};
        return error(Status::store, "the commit of another writer failed; the same call again");
    }
    body.right->fenced = true;
    body.found.verdict = verdict_of(*record, claims.ports().clock.utc_us());
    body.found.retry_ms = body.found.verdict == Verdict::running ? kRetryMs : 0;
    body.found.record = std::move(record);
    return fenced_error();
}

// After an end of which nobody knows whether it was committed, another may have the key; and what cannot be asked
// stays in doubt.
void in_doubt(Body &body, const Write &write, Result<void> &result) {
    const bool ends = write.act == Act::complete || write.act == Act::release;
    if (result.status() == Status::store && ends && body.right->doubtful)
        result = error(Status::store_lost, "it may have been done before, and the record cannot be read");
    if (result.status() == Status::store_lost && ends) body.right->doubtful = true;
}

// What a write that went through means for the claim.
void written(Claims &claims, Body &body, const Write &write) {
    if (write.act != Act::complete && write.act != Act::release) body.right->doubtful = false;
    if (write.act == Act::effect_begin) {
        body.found.record->effects_started = true;
        return;
    }
    if (write.act == Act::checkpoint) return;
    body.right->over = true;
    claims.forget(*body.right);
    claims.settled(body.request.tenant, body.request.space, body.request.key);
}

class Handle final : public Claim {
public:
    Handle(const std::shared_ptr<Claims> &claims, ClaimRequest request, Found found, std::shared_ptr<Right> right) :
        claims_(claims), body_(std::make_shared<Body>()) {
        body_->claims = claims;
        body_->request = std::move(request);
        body_->found = std::move(found);
        body_->right = std::move(right);
    }

    Verdict verdict() const override { return body_->found.verdict; }
    const ClaimRequest &request() const override { return body_->request; }
    std::int64_t epoch() const override { return body_->found.record->ownership.epoch; }
    std::int64_t retry_ms() const override { return body_->found.retry_ms; }
    const Reply &reply() const override { return body_->found.record->reply; }
    const std::string &doubt() const override { return body_->found.record->doubt; }
    const std::string &point() const override { return body_->found.record->point; }
    const std::string &data() const override { return body_->found.record->data; }
    EffectClass effect() const override { return body_->found.record->effect; }
    bool effects_started() const override { return body_->found.record->effects_started; }

    bool held() const override {
        const auto claims = claims_.lock();
        const Right *right = body_->right.get();
        return claims && right != nullptr && !right->fenced && !right->over && !right->doubtful &&
               claims->ports().clock.boot_us() < right->until_us;
    }

    Result<std::string> effect_key(std::string_view step) const override {
        REMIT_CHECK(core::check_host_text(step, 1, 255, "step"));
        core::JsonWriter json;
        json.begin_array().value(body_->request.tenant).value(body_->request.space).value(body_->request.key);
        json.value(step);
        if (body_->found.record->life > 0) json.value(body_->found.record->life);
        json.end_array();
        return core::derived_id("ek", crypto::sha256(view(json.take())));
    }

    Result<void> effect_begin(EffectClass effect) override { return write_now(beginning(effect)); }
    Result<void> checkpoint(std::string_view point, std::string_view data) override {
        return write_now(pointing(std::string(point), std::string(data)));
    }
    Result<void> complete(const Reply &reply, std::span<const HostStatement> statements) override {
        return write_now(completing(reply, {statements.begin(), statements.end()}));
    }
    Result<void> release() override { return write_now(Write{Act::release, {}, {}, {}, {}, {}}); }

    void effect_begin_async(EffectClass effect, std::function<void(Result<void>)> done) override {
        write_later(beginning(effect), std::move(done));
    }
    void checkpoint_async(std::string point, std::string data, std::function<void(Result<void>)> done) override {
        write_later(pointing(std::move(point), std::move(data)), std::move(done));
    }
    void complete_async(Reply reply, std::vector<HostStatement> statements,
                        std::function<void(Result<void>)> done) override {
        write_later(completing(reply, std::move(statements)), std::move(done));
    }
    void release_async(std::function<void(Result<void>)> done) override {
        write_later(Write{Act::release, {}, {}, {}, {}, {}}, std::move(done));
    }

    Result<std::vector<HostStatement>> complete_statements(const Reply &reply) override {
        REMIT_TRY(const auto claims, usable());
        REMIT_TRY(const Reply ready, checked(reply));
        const std::int64_t utc = claims->ports().clock.utc_us();
        return rows::complete_texts(claims->ports().database,
                                    {body_->right->row, body_->right->epoch, KeyState::in_progress, &ready,
                                     ready.body_sha256, utc, utc + body_->right->keep_us});
    }

private:
    Result<Write> beginning(EffectClass effect) const {
        if (effect < EffectClass::pure || effect > EffectClass::at_most_once)
            return Error{Status::misuse, "effect", "is no class of effects"};
        return Write{Act::effect_begin, effect, {}, {}, {}, {}};
    }
    Result<Write> pointing(std::string point, std::string data) const {
        REMIT_CHECK(core::check_host_text(point, 0, kPointMax, "point"));
        if (data.size() > kDataMax) return invalid("data", "is longer than 256 KiB");
        return Write{Act::checkpoint, {}, std::move(point), std::move(data), {}, {}};
    }
    Result<Write> completing(const Reply &reply, std::vector<HostStatement> statements) const {
        if (statements.size() > kStatementsMax) return invalid("statements", "are more than 1,000");
        REMIT_TRY(Reply ready, checked(reply));
        return Write{Act::complete, {}, {}, {}, std::move(ready), std::move(statements)};
    }

    Result<std::shared_ptr<Claims>> usable() const {
        auto claims = claims_.lock();
        if (!claims) return error(Status::closed, "the engine is closed");
        if (!body_->right) return misuse("gives no right to work on the key");
        return claims;
    }

    Result<void> write_now(Result<Write> wanted) {
        REMIT_TRY(const auto claims, usable());
        REMIT_TRY(const Write write, std::move(wanted));
        Body &body = *body_;
        if (!body.enter()) return misuse("has a call under way that does not wait");
        Result<void> done =
            claims->ports().database.transact([&](SqlTx &tx) { return write_row(*claims, tx, *body.right, write); });
        if (done.status() == Status::fenced)
            done =
                claims->ports().database.read([&](SqlReader &reader) { return learn(*claims, reader, body, write); });
        if (done) written(*claims, body, write);
        in_doubt(body, write, done);
        body.leave();
        return done;
    }

    void write_later(Result<Write> wanted, std::function<void(Result<void>)> done) {
        auto claims = usable();
        if (!claims) return done(std::move(claims).error());
        if (!wanted) return done(std::move(wanted).error());
        auto write = std::make_shared<const Write>(*std::move(wanted));
        const auto finish = [claims = *claims, body = body_, write, done = std::move(done)](Result<void> result) {
            if (result) written(*claims, *body, *write);
            in_doubt(*body, *write, result);
            done(std::move(result));
            body->leave();
        };
        body_->enter_or_follow([claims = *claims, body = body_, write, finish] {
            claims->ports().database.submit(
                [claims, body, write](SqlTx &tx) { return write_row(*claims, tx, *body->right, *write); },
                [claims, body, write, finish](Result<void> result) {
                    if (result.status() != Status::fenced) return finish(std::move(result));
                    claims->ports().database.submit(
                        [claims, body, write](SqlTx &tx) { return learn(*claims, tx, *body, *write); }, finish);
                    claims->ports().submitted();
                });
            claims->ports().submitted();
        });
    }

    std::weak_ptr<Claims> claims_;
    std::shared_ptr<Body> body_;
};

}  // namespace

std::unique_ptr<Claim> make_claim(const std::shared_ptr<Claims> &claims, ClaimRequest request, Found found,
                                  std::shared_ptr<Right> right) {
    return std::make_unique<Handle>(claims, std::move(request), std::move(found), std::move(right));
}

}  // namespace remit::idempotency
