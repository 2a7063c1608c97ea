// Any document: read or refused. What was read can be written, and reads as the same.
#include "fuzz.hpp"

#include "core/json.hpp"

using namespace remit;
using namespace remit::core;

namespace {

void write(JsonWriter &out, const Json &json) {
    switch (json.kind()) {
    case Json::Kind::null: out.null(); break;
    case Json::Kind::boolean: out.value(json.boolean()); break;
    case Json::Kind::number: out.raw(json.text()); break;
    case Json::Kind::string: out.value(json.text()); break;
    case Json::Kind::array:
        out.begin_array();
        for (const Json &item : json.items()) write(out, item);
        out.end_array();
        break;
    case Json::Kind::object:
        out.begin_object();
        for (const auto &[name, item] : json.members()) write(out.key(name), item);
        out.end_object();
        break;
    }
}

std::string written(const Json &json) {
    JsonWriter out;
    write(out, json);
    return out.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const auto read = Json::parse(fuzz::text_of(data, size));
    if (!read.ok()) return 0;
    const std::string once = written(*read);
    const auto again = Json::parse(once);
    fuzz::must(again.ok() && written(*again) == once);
    return 0;
}
