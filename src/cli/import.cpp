// payout import: a CSV file becomes payouts. Read twice: first everything is checked and totalled, then, after
// a yes, enqueued. Nothing is imported when any row is refused.
#include "cli/csv.hpp"
#include "cli/payout_text.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <unordered_map>

namespace remit::cli {
namespace {

constexpr std::size_t kCall = 10'000;
constexpr std::int64_t kMaxRows = 1'000'000;

struct ImportArguments {
    std::string file, token, chain, tenant;
    bool yes = false;
};

struct Total {
    u256 amount;
    int decimals = 0;
    std::int64_t count = 0;
};
struct Preview {
    std::int64_t rows = 0;
    std::map<std::pair<std::uint64_t, std::string>, Total> totals;  // by chain and token
};

std::string place(std::int64_t line, std::string_view column) {
    return "line " + std::to_string(line) + ", column " + std::string(column);
}

// The file's columns, and its rows one by one as requests.
class PayoutFile {
public:
    static Result<PayoutFile> open(const EngineOptions &options, const ImportArguments &arguments) {
        REMIT_TRY(CsvFile csv, CsvFile::open(arguments.file));
        PayoutFile file(options, arguments, std::move(csv));
        REMIT_CHECK(file.header());
        return file;
    }
    Result<void> rewind() {
        REMIT_CHECK(csv_.rewind());
        return header();
    }
    // False at the end.
    Result<bool> next(PayoutRequest &request) {
        REMIT_TRY(const bool more, csv_.next(record_));
        if (!more) return false;
        if (record_.cells.size() != columns_.size())
            return invalid("line " + std::to_string(record_.line), "has " + std::to_string(record_.cells.size()) +
                                                                       " cells; the header has " +
                                                                       std::to_string(columns_.size()));
        PayoutText text;
        text.token = arguments_.token;
        text.chain = arguments_.chain;
        text.tenant = arguments_.tenant;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (!record_.cells[i].empty()) text.*columns_[i]->member = std::move(record_.cells[i]);
        auto read = request_from_text(options_, text, coin_);
        if (!read) return invalid(place(record_.line, read.error().field), read.error().text);
        request = *std::move(read);
        return true;
    }
    std::int64_t line() const noexcept { return record_.line; }
    const Coin &coin() const noexcept { return coin_; }

private:
    PayoutFile(const EngineOptions &options, const ImportArguments &arguments, CsvFile csv) :
        options_(options), arguments_(arguments), csv_(std::move(csv)) {}

    Result<void> header() {
        columns_.clear();
        const auto known = payout_columns();
        REMIT_TRY(const bool more, csv_.next(record_));
        if (!more) return invalid(arguments_.file, "is empty; its first line names the columns");
        for (const std::string &cell : record_.cells) {
            const auto found = std::find_if(known.begin(), known.end(), [&](const auto &c) { return c.name == cell; });
            if (found == known.end()) return invalid("line 1", "'" + cell + "' is not the name of a column");
            if (std::find(columns_.begin(), columns_.end(), &*found) != columns_.end())
                return invalid(place(record_.line, cell), "is there twice");
            columns_.push_back(&*found);
        }
        for (const PayoutColumn &column : known)
            if (column.required && std::find(columns_.begin(), columns_.end(), &column) == columns_.end())
                return invalid(place(record_.line, column.name), "is missing");
        return {};
    }

