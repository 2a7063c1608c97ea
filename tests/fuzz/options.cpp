// Any configuration: taken or refused with a field. What was taken is written and taken again as the same.
#include "fuzz.hpp"

#include <remit/engine.hpp>

using namespace remit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto options = engine_options_from_json(fuzz::text_of(data, size));
    if (!options.ok()) {
        fuzz::must(options.status() == Status::invalid && !options.error().text.empty());
        return 0;
    }
    const std::string once = to_json(*options);
    const auto again = engine_options_from_json(once);
    fuzz::must(again.ok() && to_json(*again) == once);
    return 0;
}
