#include "client.hpp"

#include <algorithm>

namespace remit::simulation::idempotency {

namespace {

constexpr int kUnheldMax = 4;  // turns that a client waits for its lease before it asks the record

std::string point_of(std::size_t step) {
    return "s" + std::to_string(step);
}
// What a step's checkpoint keeps.
std::string data_of(int key, std::size_t step) {
    return std::string("k") + std::to_string(key) + '\0' + point_of(step);
}

bool works(Verdict verdict) {
    return verdict == Verdict::execute || verdict == Verdict::recover;
}

int index_of(const History &history, const ClaimRequest &request) {
    for (std::size_t i = 0; i < history.keys.size(); ++i) {
        const Intent &k = history.keys[i];
        if (k.tenant == request.tenant && k.space == request.space && k.key == request.key) return static_cast<int>(i);
    }
    return -1;
}

}  // namespace

Fact Client::fact(Op op) const {
    Fact out;
    out.worker = worker_;
    out.client = number_;
    out.key = key_;
    out.op = op;
    out.right = right_;
    if (claim_ != nullptr) out.epoch = claim_->epoch();
    return out;
}

std::shared_ptr<Pending> Client::begin(Fact fact) {
    auto pending = std::make_shared<Pending>();
    pending->op = fact.op;
    pending->call = machine_.begin(std::move(fact));
    return pending;
}

// The answer as its caller sees it; a dead process's callers see nothing.
void Client::ended(const Pending &pending) {
    if (!own().power.on) return;
    Fact &out = machine_.add(What::ended, &own());
    out.client = number_;
    out.key = key_;
    out.call = pending.call;
    out.op = pending.op;
    out.status = pending.error ? pending.error->status : Status::ok;
    if (pending.op == Op::claim && out.status == Status::ok) machine_.seen.insert(key_);
    const Claim *claim = pending.claim ? pending.claim.get() : claim_.get();
    const bool tells = pending.claim != nullptr || out.status == Status::fenced;
    if (claim != nullptr && tells) {
        out.verdict = claim->verdict();
        out.epoch = claim->epoch();
        if (pending.op == Op::recover) out.key = index_of(machine_.history, claim->request());
        if (out.verdict == Verdict::replay) out.reply = spelt(claim->reply());
        if (out.verdict == Verdict::unknown && claim->doubt().empty()) machine_.wrong("an unknown key says no reason");
    }
    machine_.note("client " + std::to_string(number_) + " key " + std::to_string(out.key) + " call " +
                  std::to_string(pending.call) + ": " +
                  (out.status == Status::ok && tells ? std::string(verdict_name(out.verdict))
                                                     : std::string(status_name(out.status))));
}

void Client::claim(Worker &worker, int key, InFlight in_flight, bool other, bool async) {
    key_ = key;
    const Intent &k = intent();
    ClaimRequest request;
    request.tenant = k.tenant;
    request.space = k.space;
    request.key = k.key;
    request.operation = k.operation;
    const std::string &body = other ? k.other_request : k.request;
    if (!body.empty()) request.request = body;
    if (!k.request.empty() && k.request[0] == '{') {
        // Spelt another way each time, with a part that does not count.
        request.form = RequestForm::json;
        request.exclude = {"/trace"};
        request.request->insert(1, R"("trace":)" + std::to_string(machine_.random.range(1'000)) + " , ");
    }
    request.in_flight = in_flight;
    if (in_flight == InFlight::wait || machine_.random.range(2) == 0)
        request.wait_ms = machine_.random.between(1, 8'000);
    request.lease_ms = k.lease_ms;
    request.keep_ms = k.keep_ms;
    request.again_after_expiry = k.again_after_expiry;
    right_ = 0;
    Fact asked = fact(Op::claim);
    asked.other = other;
    pending_ = begin(std::move(asked));
    auto take_answer = [this, pending = pending_](Result<std::unique_ptr<Claim>> result) {
        if (pending->nobody) return;
        if (result.ok())
            pending->claim = *std::move(result);
        else
            pending->error = result.error();
        pending->there = true;
        ended(*pending);
    };
    if (async)
        worker.service->claim_async(std::move(request), take_answer);
    else
        take_answer(worker.service->claim(std::move(request)));
}

void Client::recover(Worker &worker, bool async) {
    key_ = -1;
    right_ = 0;
    ClaimRequest with;
    with.space = "orders";
    with.lease_ms = 2'000;
    with.keep_ms = 20'000;
    pending_ = begin(fact(Op::recover));
    auto take_answer = [this, pending = pending_](Result<std::unique_ptr<Claim>> result) {
        if (pending->nobody) return;
        if (result.ok())
            pending->claim = *std::move(result);
        else
            pending->error = result.error();
        pending->there = true;
        ended(*pending);
    };
    if (async)
        worker.service->recover_one_async(std::move(with), take_answer);
    else
        take_answer(worker.service->recover_one(std::move(with)));
}

void Client::detach(bool dead) {
    if (pending_ != nullptr) pending_->nobody = true;
    pending_.reset();
    if (claim_ != nullptr && !dead)
        machine_.history.facts.push_back([&] {
            Fact out = fact(Op::claim);
            out.what = What::left;
            out.at_us = machine_.clock.elapsed_us();
            return out;
        }());
    claim_.reset();
    completion_.reset();
}

void Client::drop() {
    detach(false);
}

void Client::tell_held() {
    // Nobody asks while the call that gives the key away is on its way.
    const bool ending = pending_ != nullptr && (pending_->op == Op::complete || pending_->op == Op::release);
    if (ending || claim_ == nullptr || !own().power.on || !claim_->held()) return;
    Fact out = fact(Op::claim);
    out.what = What::held;
    out.at_us = machine_.clock.elapsed_us();
    machine_.history.facts.push_back(std::move(out));
}

void Client::step(Worker &worker, bool steady) {
    if (pending_ != nullptr && !pending_->there) {
        // A caller that gives up while its call is on the way.
        if (!steady && machine_.random.range(60) == 0) drop();
        return;
    }
    if (pending_ != nullptr) return settle(worker);
    if (claim_ != nullptr) work(steady);
}

void Client::settle(Worker &worker) {
    const std::shared_ptr<Pending> pending = std::move(pending_);
    pending_.reset();
    if (pending->op == Op::claim || pending->op == Op::recover) {
        if (pending->claim != nullptr && works(pending->claim->verdict()))
            take(std::move(pending->claim), pending->call);
        return;
    }
    static_cast<void>(worker);
    finished(*pending);
}

void Client::take(std::unique_ptr<Claim> claim, std::int64_t call) {
    claim_ = std::move(claim);
    right_ = call;
    key_ = index_of(machine_.history, claim_->request());
    if (key_ < 0) return machine_.wrong("a claim names a key that nobody asked for");
    const std::string &point = claim_->point();
    at_ = 0;
    while (at_ < intent().steps.size() && point != point_of(at_)) ++at_;
    if (point.empty()) at_ = 0;
    if (!point.empty() && point != point_of(at_)) machine_.wrong("a claim has a point that was never set: " + point);
    if (claim_->data() != (point.empty() ? std::string() : data_of(key_, at_)))
        machine_.wrong("a checkpoint's data came back changed");
    if (claim_->verdict() == Verdict::execute &&
        (!point.empty() || claim_->effects_started() || claim_->effect() != EffectClass::none))
        machine_.wrong("an execution begins in the middle");
    any_effect_ = claim_->effects_started();
    begun_ = effected_ = false;
    unheld_ = 0;
    completion_.reset();
    const EffectClass under_way = claim_->effect();
    if (under_way == EffectClass::none) return;
    if (at_ >= intent().steps.size() || under_way != intent().steps[at_])
        return machine_.wrong("a claim has an effect under way that was never begun");
    if (under_way == EffectClass::at_most_once)
        return machine_.wrong("an effect that may be done once only is handed on");
    begun_ = true;
    effected_ = under_way == EffectClass::queryable && outside_.done.contains({key_, static_cast<int>(at_)});
}

void Client::work(bool steady) {
    if (!steady && completion_ == std::nullopt && machine_.random.range(25) == 0) return stray();
    if (at_ < intent().steps.size()) return next_step();
    complete(!steady && machine_.random.range(12) == 0);
}

// What a client may do instead of going on.
void Client::stray() {
    if (any_effect_ || machine_.random.range(3) == 0) {
        ++machine_.happenings["claim left"];
        return drop();
    }
    write(fact(Op::release),
          [this](auto done, bool async) { async ? claim_->release_async(done) : done(claim_->release()); });
}

void Client::next_step() {
    const EffectClass effect_class = intent().steps[at_];
    if (!begun_) {
        Fact begun = fact(Op::effect_begin);
        begun.step = static_cast<int>(at_);
        begun.effect = effect_class;
        any_effect_ = true;
        return write(std::move(begun), [this, effect_class](auto done, bool async) {
            async ? claim_->effect_begin_async(effect_class, done) : done(claim_->effect_begin(effect_class));
        });
    }
    if (!effected_) return effect();
    Fact point = fact(Op::checkpoint);
    point.step = static_cast<int>(at_);
    write(std::move(point), [this](auto done, bool async) {
        const std::string name = point_of(at_ + 1), data = data_of(key_, at_ + 1);
        async ? claim_->checkpoint_async(name, data, done) : done(claim_->checkpoint(name, data));
    });
}

void Client::effect() {
    if (!claim_->held()) {
        // The keeper renews a lease that is still ours; else the record tells who has it.
        if (++unheld_ > kUnheldMax) begun_ = false;
        return;
    }
    unheld_ = 0;
    Fact done = fact(Op::effect_begin);
    done.what = What::effect;
    done.at_us = machine_.clock.elapsed_us();
    done.step = static_cast<int>(at_);
    done.effect = intent().steps[at_];
    const Result<std::string> derived = claim_->effect_key("step " + std::to_string(at_));
    if (!derived.ok()) return machine_.wrong("no effect key: " + derived.error().text);
    done.token = *derived;
    machine_.history.facts.push_back(std::move(done));
    outside_.done.insert({key_, static_cast<int>(at_)});
    effected_ = true;
    machine_.note("client " + std::to_string(number_) + " key " + std::to_string(key_) + " effect " +
                  std::to_string(at_) + " in epoch " + std::to_string(claim_->epoch()));
}

Client::Completion Client::make_completion(bool bad) {
    testing::SimRandom &random = machine_.random;
    Completion out;
    out.bad = bad;
    out.token = "t" + std::to_string(number_) + "." + std::to_string(++completions_) + "." + std::to_string(right_);
    constexpr std::int32_t kStatuses[] = {200, 201, 204, 402, 422};
    out.reply.status = kStatuses[random.range(std::size(kStatuses))];
    if (random.range(2) == 0)
        out.reply.headers = {
            {"content-type", "application/json"}, {"Set-Cookie", "a=b"}, {"ETag", "\"" + out.token + "\""}};
    out.reply.body = out.token + std::string(1, '\0') + "\xff";
    const std::size_t size = random.range(40) == 0 ? 66'000 + random.range(80'000) : random.range(60);
    while (out.reply.body.size() < size) out.reply.body += static_cast<char>(random.range(256));
    if (random.range(500) == 0) out.reply.body.resize(1024 * 1024 + 1 + random.range(100), 'x');
    if (random.range(5) == 0) out.reply.result_ref = "order/" + out.token;

    HostStatement row{"INSERT INTO host_rows (token, epoch) VALUES (?, ?)", {}, 1};
    row.values.push_back({HostValue::Kind::text, 0, out.token});
    row.values.push_back({HostValue::Kind::integer, claim_->epoch(), {}});
    HostStatement total{"UPDATE host_total SET n = n + 1 WHERE id = 1", {}, 1};
    out.statements = {row, total};
    if (bad && random.range(2) == 0) out.statements.push_back({"UPDATE host_total SET n = n + 1 WHERE id = 2", {}, 1});
    if (bad && out.statements.size() == 2)
        out.statements.push_back({"INSERT INTO host_total (id, n) VALUES (1, 5)", {}, 1});
    return out;
}

void Client::complete(bool bad) {
    if (!completion_) completion_ = make_completion(bad);
    Fact asked = fact(Op::complete);
    asked.token = completion_->token;
    asked.reply = spelt(recorded(completion_->reply));
    asked.other = completion_->bad;
    write(std::move(asked), [this](auto done, bool async) {
        async ? claim_->complete_async(completion_->reply, completion_->statements, done)
              : done(claim_->complete(completion_->reply, completion_->statements));
    });
}

template <class Start>
void Client::write(Fact fact, Start start) {
    pending_ = begin(std::move(fact));
    start(std::function<void(Result<void>)>([this, pending = pending_](const Result<void> &done) {
              if (pending->nobody) return;
              if (!done.ok()) pending->error = done.error();
              pending->there = true;
              ended(*pending);
          }),
          machine_.random.range(2) == 0);
}

// The answer to a write: on, the same again, or out.
void Client::finished(const Pending &pending) {
    if (claim_ == nullptr) return;
    const Status status = pending.error ? pending.error->status : Status::ok;
    if (status == Status::store || status == Status::store_lost) return;
    if (status == Status::fenced) {
        if (works(claim_->verdict()))
            machine_.wrong("a fenced claim still says " + std::string(verdict_name(claim_->verdict())));
        if (claim_->held()) machine_.wrong("a fenced claim says that it has its key");
        claim_.reset();
        return;
    }
    const bool refused = status == Status::refused || status == Status::state;
    if (pending.op == Op::complete && completion_ && completion_->bad && refused) {
        completion_.reset();
        return;
    }
    if (status == Status::closed || status == Status::broken || status == Status::corrupt) return drop();
    if (status != Status::ok) {
        machine_.wrong(std::string(status_name(status)) + " to a write that is in order: " + pending.error->field +
                       " " + pending.error->text);
        return drop();
    }
    switch (pending.op) {
    case Op::effect_begin:
        begun_ = true;
        // Asked always: a key that a person has freed begins anew, also with what came before the effect in doubt.
        effected_ =
            intent().steps[at_] == EffectClass::queryable && outside_.done.contains({key_, static_cast<int>(at_)});
        return;
    case Op::checkpoint:
        ++at_;
        begun_ = effected_ = false;
        return;
    default: claim_.reset(); completion_.reset();
    }
}

bool resolve_one(Machine &machine, const Outside &outside, Worker &worker) {
    KeyFilter filter;
    filter.state = KeyState::unknown;
    const Result<KeyPage> page = worker.service->list(filter);
    if (!page.ok() || page->keys.empty()) return false;
    const KeyRecord &found = page->keys[machine.random.range(page->keys.size())];
    ClaimRequest named;
    named.tenant = found.tenant;
    named.space = found.space;
    named.key = found.key;
    Fact asked;
    asked.worker = worker.number;
    asked.op = Op::resolve;
    asked.key = index_of(machine.history, named);
    if (asked.key < 0) return false;
    const Intent &k = machine.history.keys[static_cast<std::size_t>(asked.key)];
    bool happened = false;
    for (std::size_t i = 0; i < k.steps.size(); ++i)
        if (k.steps[i] == EffectClass::at_most_once && outside.done.contains({asked.key, static_cast<int>(i)}))
            happened = true;
    std::optional<Reply> reply;
    if (happened) {
        reply.emplace();
        reply->body = "resolved by hand " + std::to_string(machine.random.next());
        asked.reply = spelt(recorded(*reply));
    }
    const std::int64_t call = machine.begin(asked);
    const Result<void> done =
        worker.service->resolve(found.tenant, found.space, found.key, reply, "ann", "looked it up");
    if (!worker.power.on) return false;
    Fact &out = machine.add(What::ended, &worker);
    out.call = call;
    out.op = Op::resolve;
    out.key = asked.key;
    out.status = done.status();
    machine.note("key " + std::to_string(asked.key) + (happened ? " resolved as done: " : " resolved as not done: ") +
                 std::string(status_name(done.status())));
    return done.ok();
}

}  // namespace remit::simulation::idempotency
