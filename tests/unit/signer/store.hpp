// A key store on a real database.
#pragma once

#include "signer/keystore/vault.hpp"
#include "test_database.hpp"

#include <remit/testing/clock.hpp>
#include <remit/testing/random.hpp>

#include <catch2/catch.hpp>

#include <mutex>
#include <string>
#include <vector>

// Keeps what was logged, to see that no secret is in it.
class Lines final : public remit::Log {
public:
    void write(remit::LogLevel, std::string_view event,
               std::initializer_list<remit::LogField> fields) noexcept override {
        const std::lock_guard guard(mutex_);
        text_ += event;
        for (const auto &field : fields) text_ += " " + std::string(field.name) + "=" + field.value;
        text_ += "\n";
    }
    std::string text() {
        const std::lock_guard guard(mutex_);
        return text_;
    }

private:
    std::mutex mutex_;
    std::string text_;
};

class Store {
public:
    Store() {
        database = open();
        // Alone in this database, so it is the first step.
        std::vector<remit::Migration> steps(remit::signer::migrations().begin(), remit::signer::migrations().end());
        steps[0].number = 1;
        REQUIRE(database->migrate(steps, remit::MigrateMode::automatic).ok());
    }
    Store(const Store &) = delete;
    Store &operator=(const Store &) = delete;

    std::unique_ptr<remit::Database> open() {
        auto opened = place.open(clock, random, log, metrics);
        REQUIRE(opened.ok());
        return std::move(*opened);
    }
    // Cheap to unlock: the cost of the real one is not what is tested.
    std::unique_ptr<remit::signer::Vault> vault() {
        return remit::signer::make_vault(*database, clock, random, log, {2, 8, 1});
    }
    std::string file() const { return (place.folder() / "test.db").string(); }

    remit::testing::SimClock clock;
    remit::testing::SimRandom random{42};
    remit::core::Metrics metrics;
    remit::testing::TestDatabase place;
    Lines log;
    std::unique_ptr<remit::Database> database;
};
