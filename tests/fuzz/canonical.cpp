// Any document as canonical JSON, whole and with a path of the input's: what is taken comes out as JSON that is its own
// canonical form, with no more members than before, and every amount is still there.
#include "fuzz.hpp"

#include "core/canonical.hpp"
#include "core/json.hpp"

using namespace remit;
using namespace remit::core;

namespace {

std::size_t amounts(const Json &json) {
    std::size_t count = 0;
    for (const Json &item : json.items()) count += amounts(item);
    for (const auto &[name, item] : json.members()) count += amounts(item) + (name == "amount" ? 1U : 0U);
    return count;
}

void check(std::string_view text, std::span<const std::string> include, std::span<const std::string> exclude) {
    const auto out = canonical_json(text, include, exclude);
    if (!out.ok()) {
        fuzz::must(out.status() == Status::invalid && !out.error().field.empty() && !out.error().text.empty());
        return;
    }
    const auto again = canonical_json(*out);
    fuzz::must(again.ok() && *again == *out);
    const auto before = Json::parse(text), after = Json::parse(*out);
    fuzz::must(before.ok() && after.ok() && amounts(*before) == amounts(*after));
}

}  // namespace

// A path may stand before the document, with a line's end between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check(text, {}, {});
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return 0;
    const std::string path[] = {std::string(text.substr(0, end))};
    check(text.substr(end + 1), path, {});
    check(text.substr(end + 1), {}, path);
    return 0;
}
