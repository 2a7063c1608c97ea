#include "capi/call.hpp"
#include "capi/open.hpp"

#include <remit/sim.h>
#include <remit/testing/world.hpp>

#include <cstdlib>

using namespace remit;
using namespace remit::capi;

static_assert(sizeof(remit_world_options) == 40, "grows at the end only");

struct remit_world {
    std::shared_ptr<testing::World> world;
    long process = this_process();
};

namespace {

constexpr std::uint32_t kSendersMax = 64;
constexpr std::uint64_t kBlocksMax = 10'000;
constexpr const char *kToken = "USDT";

Result<testing::WorldOptions> read_world(const remit_world_options *given) {
    REMIT_TRY(const remit_world_options host, read_options(given, "options"));
    REMIT_TRY(const auto folder, optional_text(host.folder, host.folder_len, "options.folder"));
    if (host.sender_count > kSendersMax) return misuse("options.sender_count", "is more than 64");
    if (host.block_interval_ms > 86'400'000) return misuse("options.block_interval_ms", "is more than a day");
    testing::WorldOptions options;
    if (host.seed != 0) options.seed = host.seed;
    if (host.sender_count != 0) options.signers = host.sender_count;
    if (host.block_interval_ms != 0)
        options.chain.block_interval_us = std::max<std::int64_t>(host.block_interval_ms, 0) * kMicrosPerMs;
    options.tokens.push_back({kToken, 6, testing::TokenKind::usdt_like, {}});
    REMIT_TRY(options.coin_each, u256_from_decimal("1000000000000000000000", "coin"));
    options.tokens_each = u256(1'000'000'000'000);
    if (!folder.empty()) {
        options.database_path = std::string(folder) + "/remit.db";
        options.journal_path = std::string(folder) + "/chain.journal";
    }
    return options;
}

// The zero address is the coin.
Result<Address> token_named(testing::World &world, std::string_view name) {
    if (name.empty()) return Address{};
    if (name == kToken) return world.tokens().front();
    return Error{Status::not_found, "token", "there is no such token"};
}

Result<testing::World *> live(const remit_world *world) {
    if (!world) return misuse("world", "is NULL");
    if (world->process != this_process()) return Error{Status::forked, {}, {}};
    return world->world.get();
}

std::string shown(const testing::SimTransfer &moved) {
    const std::string token = moved.token.is_zero() ? "null" : '"' + to_hex(moved.token) + '"';
    return R"({"token":)" + token + R"(,"from":")" + to_hex(moved.from) + R"(","to":")" + to_hex(moved.to) +
           R"(","amount":")" + to_decimal(moved.amount) + R"(","tx_hash":")" + to_hex(moved.tx_hash) +
           R"(","block_number":)" + std::to_string(moved.block_number) + "}";
}

}  // namespace

extern "C" {

remit_status remit_world_open(const remit_world_options *options, remit_world **out_world, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_world) return misuse("out_world", "is NULL");
        *out_world = nullptr;
        REMIT_TRY(auto wanted, read_world(options));
        REMIT_TRY(auto world, testing::World::make(std::move(wanted)));
        *out_world = new remit_world{std::move(world)};
        return {};
    });
}

remit_status remit_world_config(remit_world *world, remit_blob **out_config, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_config) return misuse("out_config", "is NULL");
        *out_config = nullptr;
        REMIT_TRY(testing::World *const in, live(world));
        set(out_config, to_json(in->engine_options()));
        return {};
    });
}

