// The module. It has no state of its own: the same file serves several environments of one process, and what an
// environment has hangs on its handles and pumps. No static has a destructor, for exit() runs them under running
// threads.
#include "glue/tables.hpp"
#include "pump.hpp"

namespace remit::node {
namespace {

bool add(napi_env env, napi_value exports, const Table &table) noexcept {
    for (std::size_t i = 0; i < table.count; ++i) {
        const Entry &entry = table.entries[i];
        napi_value function = nullptr;
        if (napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.call, nullptr, &function) != napi_ok ||
            napi_set_named_property(env, exports, entry.name, function) != napi_ok)
            return false;
    }
    return true;
}

napi_value init(napi_env env, napi_value exports) noexcept {
    for (const Table &table : glue_tables())
        if (!add(env, exports, table)) return nullptr;
    return add(env, exports, pump_calls()) ? exports : nullptr;
}

}  // namespace
}  // namespace remit::node

NAPI_MODULE_INIT() {
    return remit::node::init(env, exports);
}
