#include <remit/engine.hpp>

#include "engine/option_checks.hpp"
#include "engine/options.hpp"

#include "core/json.hpp"
#include "crypto/eip55.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <type_traits>

namespace remit {
namespace {

using core::Json;
using core::JsonWriter;

// EIP-2294: the largest id whose EIP-155 v still fits 64 bits.
constexpr std::int64_t kMaxChainId = std::numeric_limits<std::int64_t>::max() - 36;
constexpr std::size_t kMaxFile = 1U << 20U;
constexpr std::array<std::string_view, 3> kMigrateNames = {"automatic", "check", "manual"};

using engine::TextCheck;

// The one list of fields. A visitor reads them from JSON, writes them to JSON, or checks their ranges.
// text(name, value, check) · number(name, value, min, max) · choice(name, value) · objects(name, values) ·
// texts(name, values, check)
template <class V, class T>
void each_field(V &v, T &o) {
    using Plain = std::remove_const_t<T>;
    if constexpr (std::is_same_v<Plain, TokenOptions>) {
        v.text("symbol", o.symbol, engine::check_symbol);
        v.text("address", o.address, engine::check_address);
        v.number("decimals", o.decimals, 0, 36);
        v.number("gas", o.gas, 0, 30'000'000);
    } else if constexpr (std::is_same_v<Plain, ChainOptions>) {
        v.number("id", o.id, 1, kMaxChainId);
        v.text("name", o.name, engine::check_name);
        v.text("rpc", o.rpc, engine::check_rpc);
        v.number("confirmations", o.confirmations, 1, 1000);
        v.number("poll_ms", o.poll_ms, 10, 60'000);
        v.number("in_flight", o.in_flight, 1, 10'000);
        v.number("batch", o.batch, 1, 500);
        v.number("resend_ms", o.resend_ms, 100, 3'600'000);
        v.text("max_fee_gwei", o.max_fee_gwei, engine::check_gwei);
        v.number("gas_margin_percent", o.gas_margin_percent, 0, 200);
        v.objects("tokens", o.tokens);
        v.texts("senders", o.senders, engine::check_address);
    } else {
        v.text("database", o.database, engine::check_database);
        v.text("prefix", o.prefix, engine::check_prefix);
        v.text("schema", o.schema, engine::check_schema);
        v.number("connections", o.connections, 1, 64);
        v.choice("migrate", o.migrate);
        v.text("log_level", o.log_level, engine::check_log_level);
        v.text("password_file", o.password_file, engine::check_optional_path);
        v.text("proxy", o.proxy, engine::check_proxy);
        v.text("ca_file", o.ca_file, engine::check_optional_path);
        v.number("unlock_ms", o.unlock_ms, 0, 2'592'000'000);
        v.number("lease_ms", o.lease_ms, 1'000, 600'000);
        v.number("events_keep_days", o.events_keep_days, 1, 3650);
        v.number("tombstone_days", o.tombstone_days, 1, 3650);
        v.number("consumer_dead_days", o.consumer_dead_days, 1, 3650);
        v.objects("chains", o.chains);
    }
}

std::string join(const std::string &path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}
std::string at(const std::string &path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

bool names_a_secret(std::string_view name) {
    constexpr std::array<std::string_view, 10> words = {"password", "passphrase", "private_key", "privatekey", "secret",
                                                        "mnemonic", "seed",       "private",     "keys",       "key"};
    return std::find(words.begin(), words.end(), name) != words.end();
}

// Takes the fields out of one object; keeps the first error.
class Reader {
public:
    Reader(const Json &json, std::string path) : json_(json), path_(std::move(path)) {}

    void text(std::string_view name, std::string &out, TextCheck) {
        if (const Json *found = take(name)) keep(found->as_string(join(path_, name)), out);
    }
    template <class I>
    void number(std::string_view name, I &out, std::int64_t min, std::int64_t max) {
        const Json *found = take(name);
        if (found == nullptr) return;
        std::int64_t value = 0;
        if (!keep(found->as_int(join(path_, name)), value)) return;
        if (value < min || value > max) return fail(out_of_range(join(path_, name), min, max));
        out = static_cast<I>(value);
    }
    void choice(std::string_view name, MigrateMode &out) {
        std::string word;
        const Json *found = take(name);
        if (found == nullptr || !keep(found->as_string(join(path_, name)), word)) return;
        keep(migrate_from_text(word, join(path_, name)), out);
    }
    template <class T>
    void objects(std::string_view name, std::vector<T> &out) {
        each(name, [&out](const Json &item, const std::string &path) -> Result<void> {
            return read(item, path, out.emplace_back());
        });
    }
    void texts(std::string_view name, std::vector<std::string> &out, TextCheck) {
        each(name, [&out](const Json &item, const std::string &path) -> Result<void> {
            REMIT_TRY(out.emplace_back(), item.as_string(path));
            return {};
        });
    }

    template <class T>
    static Result<void> read(const Json &json, const std::string &path, T &out) {
        if (json.kind() != Json::Kind::object) return invalid(path.empty() ? "$" : path, "must be an object");
        Reader reader(json, path);
        each_field(reader, out);
        return reader.finish();
    }
    static Error out_of_range(std::string path, std::int64_t min, std::int64_t max) {
        return invalid(std::move(path),
                       "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    }
    static Result<MigrateMode> migrate_from_text(std::string_view word, std::string_view field) {
        const auto *found = std::find(kMigrateNames.begin(), kMigrateNames.end(), word);
        if (found == kMigrateNames.end()) return invalid(std::string(field), "must be automatic, check or manual");
        return static_cast<MigrateMode>(found - kMigrateNames.begin());
    }

private:
    const Json *take(std::string_view name) {
        known_.insert(name);
        return error_ ? nullptr : json_.find(name);
    }
    template <class T>
    bool keep(Result<T> result, T &out) {
        if (!result.ok()) return fail(std::move(result).error()), false;
        out = std::move(result).value();
        return true;
    }
    void fail(Error error) {
        if (!error_) error_ = std::move(error);
    }
    template <class Fn>
    void each(std::string_view name, Fn fn) {
        const Json *list = take(name);
        if (list == nullptr) return;
        const std::string path = join(path_, name);
        if (list->kind() != Json::Kind::array) return fail(invalid(path, "must be an array"));
        for (std::size_t i = 0; i < list->items().size() && !error_; ++i)
            if (auto result = fn(list->items()[i], at(path, i)); !result.ok()) fail(std::move(result).error());
    }
    Result<void> finish() {
        for (const auto &[name, value] : json_.members()) {
            if (error_) break;
            if (known_.count(name) != 0) continue;
            fail(invalid(join(path_, name),
                         names_a_secret(name) ? "is a secret and has no place in the configuration: use password_file, "
                                                "and import keys into the key store"
                                              : "is not a known field"));
        }
        if (error_) return *std::move(error_);
        return {};
    }

    const Json &json_;
    std::string path_;
    std::set<std::string_view> known_;
    std::optional<Error> error_;
};

class Writer {
public:
    explicit Writer(JsonWriter &json) : json_(json) {}
    void text(std::string_view name, const std::string &value, TextCheck) { json_.field(name, value); }
    template <class I>
    void number(std::string_view name, I value, std::int64_t, std::int64_t) {
        json_.field(name, value);
    }
    void choice(std::string_view name, MigrateMode value) {
        json_.field(name, kMigrateNames[static_cast<std::size_t>(value)]);
    }
    template <class T>
    void objects(std::string_view name, const std::vector<T> &values) {
        json_.key(name).begin_array();
        for (const T &value : values) write(value);
        json_.end_array();
    }
    void texts(std::string_view name, const std::vector<std::string> &values, TextCheck) {
        json_.key(name).begin_array();
        for (const std::string &value : values) json_.value(value);
        json_.end_array();
    }
    template <class T>
    void write(const T &value) {
        json_.begin_object();
        each_field(*this, value);
        json_.end_object();
    }

private:
    JsonWriter &json_;
};

// Ranges and forms of each field; keeps the first error.
class Checker {
public:
    explicit Checker(std::string path) : path_(std::move(path)) {}

    void text(std::string_view name, const std::string &value, TextCheck check) {
        if (!error) keep(check(value, join(path_, name)));
    }
    template <class I>
    void number(std::string_view name, I value, std::int64_t min, std::int64_t max) {
        if (error) return;
        bool fits = false;
        if constexpr (std::is_unsigned_v<I>)
            fits = value >= static_cast<I>(min) && value <= static_cast<I>(max);
        else
            fits = value >= min && value <= max;
        if (fits) return;
        error = Reader::out_of_range(join(path_, name), min, max);
        if (name == "decimals" && value == I(-1))
            error->text = "must be given: how many decimals the token has, 0 to 36";
        if (name == "id" && value == I(0)) error->text = "must be given: the chain's EIP-155 id";
    }
    void choice(std::string_view name, MigrateMode value) {
        if (!error && static_cast<std::size_t>(value) >= kMigrateNames.size())
            error = invalid(join(path_, name), "must be automatic, check or manual");
    }
    template <class T>
    void objects(std::string_view name, const std::vector<T> &values) {
        for (std::size_t i = 0; i < values.size() && !error; ++i) {
            Checker inner(at(join(path_, name), i));
            each_field(inner, values[i]);
            error = std::move(inner.error);
        }
    }
    void texts(std::string_view name, const std::vector<std::string> &values, TextCheck check) {
        for (std::size_t i = 0; i < values.size() && !error; ++i) keep(check(values[i], at(join(path_, name), i)));
    }

    std::optional<Error> error;

private:
    void keep(Result<void> result) {
        if (!result.ok()) error = std::move(result).error();
    }
    std::string path_;
};

// Refuses the second of two equal values. `text_of` gives what is compared; an empty one is not.
template <class T, class TextOf>
Result<void> check_distinct(const std::vector<T> &values, const std::string &path, std::string_view member,
                            TextOf text_of) {
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::string text = text_of(values[i]);
        const auto found = text.empty() ? seen.end() : std::find(seen.begin(), seen.end(), text);
        const auto field = [&](std::size_t index) {
            return member.empty() ? at(path, index) : join(at(path, index), member);
        };
        if (found != seen.end())
            return invalid(field(i), "is the same as " + field(static_cast<std::size_t>(found - seen.begin())));
        seen.push_back(std::move(text));
    }
    return {};
}

// Two ways to write one address are one address; the checks before made sure that it is one.
std::string address_key(const std::string &text) {
    auto address = crypto::parse_address(text, {});
    return address.ok() ? to_hex(*address) : text;
}

Result<void> check_unique(const EngineOptions &options) {
    const auto &chains = options.chains;
    REMIT_CHECK(check_distinct(chains, "chains", "id", [](const ChainOptions &c) { return std::to_string(c.id); }));
    REMIT_CHECK(check_distinct(chains, "chains", "name", [](const ChainOptions &c) { return c.name; }));
    for (std::size_t i = 0; i < chains.size(); ++i) {
        const std::string path = at("chains", i);
        const auto &tokens = chains[i].tokens;
        REMIT_CHECK(check_distinct(tokens, path + ".tokens", "symbol", [](const TokenOptions &t) { return t.symbol; }));
        REMIT_CHECK(check_distinct(tokens, path + ".tokens", "address",
                                   [](const TokenOptions &t) { return address_key(t.address); }));
        REMIT_CHECK(check_distinct(chains[i].senders, path + ".senders", {}, address_key));
        for (std::size_t t = 0; t < tokens.size(); ++t)
            if (tokens[t].gas != 0 && tokens[t].gas < 21'000)
                return invalid(at(path + ".tokens", t) + ".gas", "must be 0 (estimated) or at least 21000");
    }
    return {};
}

}  // namespace

Result<EngineOptions> engine_options_from_json(std::string_view json) {
    REMIT_TRY(const Json document, Json::parse(json, "$"));
    EngineOptions options;
    REMIT_CHECK(Reader::read(document, {}, options));
    for (ChainOptions &chain : options.chains)
        if (chain.name.empty() && chain.id != 0) chain.name = "chain-" + std::to_string(chain.id);
    REMIT_CHECK(validate(options));
    return options;
}

Result<EngineOptions> engine_options_from_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        const int reason = errno;
        return Error{reason == ENOENT ? Status::not_found : Status::invalid, path,
                     std::string("cannot be read: ") + std::strerror(reason)};
    }
    std::string text(kMaxFile + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return invalid(path, "cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFile) return invalid(path, "is larger than 1 MiB");
    if (text.compare(0, 3, "\xef\xbb\xbf") == 0) text.erase(0, 3);
    return engine_options_from_json(text);
}

Result<void> engine_options_from_environment(EngineOptions &options,
                                             const std::function<const char *(const char *)> &get) {
    const auto text = [&get](const char *name, TextCheck check, std::string &out) -> Result<void> {
        const char *value = get(name);
        if (value == nullptr || *value == '\0') return {};
        REMIT_CHECK(check(value, name));
        out = value;
        return {};
    };
    REMIT_CHECK(text("REMIT_DATABASE", engine::check_database, options.database));
    REMIT_CHECK(text("REMIT_LOG_LEVEL", engine::check_log_level, options.log_level));
    REMIT_CHECK(text("REMIT_PASSWORD_FILE", engine::check_path, options.password_file));
    REMIT_CHECK(text("REMIT_PROXY", engine::check_proxy, options.proxy));
    REMIT_CHECK(text("REMIT_CA_FILE", engine::check_path, options.ca_file));
    if (options.ca_file.empty()) REMIT_CHECK(text("SSL_CERT_FILE", engine::check_path, options.ca_file));
    std::string rpc;
    REMIT_CHECK(text("REMIT_RPC", engine::check_rpc, rpc));
    if (!rpc.empty() && options.chains.size() != 1)
        return invalid("REMIT_RPC",
                       "needs exactly one configured chain; there are " + std::to_string(options.chains.size()));
    if (!rpc.empty()) options.chains[0].rpc = std::move(rpc);
    if (const char *mode = get("REMIT_MIGRATE"); mode != nullptr && *mode != '\0') {
        REMIT_TRY(options.migrate, Reader::migrate_from_text(mode, "REMIT_MIGRATE"));
    }
    return {};
}

Result<void> validate(const EngineOptions &options) {
    Checker checker({});
    each_field(checker, options);
    if (checker.error) return *std::move(checker.error);
    if (!options.schema.empty() && !engine::is_postgres_url(options.database))
        return invalid("schema", "is for PostgreSQL only, and database is a file");
    return check_unique(options);
}

std::string to_json(const EngineOptions &options) {
    JsonWriter json;
    Writer(json).write(options);
    return json.take();
}

}  // namespace remit
