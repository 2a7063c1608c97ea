// Any key, options, reply and statements through the C ABI, against a real engine in a simulated world: structs of any
// size with and without what a newer library would put there, lengths that lie, arrays in arrays. Each call answers as
// its header says, none fences the engine, and no byte beyond what was given is read.
#include "fuzz.hpp"

#include <remit/remit.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

using remit::fuzz::must;

namespace {

constexpr int kInputsPerWorld = 500;  // then a fresh one: its database is in memory

struct World {
    remit_world *world = nullptr;
    remit_engine *engine = nullptr;
    int inputs = 0;

    World() {
        must(remit_world_open(nullptr, &world, nullptr) == REMIT_OK);
        must(remit_world_engine(world, nullptr, 0, nullptr, &engine, nullptr) == REMIT_OK);
    }
    ~World() {
        remit_engine_free(engine);
        remit_world_free(world);
    }
    World(const World &) = delete;
    World &operator=(const World &) = delete;
};

World &world() {
    static std::unique_ptr<World> now;
    if (now == nullptr || ++now->inputs > kInputsPerWorld) {
        now.reset();
        now = std::make_unique<World>();
    }
    return *now;
}

// Reads the input as what the calls want. Every buffer has exactly its size, so that a byte too far is seen.
class Input {
public:
    Input(const std::uint8_t *data, std::size_t size) : at_(data), left_(size) {}

    bool empty() const { return left_ == 0; }
    std::uint8_t byte() {
        if (left_ == 0) return 0;
        --left_;
        return *at_++;
    }
    std::int64_t number() {
        constexpr std::int64_t kEdges[] = {0, 1, -1, 999, 1'000, 86'400'000, 86'400'001, INT64_MAX, INT64_MIN, 5'000};
        const std::uint8_t which = byte();
        if (which < 200) return kEdges[which % std::size(kEdges)];
        std::int64_t out = 0;
        for (int i = 0; i < 8; ++i) out = static_cast<std::int64_t>(static_cast<std::uint64_t>(out) << 8U | byte());
        return out;
    }
    std::int32_t small() { return static_cast<std::int8_t>(byte()); }

    struct Text {
        const char *data = nullptr;
        std::size_t size = 0;
    };
    Text text() {
        const std::uint8_t how = byte();
        constexpr std::size_t kLies[] = {SIZE_MAX - 1, SIZE_MAX / 2, std::size_t{1} << 40U,
                                         (std::size_t{64} << 20U) + 1};
        if (how < 40) return {nullptr, how < 20 ? 0 : how < 30 ? REMIT_ZSTR : how};
        const std::size_t size = std::min<std::size_t>(byte(), left_);
        char *const out = buffer(size + 1);
        std::copy_n(at_, size, out);
        at_ += size;
        left_ -= size;
        out[size] = '\0';
        if (how < 60) return {out, kLies[how % std::size(kLies)]};
        if (how < 120) return {out, REMIT_ZSTR};
        char *const exact = buffer(size);
        std::copy_n(out, size, exact);
        return {exact, size};
    }

