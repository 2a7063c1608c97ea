// Processes that share a database, each with an owner and a service of its own.
#pragma once

#include "events/events.hpp"
#include "idempotency/idempotency.hpp"
#include "test_database.hpp"

#include <remit/testing/clock.hpp>
#include <remit/testing/random.hpp>

#include <catch2/catch.hpp>

namespace remit::testing {

struct KeyScene {
    SimClock clock;
    SimRandom random{7};
    core::Metrics metrics;
    NoLog log;
    TestDatabase place;

    // One process. Destroying it without more is its death: nothing is given back.
    struct Process {
        std::unique_ptr<Database> database;
        std::unique_ptr<idempotency::Service> service;

        ~Process() {
            if (service) service->close(error(Status::closed, "the process ends"));
            service.reset();
            database.reset();
        }
        void tick() {
            database->drain();
            for (int i = 0; i < 50; ++i) {
                const auto done = service->tick();
                if (!done.ok()) FAIL(done.error().text);
                database->drain();
                if (!*done) return;
            }
        }
    };

    std::unique_ptr<Process> process() {
        auto out = std::make_unique<Process>();
        auto opened = place.open(clock, random, log, metrics);
        if (!opened.ok()) FAIL(opened.error().text);
        out->database = std::move(opened).value();
        std::vector<Migration> steps;
        for (const auto &some : {events::migrations(), idempotency::migrations()})
            steps.insert(steps.end(), some.begin(), some.end());
        for (std::size_t i = 0; i < steps.size(); ++i) steps[i].number = static_cast<std::int32_t>(i + 1);
        const auto migrated = out->database->migrate(steps, MigrateMode::automatic);
        if (!migrated.ok()) FAIL(migrated.error().text);
        Process *self = out.get();
        out->service =
            idempotency::make_idempotency({*out->database, clock, random, log, metrics, 30 * kMicrosPerSecond,
                                           90LL * 86'400 * kMicrosPerSecond, [] {}, [] {},
                                           [this, self](const std::function<bool()> &done) -> Result<void> {
                                               while (!done()) {
                                                   self->tick();
                                                   clock.advance_us(20'000);
                                               }
                                               return {};
                                           }});
        return out;
    }

    static ClaimRequest request(std::string key, std::string body = R"({"amount":"5"})") {
        ClaimRequest r;
        r.space = "orders";
        r.key = std::move(key);
        r.operation = "POST /orders";
        r.request = std::move(body);
        return r;
    }
    static std::unique_ptr<Claim> claim(Process &on, ClaimRequest r) {
        auto claimed = on.service->claim(std::move(r));
        if (!claimed.ok()) FAIL(claimed.error().field + " " + claimed.error().text);
        return *std::move(claimed);
    }
    static Reply reply(std::string body, std::int32_t status = 201) {
        Reply r;
        r.status = status;
        r.headers = {{"Content-Type", "application/json"}, {"Set-Cookie", "secret"}, {"location", "/orders/1"}};
        r.body = std::move(body);
        return r;
    }
    std::vector<std::string> events(Process &on) {
        std::vector<std::string> types;
        const auto box = events::make_events(*on.database, clock, metrics);
        static_cast<void>(on.database->transact([](SqlTx &tx) -> Result<void> {
            REMIT_CHECK(events::sequence(tx));
            return {};
        }));
        auto got = box->next("test", 1'000);
        if (!got.ok()) FAIL(got.error().text);
        for (const Event &event : *got) types.push_back(event.type);
        return types;
    }
};

}  // namespace remit::testing
