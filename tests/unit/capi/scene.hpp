// A simulated world through the C ABI, and what its calls say.
#pragma once

#include <catch2/catch.hpp>
#include <remit/remit.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace capi_test {

struct Said {
    remit_status status = REMIT_OK;
    std::string field;
    std::string text;
};

// Makes a call whose last argument is the error, and takes the error apart.
template <class Fn, class... Args>
Said said(Fn fn, Args... args) {
    remit_error *error = nullptr;
    Said out{fn(args..., &error), remit_error_field(error), remit_error_text(error)};
    CHECK((error == nullptr) == (out.status == REMIT_OK));
    CHECK(remit_error_status(error) == out.status);
    remit_error_free(error);
    return out;
}

inline std::string take(remit_blob *blob) {
    std::string text(remit_blob_data(blob), remit_blob_len(blob));
    remit_blob_free(blob);
    return text;
}

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

inline constexpr const char *kPayee = "0x52908400098527886E0F7030069857D2E4169EE7";

inline remit_payout_request payout(const char *external_id, const char *amount = "1000000") {
    remit_payout_request request = REMIT_PAYOUT_REQUEST_INIT;
    request.chain_id = 31337;
    request.external_id = external_id;
    request.external_id_len = REMIT_ZSTR;
    request.token = "USDT";
    request.token_len = REMIT_ZSTR;
    request.to = kPayee;
    request.to_len = REMIT_ZSTR;
    request.amount = amount;
    request.amount_len = REMIT_ZSTR;
    return request;
}

// A world with an engine in it.
struct Scene {
    remit_world *world = nullptr;
    remit_engine *engine = nullptr;
    remit_queue *queue = nullptr;

    explicit Scene(const remit_engine_options *options = nullptr, std::int64_t block_interval_ms = 0) {
        remit_world_options made = REMIT_WORLD_OPTIONS_INIT;
        made.block_interval_ms = block_interval_ms;
        REQUIRE(said(remit_world_open, &made, &world).status == REMIT_OK);
        REQUIRE(said(remit_world_engine, world, nullptr, std::size_t{0}, options, &engine).text.empty());
        REQUIRE(said(remit_queue_open, &queue).status == REMIT_OK);
    }
    ~Scene() {
        remit_engine_free(engine);
        remit_world_free(world);
        remit_queue_free(queue);
    }
    Scene(const Scene &) = delete;
    Scene &operator=(const Scene &) = delete;

    // Accepts one payout and gives its id.
    std::string pay(const char *external_id) {
        const remit_payout_request request = payout(external_id);
        remit_payout_accepted accepted;
        REQUIRE(said(remit_payout_enqueue, engine, &request, std::size_t{1}, nullptr, &accepted).text.empty());
        return accepted.id.text;
    }
    void advance(std::int64_t ms) { REQUIRE(said(remit_world_advance, world, ms).text.empty()); }

    struct Fetched {
        remit_item_kind kind = 0;
        remit_status status = REMIT_OK;
        std::uint64_t tag = 0;
        std::uint64_t token = 0;
        std::int64_t value = 0;
        std::string payload, field, text;
    };
    // The next item, for which simulated time passes; there must be one.
    Fetched next(remit_queue *from = nullptr) {
        for (int i = 0; i < 600; ++i) {
            remit_batch *batch = nullptr;
            REQUIRE(said(remit_queue_fetch, from ? from : queue, std::size_t{1}, std::int64_t{0}, &batch).status ==
                    REMIT_OK);
            if (const remit_item *item = remit_batch_at(batch, 0)) {
                Fetched out{item->kind,        item->status,    item->tag,
                            item->token,       item->value,     {item->payload, item->payload_len},
                            item->error_field, item->error_text};
                remit_batch_free(batch);
                return out;
            }
            remit_batch_free(batch);
            advance(500);
        }
        FAIL("no item came");
        return {};
    }
};

}  // namespace capi_test