    const EngineOptions &options_;
    const ImportArguments &arguments_;
    CsvFile csv_;
    std::vector<const PayoutColumn *> columns_;
    CsvRecord record_;
    Coin coin_;
};

Result<Preview> look_through(PayoutFile &file) {
    Preview preview;
    std::unordered_map<std::string, std::int64_t> seen;
    PayoutRequest request;
    for (;;) {
        REMIT_TRY(const bool more, file.next(request));
        if (!more) break;
        if (++preview.rows > kMaxRows)
            return invalid(place(file.line(), "external_id"), "is row 1,000,001; split the file");
        const auto [there, fresh] = seen.emplace(request.tenant + '\0' + request.external_id, file.line());
        if (!fresh)
            return invalid(place(file.line(), "external_id"),
                           "is the same as in line " + std::to_string(there->second));
        Total &total = preview.totals[{request.chain_id, request.token}];
        auto sum = add(total.amount, request.amount);
        if (!sum) return invalid(place(file.line(), "amount"), "makes a total beyond 2^256");
        total = {*std::move(sum), file.coin().decimals, total.count + 1};
    }
    if (preview.rows == 0) return invalid("line 2", "there is no row below the header");
    return preview;
}

void show(const Session &session, const Preview &preview, const std::string &file) {
    session.out.line(file + ": " + grouped(preview.rows) + (preview.rows == 1 ? " payout" : " payouts"));
    std::vector<std::vector<std::string>> rows = {{"CHAIN", "TOKEN", "PAYOUTS", "TOTAL"}};
    for (const auto &[what, total] : preview.totals)
        rows.push_back({std::to_string(what.first), what.second, grouped(total.count),
                        to_text(TokenAmount{total.amount, total.decimals})});
    session.out.table("rlrr", rows);
    if (preview.rows > static_cast<std::int64_t>(kCall))
        session.out.line("They are taken in calls of 10,000, each all or nothing. Should one fail, run the same import "
                         "again: rows taken before are known by their id and not paid twice.");
}

// An error of the engine says "[17].amount"; the row's line says more.
Error in_file(Error error, const std::vector<std::int64_t> &lines, std::int64_t taken) {
    const std::size_t end = error.field.find(']');
    if (!error.field.empty() && error.field[0] == '[' && end != std::string::npos) {
        const std::size_t index = std::strtoul(error.field.c_str() + 1, nullptr, 10);
        const std::string column = end + 2 < error.field.size() ? error.field.substr(end + 2) : "external_id";
        if (index < lines.size()) error.field = place(lines[index], column == "chain_id" ? "chain" : column);
    }
    if (taken > 0)
        error.text += "; the " + grouped(taken) + " rows before were taken, and the same import may be run again";
    return error;
}

struct Taken {
    std::int64_t created = 0, repeated = 0;
};

Result<Taken> enqueue(PayoutFile &file, Engine &engine) {
    Taken taken;
    for (bool more = true; more;) {
        std::vector<PayoutRequest> requests;
        std::vector<std::int64_t> lines;
        PayoutRequest request;
        while (requests.size() < kCall) {
            REMIT_TRY(more, file.next(request));
            if (!more) break;
            requests.push_back(std::move(request));
            lines.push_back(file.line());
        }
        if (requests.empty()) break;
        auto accepted = engine.payouts().enqueue(requests);
        if (!accepted) return in_file(std::move(accepted).error(), lines, taken.created + taken.repeated);
        for (const PayoutAccepted &one : *accepted) ++(one.created ? taken.created : taken.repeated);
    }
    return taken;
}

void write_json(const Session &session, const Preview &preview, const Taken &taken) {
    core::JsonWriter doc;
    doc.begin_object().field("rows", preview.rows).field("created", taken.created).field("repeated", taken.repeated);
    doc.key("totals").begin_array();
    for (const auto &[what, total] : preview.totals) {
        doc.begin_object().field("chain_id", what.first).field("token", what.second).field("count", total.count);
        doc.field("amount", to_decimal(total.amount)).field("decimals", total.decimals).end_object();
    }
    doc.end_array().end_object();
    session.out.line(doc.text());
}

Result<Exit> import(Session &session, const ImportArguments &arguments) {
    REMIT_TRY(const EngineOptions *options, session.options());
    REMIT_TRY(PayoutFile file, PayoutFile::open(*options, arguments));
    REMIT_TRY(const Preview preview, look_through(file));
    if (!session.out.json) show(session, preview, arguments.file);
    if (!arguments.yes && (session.out.json || !can_ask())) {
        session.out.error(invalid("--yes", "is required where nobody can be asked; nothing was imported"));
        return Exit::usage;
    }
    if (!arguments.yes && !ask_yes("Import " + grouped(preview.rows) + " payouts?")) {
        session.out.line("Nothing was imported.");
        return Exit::ok;
    }
    REMIT_TRY(Engine *const engine, session.engine());
    REMIT_CHECK(file.rewind());
    REMIT_TRY(const Taken taken, enqueue(file, *engine));
    if (session.out.json)
        write_json(session, preview, taken);
    else
        session.out.line("Imported " + grouped(taken.created) + "; " + grouped(taken.repeated) +
                         " were there already.");
    return Exit::ok;
}

}  // namespace

void add_import(CLI::App &payout, Action &chosen) {
    auto arguments = std::make_shared<ImportArguments>();
    CLI::App *verb = payout.add_subcommand("import", "Accept the payouts of a CSV file, after a preview");
    verb->add_option("FILE", arguments->file,
                     "Header: external_id,to,amount[,token,chain,priority,not_before,deadline,"
                     "tenant,from]")
        ->required();
    verb->add_option("--token", arguments->token, "Where the file says none");
    verb->add_option("--chain", arguments->chain, "Where the file says none");
    verb->add_option("--tenant", arguments->tenant, "Where the file says none");
    verb->add_flag("-y,--yes", arguments->yes, "Do not ask");
    verb->callback([&chosen, arguments] { chosen = [arguments](Session &s) { return import(s, *arguments); }; });
}

}  // namespace remit::cli
