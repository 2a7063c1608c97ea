// Every options struct: shorter, exact, longer with zeros, longer with something, and sizes that are none.
#include "scene.hpp"

#include <cstring>
#include <vector>

using namespace capi_test;

namespace {

// The struct's bytes with a struct_size of their own, and eight more behind them.
template <class Options>
struct Sized {
    alignas(8) unsigned char raw[sizeof(Options) + 8] = {};

    Sized(const Options &options, std::size_t size, unsigned char last = 0) {
        std::memcpy(raw, &options, sizeof options);
        const auto given = static_cast<std::uint32_t>(size);
        std::memcpy(raw, &given, sizeof given);
        raw[sizeof(Options) + 7] = last;
    }
    const Options *get() const { return reinterpret_cast<const Options *>(raw); }
};

template <class Options, class Try>
void each_size(const Options &options, Try attempt) {
    constexpr std::size_t exact = sizeof(Options);
    CHECK(attempt(Sized<Options>(options, exact).get()).status == REMIT_OK);
    CHECK(attempt(Sized<Options>(options, exact - 8).get()).status == REMIT_OK);
    CHECK(attempt(Sized<Options>(options, exact + 8).get()).status == REMIT_OK);
    CHECK(attempt(Sized<Options>(options, exact + 8, 1).get()).status == REMIT_E_NEWER);
    CHECK(attempt(Sized<Options>(options, 0).get()).status == REMIT_E_MISUSE);
    CHECK(attempt(Sized<Options>(options, 3).get()).status == REMIT_E_MISUSE);
    CHECK(attempt(Sized<Options>(options, 0xffffffffU).get()).status == REMIT_E_MISUSE);
}

}  // namespace

TEST_CASE("options: a world's grow at the end only") {
    const remit_world_options options = REMIT_WORLD_OPTIONS_INIT;
    each_size(options, [](const remit_world_options *given) {
        remit_world *world = nullptr;
        Said out = said(remit_world_open, given, &world);
        CHECK((world != nullptr) == (out.status == REMIT_OK));
        remit_world_free(world);
        return out;
    });
}

TEST_CASE("options: an engine's grow at the end only") {
    remit_world *world = nullptr;
    REQUIRE(remit_world_open(nullptr, &world, nullptr) == REMIT_OK);
    const remit_engine_options options = REMIT_ENGINE_OPTIONS_INIT;
    each_size(options, [&](const remit_engine_options *given) {
        remit_engine *engine = nullptr;
        Said out = said(remit_world_engine, world, nullptr, std::size_t{0}, given, &engine);
        CHECK((engine != nullptr) == (out.status == REMIT_OK));
        remit_engine_free(engine);
        return out;
    });
    remit_world_free(world);
}

TEST_CASE("options: a payout request's grow at the end only") {
    Scene scene;
    remit_payout_request request = payout("sized");
    each_size(request, [&](const remit_payout_request *given) {
        remit_payout_accepted accepted;
        return said(remit_payout_enqueue, scene.engine, given, std::size_t{1}, nullptr, &accepted);
    });
}

TEST_CASE("options: requests of a newer program have a longer stride") {
    Scene scene;
    struct Newer {
        remit_payout_request known;
        std::uint64_t added;
    };
    std::vector<Newer> requests(3);
    const char *const names[] = {"a", "b", "c"};
    for (std::size_t i = 0; i < requests.size(); ++i) {
        requests[i] = {payout(names[i]), 0};
        requests[i].known.struct_size = sizeof(Newer);
    }
    remit_payout_accepted accepted[3];
    REQUIRE(
        said(remit_payout_enqueue, scene.engine, &requests[0].known, std::size_t{3}, nullptr, accepted).text.empty());
    for (const auto &one : accepted) CHECK(one.created == 1);

    requests[2].added = 7;
    Said out = said(remit_payout_enqueue, scene.engine, &requests[0].known, std::size_t{3}, nullptr, accepted);
    CHECK(out.status == REMIT_E_NEWER);
    CHECK(out.field == "[2]");
    requests[2] = {payout("c"), 0};
    out = said(remit_payout_enqueue, scene.engine, &requests[0].known, std::size_t{3}, nullptr, accepted);
    CHECK(out.status == REMIT_E_MISUSE);
    CHECK(out.field == "[2]");
}

TEST_CASE("options: values that mean nothing are refused") {
    remit_world *world = nullptr;
    remit_world_options scene = REMIT_WORLD_OPTIONS_INIT;
    scene.sender_count = 65;
    CHECK(said(remit_world_open, &scene, &world).field == "options.sender_count");
    scene = REMIT_WORLD_OPTIONS_INIT;
    scene.folder_len = 4;
    CHECK(said(remit_world_open, &scene, &world).field == "options.folder");
    scene.folder = "/nonexistent/folder";
    scene.folder_len = REMIT_ZSTR;
    const Said unusable = said(remit_world_open, &scene, &world);
    CHECK((unusable.status == REMIT_E_STORE || unusable.status == REMIT_E_INVALID));

    REQUIRE(said(remit_world_open, nullptr, &world).status == REMIT_OK);
    const auto open = [&](remit_engine_options options) {
        remit_engine *engine = nullptr;
        Said out = said(remit_world_engine, world, nullptr, std::size_t{0}, &options, &engine);
        CHECK(engine == nullptr);
        return out;
    };
    remit_engine_options options = REMIT_ENGINE_OPTIONS_INIT;
    options.environment = 2;
    CHECK(open(options).field == "options.environment");
    options = REMIT_ENGINE_OPTIONS_INIT;
    const remit_async nowhere{nullptr, 1};
    options.log = &nowhere;
    CHECK(open(options).field == "options.log");
    options = REMIT_ENGINE_OPTIONS_INIT;
    options.signer_addresses = reinterpret_cast<const std::uint8_t *>("12345678901234567890");
    options.signer_addresses_len = 20;
    CHECK(open(options).field == "options.signer");
    options.signer_addresses_len = 19;
    CHECK(open(options).field == "options.signer_addresses_len");
    remit_world_free(world);
}