    // The struct in memory of the size that it says: shorter, as it is, or longer, with zeros or more behind it.
    template <class T>
    std::size_t sized(const T &full, char *into, std::size_t size, std::uint8_t tail) {
        std::memset(into, 0, std::max(size, sizeof(std::uint32_t)));
        std::memcpy(into, &full, std::min(size, sizeof full));
        if (size > sizeof full) into[size - 1] = static_cast<char>(tail);
        const auto said = static_cast<std::uint32_t>(size);
        std::memcpy(into, &said, sizeof said);
        return size;
    }
    template <class T>
    std::size_t size_of() {
        const std::uint8_t how = byte();
        if (how < 160) return sizeof(T);
        return how < 220 ? byte() % (sizeof(T) + 1) : sizeof(T) + 8 * (1 + byte() % 6U);
    }
    template <class T>
    const T *one(const T &full) {
        if (byte() < 20) return nullptr;
        const std::size_t size = size_of<T>();
        char *const out = buffer(std::max(size, sizeof(std::uint32_t)));
        sized(full, out, size, byte() < 128 ? 0 : 1);
        return reinterpret_cast<const T *>(out);
    }
    char *buffer(std::size_t size) {
        held_.push_back(std::make_unique<char[]>(size));
        return held_.back().get();
    }

private:
    const std::uint8_t *at_;
    std::size_t left_;
    std::vector<std::unique_ptr<char[]>> held_;
};

// What a call in a healthy world may answer, and what it must say with it.
remit_status check(remit_status status, remit_error *error) {
    for (const remit_status never : {REMIT_E_BROKEN, REMIT_E_STORE, REMIT_E_STORE_LOST, REMIT_E_NO_MEMORY,
                                     REMIT_E_CORRUPT, REMIT_E_FORKED, REMIT_E_CLOSED, REMIT_E_BUSY})
        must(status != never);
    must((status == REMIT_OK) == (error == nullptr));
    if (error != nullptr) {
        must(remit_error_status(error) == status && remit_error_text(error)[0] != '\0');
        const bool input = status == REMIT_E_INVALID || status == REMIT_E_MISUSE || status == REMIT_E_NEWER;
        must(!input || remit_error_field(error)[0] != '\0');
    }
    remit_error_free(error);
    return status;
}
template <class Fn, class... Args>
remit_status call(Fn fn, Args... args) {
    remit_error *error = nullptr;
    const remit_status status = fn(args..., &error);
    return check(status, error);
}

remit_claim_options options_of(Input &in) {
    remit_claim_options o = REMIT_CLAIM_OPTIONS_INIT;
    o.in_flight = in.small() % 4;
    o.request_form = in.byte() < 128 ? REMIT_REQUEST_BYTES : in.small() % 3;
    o.again_after_expiry = in.byte() < 200 ? 0 : in.small();
    o.wait_ms = in.byte() < 128 ? 0 : in.number();
    o.lease_ms = in.byte() < 128 ? 0 : in.number();
    o.keep_ms = in.byte() < 128 ? 0 : in.number();
    const auto put = [&in](auto &data, std::size_t &size, std::uint8_t odds) {
        if (in.byte() < odds) return;
        const Input::Text text = in.text();
        data = text.data;
        size = text.size;
    };
    put(o.tenant, o.tenant_len, 128);
    put(o.space, o.space_len, 128);
    put(o.operation, o.operation_len, 128);
    put(o.request, o.request_len, 64);
    put(o.include, o.include_len, 160);
    put(o.exclude, o.exclude_len, 160);
    return o;
}

remit_reply reply_of(Input &in) {
    remit_reply r = REMIT_REPLY_INIT;
    r.status = in.byte() < 128 ? 200 : static_cast<std::int32_t>(in.number());
    const Input::Text headers = in.byte() < 64 ? Input::Text{} : in.text(), body = in.text(),
                      ref = in.byte() < 128 ? Input::Text{} : in.text();
    r.headers = headers.data;
    r.headers_len = headers.size;
    r.body = body.data;
    r.body_len = body.size;
    r.result_ref = ref.data;
    r.result_ref_len = ref.size;
    return r;
}

// An array whose elements stand as far from one another as the first one says.
const remit_statement *statements_of(Input &in, std::size_t &count) {
    count = in.byte() % 4U;
    if (count == 0) return nullptr;
    const std::size_t stride = in.size_of<remit_statement>();
    const std::size_t own = std::max(stride, sizeof(std::uint32_t));
    char *const all = in.buffer(std::max(stride * (count - 1) + own, own));
    for (std::size_t i = 0; i < count; ++i) {
        remit_statement s = REMIT_STATEMENT_INIT;
        s.reserved = in.byte() < 240 ? 0 : in.small();
        s.row_count = in.byte() < 128 ? 0 : in.number();
        constexpr const char *kSound[] = {"SELECT ?", "CREATE TABLE IF NOT EXISTS t (a PRIMARY KEY, b)",
                                          "INSERT OR ROLLBACK INTO t (a) VALUES (?)", "UPDATE t SET b = ?"};
        const std::uint8_t which = in.byte();
        const Input::Text sql = which < 160 ? Input::Text{kSound[which % 4], REMIT_ZSTR} : in.text();
        s.sql = sql.data;
        s.sql_len = sql.size;
        s.value_count = in.byte() % 3U;
        auto *const values = reinterpret_cast<remit_value *>(in.buffer(s.value_count * sizeof(remit_value)));
        for (std::size_t v = 0; v < s.value_count; ++v) {
            const Input::Text data = in.text();
            values[v] = {in.small() % 5, in.byte() < 240 ? 0 : in.small(), in.number(), data.data, data.size};
        }
        s.values = in.byte() < 240 ? values : nullptr;
        in.sized(s, all + i * stride, stride, in.byte() < 200 ? 0 : 1);
    }
    return reinterpret_cast<const remit_statement *>(all);
}

void look(const remit_claim *claim) {
    const remit_claim_view *view = remit_claim_look(claim);
    must(view != nullptr && view->verdict >= REMIT_VERDICT_EXECUTE && view->verdict <= REMIT_VERDICT_EXPIRED);
    must(view->tenant != nullptr && view->key != nullptr && view->reply_headers != nullptr);
    must(view->reply_body[view->reply_body_len] == '\0' && view->data[view->data_len] == '\0');
    int32_t status = -1;
    remit_blob *headers = nullptr, *body = nullptr;
    must(call(remit_claim_http, claim, &status, &headers, &body) == REMIT_OK);
    const bool works = view->verdict == REMIT_VERDICT_EXECUTE || view->verdict == REMIT_VERDICT_RECOVER;
    must(works == (status == 0));
    remit_blob_free(headers);
    remit_blob_free(body);
}

void work(Input &in, remit_claim *claim) {
    for (int moves = 0; moves < 6 && !in.empty(); ++moves) {
        const Input::Text a = in.text(), b = in.text();
        remit_blob *json = nullptr;
        remit_id id;
        std::size_t count = 0;
        switch (in.byte() % 6) {
        case 0: call(remit_claim_effect_begin, claim, static_cast<remit_effect>(in.small() % 6), nullptr); break;
        case 1: call(remit_claim_checkpoint, claim, a.data, a.size, b.data, b.size, nullptr); break;
        case 2:
            if (call(remit_claim_effect_key, claim, a.data, a.size, &id) == REMIT_OK) must(id.text[0] == 'e');
            break;
        case 3: {
            const remit_reply *reply = in.one(reply_of(in));
            const remit_statement *statements = statements_of(in, count);
            call(remit_claim_complete, claim, reply, statements, count, nullptr);
            break;
        }
        case 4:
            if (call(remit_claim_complete_sql, claim, in.one(reply_of(in)), &json) == REMIT_OK)
                must(remit_blob_len(json) > 0);
            remit_blob_free(json);
            break;
        default: call(remit_claim_release, claim, nullptr);
        }
        look(claim);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    Input in(data, size);
    World &now = world();
    const Input::Text key = in.text();
    const remit_claim_options *options = in.one(options_of(in));
    remit_verdict verdict = -1;
    remit_claim *claim = nullptr;
    const bool recovers = in.byte() < 30;
    const remit_status status =
        recovers ? call(remit_idempotency_recover, now.engine, options, nullptr, &verdict, &claim)
                 : call(remit_idempotency_claim, now.engine, key.data, key.size, options, nullptr, &verdict, &claim);
    must((status == REMIT_OK) == (claim != nullptr) && (status == REMIT_OK) == (verdict > 0));
    if (claim != nullptr) {
        must(remit_claim_look(claim)->verdict == verdict);
        look(claim);
        work(in, claim);
    }
    remit_claim_free(claim);
    return 0;
}
