// Opens an engine with what the host gave; the simulated world opens its own the same way.
#pragma once

#include "capi/handles.hpp"

#include <functional>

namespace remit::capi {

using OpenEngine = std::function<Result<std::shared_ptr<Engine>>(EngineOptions, EnginePorts)>;

Result<remit_engine *> open(Result<EngineOptions> config, const remit_engine_options *given,
                            const OpenEngine &open_engine);

}  // namespace remit::capi