remit_status remit_world_engine(remit_world *world, const char *config, size_t config_len,
                                const remit_engine_options *options, remit_engine **out_engine,
                                remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_engine) return misuse("out_engine", "is NULL");
        *out_engine = nullptr;
        REMIT_TRY(testing::World *const in, live(world));
        REMIT_TRY(const auto json, optional_text(config, config_len, "config"));
        if (in->has_engine()) return error(Status::state, "an engine is open in this world");
        const auto open_inside = [&](EngineOptions wanted, EnginePorts ports) -> Result<std::shared_ptr<Engine>> {
            REMIT_CHECK(in->open_engine(std::move(wanted), true, std::move(ports)));
            const auto end = [kept = world->world](Engine *) { kept->close_engine(); };
            return std::shared_ptr<Engine>(&in->engine(), end);
        };
        REMIT_TRY(*out_engine,
                  open(json.empty() ? in->engine_options() : engine_options_from_json(json), options, open_inside));
        return {};
    });
}

remit_status remit_world_advance(remit_world *world, int64_t duration_ms, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        REMIT_TRY(testing::World *const in, live(world));
        if (duration_ms < 0 || duration_ms > INT64_MAX / 2 / kMicrosPerMs)
            return misuse("duration_ms", "is out of range");
        return in->run_for(duration_ms * kMicrosPerMs);
    });
}

remit_status remit_world_mine(remit_world *world, uint64_t block_count, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        REMIT_TRY(testing::World *const in, live(world));
        if (block_count > kBlocksMax) return misuse("block_count", "is more than 10,000");
        in->chain().mine(block_count);
        return {};
    });
}

remit_status remit_world_credit(remit_world *world, const char *token, size_t token_len, const char *address,
                                size_t address_len, const char *amount, size_t amount_len, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        REMIT_TRY(testing::World *const in, live(world));
        REMIT_TRY(const auto name, optional_text(token, token_len, "token"));
        REMIT_TRY(const auto who, text(address, address_len, "address"));
        REMIT_TRY(const auto much, text(amount, amount_len, "amount"));
        REMIT_TRY(const Address to, fixed_from_hex<Address>(who, "address"));
        REMIT_TRY(const u256 value, u256_from_decimal(much, "amount"));
        REMIT_TRY(const Address of, token_named(*in, name));
        if (of.is_zero())
            in->chain().credit(to, value);
        else
            in->chain().credit_token(of, to, value);
        return {};
    });
}

remit_status remit_world_balance(remit_world *world, const char *token, size_t token_len, const char *address,
                                 size_t address_len, remit_blob **out_amount, remit_error **out_error) {
    return guard(out_error, [&]() -> Result<void> {
        if (!out_amount) return misuse("out_amount", "is NULL");
        *out_amount = nullptr;
        REMIT_TRY(testing::World *const in, live(world));
        REMIT_TRY(const auto name, optional_text(token, token_len, "token"));
        REMIT_TRY(const auto who, text(address, address_len, "address"));
        REMIT_TRY(const Address of, token_named(*in, name));
        REMIT_TRY(const Address whose, fixed_from_hex<Address>(who, "address"));
        set(out_amount, to_decimal(of.is_zero() ? in->chain().balance(whose) : in->chain().token_balance(of, whose)));
        return {};
    });
}

remit_status remit_world_transfers(remit_world *world, const char *address, size_t address_len, uint64_t *out_count,
                                   remit_blob **out_transfers, remit_error **out_error) {
    if (out_count) *out_count = 0;
    if (out_transfers) *out_transfers = nullptr;
    return guard(out_error, [&]() -> Result<void> {
        REMIT_TRY(testing::World *const in, live(world));
        REMIT_TRY(const auto who, optional_text(address, address_len, "address"));
        std::optional<Address> only;
        if (!who.empty()) {
            REMIT_TRY(only, fixed_from_hex<Address>(who, "address"));
        }
        std::uint64_t count = 0;
        std::string json = "[";
        for (const testing::SimTransfer &moved : in->chain().transfers()) {
            if (only && moved.to != *only) continue;
            json += (count++ == 0 ? "" : ",") + shown(moved);
        }
        if (out_count) *out_count = count;
        if (out_transfers) set(out_transfers, json + "]");
        return {};
    });
}

void remit_world_free(remit_world *world) {
    if (world && world->process == this_process()) delete world;
}

}  // extern "C"
